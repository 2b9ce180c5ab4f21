"""D3GM's gates: a to c (laws.py), d (above zero-filled, little spread over draws), e (what a change of sampling or of steps costs).

python -m baselines.d3gm.gates            measures over three seeds; trains what is missing in var/gates
python -m baselines.d3gm.gates --record   also writes what was measured into baseline.yaml

a to c are about the process alone. d is about the board's weights, trained on every acceleration factor. e trains D3GM and its rivals on factor 4 alone, with one
network, plan and data, and is told as measured: it decides nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
import torch
import yaml
from torch import Tensor

from baselines.cine import report
from baselines.cine.gate_scans import Case, cases
from baselines.cine.gates import REGIONS, SEEDS, kspace_of_magnitude, measure
from baselines.cine.network import load_weights
from baselines.cine.run import Method
from baselines.cine.training import ROOT
from baselines.d3gm import laws
from baselines.d3gm.chain import Process
from baselines.d3gm.model import STEPS, Diffusion, combined, reconstruction
from baselines.d3gm.train import FOLDER, Job, keep, train
from baselines.zero_filled.model import reconstruct as zero_filled
from evaluators.metrics.image.psnr import psnr
from evaluators.phantoms.sizes import ACCELERATIONS
from evaluators.tasks.normalisation import by_own_maximum

DRAWS = range(5)
#: what the stability networks know, and the factor that they are then given
KNOWN, HARDER = 4, 8
BOUND = 10.0
#: rival, what should lose less than it, in words: the coupling at either width, and what else there is
_STABLER = (
    (Process.DECOUPLED_WIDE, Process.D3GM, "decoupled of the same tau - D3GM"),
    (Process.DECOUPLED, Process.OU, "decoupled - OU, both tau 1"),
    (Process.SCORE, Process.D3GM, "score SDE - D3GM"),
)
Scores = dict[str, float]


def board(seed: int) -> Job:
    """The training whose seed 0 stands in the container."""
    return Job(size="cpu", seed=seed)


def rival(process: Process, *, seed: int) -> Job:
    """A training for gate e, D3GM's own among them."""
    steps = yaml.safe_load((FOLDER / "baseline.yaml").read_text(encoding="utf-8"))["stability"]["steps"]
    return Job(size="cpu", process=process, factors=(KNOWN,), seed=seed, steps=steps)


def network(job: Job, *, folder: Path) -> Diffusion:
    """The network of one training, from `folder`, or trained now and kept there."""
    path = folder / f"d3gm-{job.process}-{'-'.join(map(str, job.factors))}-{job.seed}.safetensors"
    if not path.exists():
        trained = train(job, say=lambda line: print(f"{path.stem}: {line}", flush=True))
        keep(trained, job=job, path=path)
    return load_weights(path=path, build=Diffusion)


@cache
def some_cases(subjects: int) -> tuple[Case, ...]:
    """Phantom scans for the draws and for gate e."""
    return tuple(cases(subjects=subjects, real=0))


def fidelity(method: Method, case: Case) -> float:
    """PSNR of a case's whole frames in dB, each volume over its own maximum as the board does."""
    pair = [by_own_maximum(image.transpose(3, 2, 1, 0)).volume for image in (method(case.scan), case.reference)]
    return float(np.mean(psnr(*pair)))


def spread_over_draws(diffusion: Diffusion, *, subjects: int) -> float:
    """The largest deviation of one case's PSNR over sampling seeds, in dB."""
    methods = [reconstruction(diffusion, seed=seed) for seed in DRAWS]
    return max(stdev([fidelity(method, case) for method in methods]) for case in some_cases(subjects))


def stability(diffusion: Diffusion, *, subjects: int) -> Scores:
    """PSNR at the known factor, what the harder factor and twice the steps cost, and the largest |x| of every walk."""
    reached: list[float] = []

    def watch(state: Tensor) -> None:
        reached.append(float(state.abs().max()))

    usual, finer = (reconstruction(diffusion, steps=steps, watch=watch) for steps in (STEPS, 2 * STEPS))
    known, harder, twice = [], [], []
    for case in some_cases(subjects):
        if case.factor == KNOWN:
            known.append(fidelity(usual, case))
            twice.append(fidelity(finer, case))
        elif case.factor == HARDER:
            harder.append(fidelity(usual, case))
    return {
        "psnr": fmean(known),
        "harder": fmean(known) - fmean(harder),
        "steps": fmean(known) - fmean(twice),
        "largest": max(reached),
    }


def measure_seed(*, folder: Path, seed: int, counts: Mapping[str, int], few: int) -> Scores:
    """All numbers of one seed: the board's, the spread over draws, and each process's stability as e/<process>/<what>."""
    own = network(board(seed), folder=folder)
    found = measure(method=reconstruction(own), predicted=kspace_of_magnitude, **counts)
    found["d/draws"] = spread_over_draws(own, subjects=few)
    for process in Process:
        one = network(rival(process, seed=seed), folder=folder)
        found |= {f"e/{process}/{name}": value for name, value in stability(one, subjects=few).items()}
    return found


def gates(*, seeds: list[Scores], floor: Mapping[str, float], mean: Mapping[str, float]) -> Iterator[report.Gate]:
    """Gates d and e; the worst seed and factor decides. mean: of what the process starts from, which no network has seen."""

    def gate(name: str, value: float, limit: float = 0.0, *, decides: bool = True) -> report.Gate:
        return report.Gate(name=name, methods=("d3gm",), value=value, limit=limit, decides=decides)

    for region, (metric, limit) in product(REGIONS, (("psnr", 1.5), ("ssim", 0.0))):
        keys = [f"phantom/{metric}/{region}/af={factor}" for factor in ACCELERATIONS]
        value = min(seed[key] - floor[key] for seed in seeds for key in keys)
        yield gate(f"d: {metric.upper()} D3GM - zero-filled, {region}", value, limit)
        gained = min(seed[key] - mean[key] for seed in seeds for key in keys)
        yield gate(f"d: {metric.upper()} D3GM - the mean it starts from, {region}", gained, decides=False)
    yield gate("d: 0.5 dB - deviation of PSNR over 5 draws of a case", 0.5 - max(seed["d/draws"] for seed in seeds))
    for what, words in (("harder", f"from AF {KNOWN} to {HARDER}"), ("steps", "at twice the steps")):
        for other, own, title in _STABLER:
            value = min(seed[f"e/{other}/{what}"] - seed[f"e/{own}/{what}"] for seed in seeds)
            yield gate(f"e: PSNR lost {words}, {title}", value, decides=False)
    largest = max(seed[f"e/{Process.D3GM}/largest"] for seed in seeds)
    yield gate(f"e: {BOUND:g} - largest |x| of D3GM's walks", BOUND - largest, decides=False)


def main() -> None:
    """Measure, print, and with --record write into baseline.yaml."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=ROOT / "var" / "gates")
    parser.add_argument("--subjects", type=int, default=8)
    parser.add_argument("--real", type=int, default=3)
    parser.add_argument("--few", type=int, default=2, help="subjects for the draws and for gate e")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    counts = {"subjects": options.subjects, "real": options.real}
    seeds = [measure_seed(folder=options.weights, seed=seed, counts=counts, few=options.few) for seed in SEEDS]
    floor = measure(method=zero_filled, predicted=lambda scan, _: scan.kspace, **counts)
    mean = measure(method=combined, predicted=kspace_of_magnitude, **counts)
    measured: report.Measured = {"zero_filled": [floor], "d3gm": seeds}
    for line in report.table(measured):
        print(line)
    judged = [*report.gates(measured), *laws.gates(), *gates(seeds=seeds, floor=floor, mean=mean)]
    for gate in judged:
        print(gate)
    if options.record:
        report.record(
            measured=measured,
            cases={**counts, "few": options.few},
            methods=["d3gm"],
            judged=judged,
            command="baselines.d3gm.gates",
        )


if __name__ == "__main__":
    main()
