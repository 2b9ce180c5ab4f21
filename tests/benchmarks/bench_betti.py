"""Betti numbers of a mask and clDice of a pair, against gudhi, cripser and scikit-image.
`var/bench/venv/bin/python -m tests.benchmarks.bench_betti`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evaluators.metrics.labels.pair import LabelPair
from evaluators.metrics.topology import betti_numbers, cldice
from tests.benchmarks.harness import Contender, Disagreement, Row, compare, difference, main
from tests.golden.make_topology import Mask, cldice_row, cripser_betti, fields, gudhi_betti

SHAPE = (128, 128, 128)


def betti_rows() -> list[Row]:
    """One mask of blobs, both connectivities."""
    _, mask = fields(SHAPE, seed=3, width=9, change=2)
    return [row for connectivity in ("low", "high") for row in _betti(mask, connectivity=connectivity)]


def _betti(mask: Mask, *, connectivity: str) -> list[Row]:
    return compare(
        work=f"Betti numbers, 128x128x128, connectivity {connectivity}",
        ours=Contender(name="ours", run=lambda: list(betti_numbers(mask, connectivity=connectivity))),
        peers=[
            (Contender(name="gudhi CubicalComplex", run=lambda: gudhi_betti(mask, connectivity)), 400.0),
            (Contender(name="cripser computePH", run=lambda: cripser_betti(mask, connectivity)), 50.0),
        ],
        agreement=_same_numbers,
        threads=1,
    )


def _same_numbers(ours: Any, peer: Any) -> str:
    if ours != peer:
        raise Disagreement(f"Betti numbers {ours} and {peer}")
    return f"equal: {', '.join(map(str, ours))}"


def cldice_rows() -> list[Row]:
    """Two skeletons in three axes and the formula."""
    prediction, reference = fields((96, 96, 96), seed=14, width=7, change=2)
    pair = LabelPair(
        prediction=prediction.astype(np.uint8),
        reference=reference.astype(np.uint8),
        classes=(1,),
        spacing=(1.0, 1.0, 1.0),
    )
    return compare(
        work="clDice, 96x96x96",
        ours=Contender(name="ours", run=lambda: float(cldice(pair)[0])),
        peers=[
            (
                Contender(name="scikit-image skeletonize", run=lambda: cldice_row({}, prediction, reference)["value"]),
                1.0,
            )
        ],
        agreement=lambda ours, peer: f"{difference(ours, peer, within=1e-12):.1e}",
        threads=1,
    )


def rows() -> list[Row]:
    """All of them."""
    return [*betti_rows(), *cldice_rows()]


if __name__ == "__main__":
    main(betti_rows, cldice_rows)
