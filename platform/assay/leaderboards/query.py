"""The state of a board page, which lives in its address: every view of a board can be linked to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import QueryDict


@dataclass(frozen=True, kw_only=True)
class BoardQuery:
    """What a reader asked of a board. Unknown words fall back to the default; the view drops unknown keys."""

    #: such as `af=4`; empty is all cases
    stratum: str = ""
    all_columns: bool = False
    baselines: bool = True
    #: a metric's key, `rank`, `method`, `pace`, `memory` or `cases`; empty is by rank
    sort: str = ""
    reverse: bool = False
    find: str = ""
    #: the one metric that a phone shows
    metric: str = ""
    #: on a phone: scroll sideways through everything instead
    wide: bool = False
    #: metric and stratum name of the chart
    chart: str = ""
    by: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> BoardQuery:
        """From the address."""
        sort = query.get("sort", "")
        return cls(
            stratum=query.get("stratum", ""),
            all_columns=query.get("columns") == "all",
            baselines=query.get("baselines") != "hide",
            sort=sort.removeprefix("-"),
            reverse=sort.startswith("-"),
            find=query.get("find", "").strip()[:80],
            metric=query.get("metric", ""),
            wide=query.get("wide") == "yes",
            chart=query.get("chart", ""),
            by=query.get("by", ""),
        )

    def changed(self, **changes: object) -> str:
        """The address of the same view with some of it changed; defaults are left out."""
        return replace(self, **changes).url()  # type: ignore[arg-type]

    def url(self) -> str:
        """`?…`, or `?` alone for the plain board."""
        return "?" + urlencode(self.pairs())

    def pairs(self) -> list[tuple[str, str]]:
        """What differs from the plain board, in a fixed order."""
        wanted = (
            ("stratum", self.stratum),
            ("columns", "all" if self.all_columns else ""),
            ("baselines", "" if self.baselines else "hide"),
            ("sort", ("-" if self.reverse else "") + self.sort if self.sort else ""),
            ("find", self.find),
            ("metric", self.metric),
            ("wide", "yes" if self.wide else ""),
            ("chart", self.chart),
            ("by", self.by),
        )
        return [(name, value) for name, value in wanted if value]
