"""How one metric's values are spread over the cases, method by method, as far as single cases may be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assay.leaderboards.charts.chosen import method_of
from assay.leaderboards.ranking.aggregate import Values
from evaluators.contract.boards import BoardColumn, BoardRow
from evaluators.contract.charts import CaseSight, DistributionOut, DistributionPoint, DistributionRow

#: more dots than this are a blot, and are drawn as bins
MOST_POINTS = 300
#: a method with fewer values has no shape that bins could show without showing the values
FEWEST_BINNED = 8
BINS = 24
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_WHY_NONE = "How scores are spread over single cases is not shown for this phase."


def distribution_chart(
    *,
    column: BoardColumn,
    title: str,
    rows: Sequence[BoardRow],
    values: Mapping[str, Values],
    chosen: Sequence[int],
    sight: CaseSight,
) -> DistributionOut:
    """values: submission code -> one value or None a case. chosen: indexes of the cases that are looked at.

    `distribution` gives quantiles and bins alone, of methods with FEWEST_BINNED values or more; `table` the cases too, up to
    MOST_POINTS a method. Bins are the same for every method.
    """
    told = DistributionOut(
        sight=sight, key=column.key, title=title, unit=column.unit, better=column.better, digits=column.digits
    )
    if sight == "never":
        return told.model_copy(update={"reason": _WHY_NONE})
    kept = {row.submission: [(case, values[row.submission][case]) for case in chosen] for row in rows}
    there = {code: _array(pairs) for code, pairs in kept.items()}
    if sight == "distribution":
        there = {code: found if len(found) >= FEWEST_BINNED else found[:0] for code, found in there.items()}
    together = np.concatenate([*there.values(), np.zeros(0)])
    if not len(together):
        return told.model_copy(update={"reason": "There are too few values to show how they are spread."})
    edges = np.histogram_bin_edges(together, bins=BINS)
    return told.model_copy(
        update={
            "edges": edges.tolist(),
            "rows": [
                DistributionRow(
                    method=method_of(row),
                    cases=sum(value is not None for _, value in kept[row.submission]),
                    missing=sum(value is None for _, value in kept[row.submission]),
                    quantiles=np.quantile(found, QUANTILES).tolist() if len(found) else [],
                    counts=np.histogram(found, bins=edges)[0].tolist(),
                    points=_points(kept[row.submission]) if sight == "table" and len(found) <= MOST_POINTS else None,
                )
                for row in rows
                for found in [there[row.submission]]
            ],
        }
    )


def _array(pairs: Sequence[tuple[int, float | None]]) -> NDArray[np.float64]:
    return np.array([value for _, value in pairs if value is not None], dtype=np.float64)


def _points(pairs: Sequence[tuple[int, float | None]]) -> list[DistributionPoint]:
    return [DistributionPoint(case=case + 1, value=value) for case, value in pairs if value is not None]
