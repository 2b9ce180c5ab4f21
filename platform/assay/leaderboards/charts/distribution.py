"""How one metric's values are spread over the cases, method by method, as far as single cases may be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.boards import BoardColumn
from evaluators.contract.charts import CaseSight, ChartMethod, DistributionOut, DistributionPoint, DistributionRow

#: (index of a case, its value or None)
CaseValues = Sequence[tuple[int, float | None]]

#: more dots than this are a blot, and are drawn as bins
MOST_POINTS = 300
#: a method with fewer values has no shape that bins could show without showing the values
FEWEST_BINNED = 8
BINS = 24
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_WHY_NONE = "How scores are spread over single cases is not shown for this phase."
_WHY_OWN = "Of the methods of others it is not shown how their scores are spread over single cases."
_WHY_FEW = "There are too few values to show how they are spread."


def distribution_chart(
    *,
    column: BoardColumn,
    title: str,
    methods: Sequence[ChartMethod],
    pairs: Mapping[str, CaseValues],
    sights: Mapping[str, CaseSight],
    sight: CaseSight,
) -> DistributionOut:
    """pairs: submission code -> cases and their values. sights: code -> what may be seen of its cases. sight: of others' methods.

    `never` leaves a method out, `distribution` gives quantiles and bins alone, of methods with FEWEST_BINNED values or more;
    `table` the cases too, up to MOST_POINTS a method. Bins are the same for every method.
    """
    told = DistributionOut(
        sight=sight, key=column.key, title=title, unit=column.unit, better=column.better, digits=column.digits
    )
    seen = [one for one in methods if sights[one.submission] != "never"]
    if len(seen) < len(methods):
        told = told.model_copy(update={"reason": _WHY_OWN if seen else _WHY_NONE})
    there = {one.submission: _array(pairs[one.submission]) for one in seen}
    for code, found in there.items():
        if sights[code] == "distribution" and len(found) < FEWEST_BINNED:
            there[code] = found[:0]
    together = np.concatenate([*there.values(), np.zeros(0)])
    if not len(together):
        return told.model_copy(update={"reason": told.reason or _WHY_FEW})
    edges = np.histogram_bin_edges(together, bins=BINS)
    rows = [
        _row(one, pairs[one.submission], found=there[one.submission], edges=edges, sight=sights[one.submission])
        for one in seen
    ]
    return told.model_copy(update={"edges": edges.tolist(), "rows": rows})


def _row(
    method: ChartMethod,
    pairs: CaseValues,
    *,
    found: NDArray[np.float64],
    edges: NDArray[np.float64],
    sight: CaseSight,
) -> DistributionRow:
    missing = sum(value is None for _, value in pairs)
    return DistributionRow(
        method=method,
        sight=sight,
        cases=len(pairs) - missing,
        missing=missing,
        quantiles=np.quantile(found, QUANTILES).tolist() if len(found) else [],
        counts=np.histogram(found, bins=edges)[0].tolist(),
        points=_points(pairs) if sight == "table" and len(found) <= MOST_POINTS else None,
    )


def _array(pairs: CaseValues) -> NDArray[np.float64]:
    return np.array([value for _, value in pairs if value is not None], dtype=np.float64)


def _points(pairs: CaseValues) -> list[DistributionPoint]:
    return [DistributionPoint(case=case + 1, value=value) for case, value in pairs if value is not None]
