"""The state of a board page, which lives in its address: every view of a board can be linked to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import QueryDict

#: rows that an address pins at most
_PINS = 20


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
    #: codes of entries that stay in sight, in their order
    pins: tuple[str, ...] = ()
    #: from 1
    page: int = 1

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
            pins=tuple(dict.fromkeys(code.upper()[:12] for code in query.getlist("pin") if code))[:_PINS],
            page=_number(query.get("page", "")),
        )

    def changed(self, **changes: object) -> str:
        """The address of the same view with some of it changed; defaults are left out, and another view begins at its page 1."""
        return replace(self, **{"page": 1, **changes}).url()  # type: ignore[arg-type]

    def pinned(self, code: str) -> str:
        """The address of the same page with one row more in sight, or one less."""
        pins = tuple(one for one in self.pins if one != code)
        return replace(self, pins=pins if code in self.pins else (*pins, code)[-_PINS:]).url()

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
            *(("pin", code) for code in self.pins),
            ("page", str(self.page) if self.page > 1 else ""),
        )
        return [(name, value) for name, value in wanted if value]


def _number(text: str) -> int:
    """A page; the first for any other word."""
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) <= 6 and int(text) > 0 else 1
