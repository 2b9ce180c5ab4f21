"""Trains D3GM, or a rival with the same network, steps and data: python -m baselines.d3gm.train --size cpu --seed 0.

--process ou|decoupled|decoupled_wide|score --factors 4 makes a rival that the gates compare; it goes to var/trained.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor

from baselines.cine.command import destination, say_where, training_options
from baselines.cine.data import TRAINING_SEED
from baselines.cine.fit import Trained, fit
from baselines.cine.network import mixed_precision, save_weights
from baselines.cine.training import MATRICES, ROOT, Plan, SizeName, checkpointed, sizes_of
from baselines.d3gm.chain import Process
from baselines.d3gm.data import Pairs, training_pairs
from baselines.d3gm.model import Diffusion
from evaluators.phantoms.sizes import ACCELERATIONS

FOLDER = ROOT / "baselines" / "d3gm"


@dataclass(frozen=True, kw_only=True)
class Job:
    """One training: what it is of, which acceleration factors it sees, and its steps where they are not its size's own."""

    size: SizeName
    process: Process = Process.D3GM
    factors: tuple[int, ...] = ACCELERATIONS
    seed: int = 0
    steps: int | None = None

    @property
    def plan(self) -> Plan:
        """How long it is trained."""
        plan = sizes_of(folder="d3gm", size=self.size)[1]
        return plan if self.steps is None else replace(plan, steps=self.steps)

    @property
    def command(self) -> str:
        """What makes these weights again."""
        words = [f"python -m baselines.d3gm.train --size {self.size} --seed {self.seed}"]
        words += [] if self.process is Process.D3GM else [f"--process {self.process}"]
        words += [] if self.factors == ACCELERATIONS else ["--factors", *map(str, self.factors)]
        words += [] if self.steps is None else [f"--steps {self.steps}"]
        return " ".join(words)

    @property
    def rival(self) -> str:
        """What it is where it is not the method on all factors in all its steps; else empty."""
        own = replace(self, process=Process.D3GM, factors=ACCELERATIONS, steps=None)
        return "" if self == own else f"{self.process}-{'-'.join(map(str, self.factors))}"

    @property
    def build(self) -> dict[str, Any]:
        """Keywords of Diffusion: the processes' numbers, one set for all, and the network of one size."""
        document = yaml.safe_load((FOLDER / "baseline.yaml").read_text(encoding="utf-8"))
        return {"process": self.process.value, **document["process"], **sizes_of(folder="d3gm", size=self.size)[0]}


def train(job: Job, *, say: Callable[[str], None]) -> Trained:
    """Train from scratch; the seed fixes all of it.

    On a GPU where there is one. Mixed precision and checkpointing are the plan's.
    """
    plan, start = job.plan, time.monotonic()
    torch.manual_seed(job.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net = Diffusion(**job.build).to(device)
    pairs = training_pairs(subjects=plan.subjects, shapes=plan.shapes, size=MATRICES[job.size]).of(job.factors)
    say(f"{len(pairs.mean)} pairs at acceleration {job.factors} after {time.monotonic() - start:.0f} s")
    noise = torch.Generator().manual_seed(job.seed)

    def losses() -> Iterator[Callable[[], Tensor]]:
        for pair in pairs.batches(steps=plan.steps, batch=plan.batch, seed=job.seed):

            def loss(pair: Pairs = pair) -> Tensor:
                with mixed_precision(device, wanted=plan.mixed_precision):
                    return net.loss(pair.clean.to(device), mean=pair.mean.to(device), generator=noise)

            yield loss

    with checkpointed(net.net) if plan.checkpointing else nullcontext():
        return fit(net=net, losses=losses(), steps=plan.steps, rate=plan.rate, started=start, say=say)


def keep(trained: Trained, *, job: Job, path: Path) -> None:
    """Write the weights with a note on what made them."""
    plan = job.plan
    note = {
        "command": job.command,
        "data": f"{plan.subjects} phantom subjects and {plan.shapes} of random shapes at acceleration {list(job.factors)}, "
        f"public seed {TRAINING_SEED}, {asdict(MATRICES[job.size])}",
        "final_loss": round(trained.last_loss, 4),
        "seconds": round(trained.seconds),
        **asdict(plan),
    }
    save_weights(path=path, net=trained.net, sizes=job.build, note=note)
    say_where(path=path, note=note)


def main(words: Sequence[str] | None = None) -> None:
    """Command line: trains one size with one seed and writes its weights."""
    parser = training_options(sizes=MATRICES, description=__doc__)
    parser.add_argument("--process", type=Process, choices=list(Process), default=Process.D3GM)
    parser.add_argument("--factors", type=int, nargs="+", choices=ACCELERATIONS, default=ACCELERATIONS)
    parser.add_argument("--steps", type=int)
    options = parser.parse_args(words)
    torch.set_num_threads(options.threads)
    job = Job(
        size=options.size,
        process=options.process,
        factors=tuple(options.factors),
        seed=options.seed,
        steps=options.steps,
    )
    path = destination(folder=FOLDER.name, size=job.size, asked=options.to, rival=job.rival)
    keep(train(job, say=lambda line: print(line, flush=True)), job=job, path=path)


if __name__ == "__main__":
    main()
