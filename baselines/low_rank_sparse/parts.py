"""What each part of L+S does on mapping contrasts and with one coil, measured into the README.

python -m baselines.low_rank_sparse.parts            prints the table
python -m baselines.low_rank_sparse.parts --record   also writes it into README.md
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import fmean

import numpy as np

from baselines.cg_sense.model import reconstruct as cg_sense
from baselines.cine.data import GATE_SEED
from baselines.cine.io import Scan
from baselines.cine.run import Method
from baselines.cine.sense import slice_by_slice
from baselines.low_rank_sparse.model import reconstruct, separate
from baselines.zero_filled.model import reconstruct as zero_filled
from evaluators.metrics.image.ssim import ssim
from evaluators.phantoms.cine import acquire, simulate_subject
from evaluators.phantoms.encoding import root_sum_of_squares
from evaluators.phantoms.mapping import simulate_mapping
from evaluators.phantoms.randomness import stream
from evaluators.phantoms.scan import Scan as Simulated
from evaluators.phantoms.scan import combine_coils
from evaluators.phantoms.sizes import DEMO, CineSize, View, Weighting
from evaluators.tasks.normalisation import by_own_maximum

FACTORS = (4, 8)
BEGIN, END = "<!-- written by `python -m baselines.low_rank_sparse.parts --record` -->", "<!-- end of the table -->"
#: a threshold that nothing passes: the part is left out
_OUT = 10.0


def _alone(**thresholds: float) -> Method:
    return lambda scan: slice_by_slice(scan, solve=partial(separate, **thresholds))  # type: ignore[arg-type]


def _one_coil(scan: Simulated) -> Simulated:
    combined = combine_coils(scan)
    return replace(combined, kspace=combined.kspace[:, :, None])


METHODS: Mapping[str, Method] = {
    "zero-filled": zero_filled,
    "CG-SENSE": cg_sense,
    "L alone": _alone(sparse=_OUT),
    "S alone": _alone(low_rank=_OUT),
    "L+S": reconstruct,
}
SCANS: Mapping[str, Callable[[int, CineSize], Simulated]] = {
    "T1, multi-coil": lambda person, size: simulate_mapping(seed=GATE_SEED, subject=person, size=size)[Weighting.T1],
    "T2, multi-coil": lambda person, size: simulate_mapping(seed=GATE_SEED, subject=person, size=size)[Weighting.T2],
    "cine short axis, one coil": lambda person, size: _one_coil(
        simulate_subject(seed=GATE_SEED, subject=person, size=size)[View.SAX]
    ),
}


def measure(*, persons: int, size: CineSize) -> dict[tuple[str, str], list[float]]:
    """(scan, method) -> mean SSIM of whole frames at each of FACTORS."""
    found: dict[tuple[str, str], list[float]] = {}
    for name, simulate in SCANS.items():
        simulated = {person: simulate(person, size) for person in range(1, persons + 1)}
        for factor in FACTORS:
            values: dict[str, list[float]] = {}
            for person, scan in simulated.items():
                full, _ = acquire(scan=scan, acceleration=None, rng=stream(GATE_SEED, "parts", person, name, "full"))
                kspace, mask = acquire(
                    scan=scan, acceleration=factor, rng=stream(GATE_SEED, "parts", person, name, factor)
                )
                for title, method in METHODS.items():
                    pair = (method(Scan(kspace=kspace, mask=mask)), root_sum_of_squares(full))
                    volumes = [by_own_maximum(image.transpose(3, 2, 1, 0)).volume for image in pair]
                    values.setdefault(title, []).append(float(np.mean(ssim(*volumes))))
            for title, numbers in values.items():
                found.setdefault((name, title), []).append(fmean(numbers))
    return found


def table(found: Mapping[tuple[str, str], list[float]]) -> Iterator[str]:
    """Markdown: a row a scan, a column a method, SSIM at AF 4 / 8."""
    yield f"| scan | {' | '.join(METHODS)} |"
    yield "|---" * (len(METHODS) + 1) + "|"
    for name in SCANS:
        cells = (" / ".join(f"{value:.3f}" for value in found[name, title]) for title in METHODS)
        yield f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    """Measure and print; with --record write into the README."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=2)
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    lines = "\n".join(table(measure(persons=options.persons, size=DEMO)))
    print(lines)
    if options.record:
        path = Path(__file__).with_name("README.md")
        before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        path.write_text(f"{before}{BEGIN}\n\n{lines}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
