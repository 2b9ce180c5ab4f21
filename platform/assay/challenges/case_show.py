"""What a phase shows of the scores of single cases, to whom and from when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Literal

from assay.challenges.dates import AT_ONCE, parse_moment
from evaluators.contract.charts import SIGHTS, CaseSight

if TYPE_CHECKING:
    # a challenge file is read without the site, and this reads a part of it
    from assay.challenges.models import Phase


def read_case_show(written: str | Mapping[str, str], *, zone: tzinfo) -> dict[str, str | None]:
    """`table`, or `{table: 2026-10-01}`, as it is stored: {sight, from}. Raises ValueError."""
    sight, day = (written, AT_ONCE) if isinstance(written, str) else next(iter(written.items()), ("", AT_ONCE))
    if sight not in SIGHTS or (not isinstance(written, str) and (len(written) != 1 or sight == "never")):
        raise ValueError(f"{str(written)[:60]!r} says nothing of single cases")
    since = None if day == AT_ONCE else parse_moment(day, zone=zone).isoformat()
    return {"sight": sight, "from": since}


def shown_of_cases(phase: Phase, *, who: Literal["team", "public"], now: datetime) -> CaseSight:
    """What `who` may see of single cases at `now`. Where the file says nothing: everything of public data, nothing of hidden."""
    rule = phase.case_show.get(who)
    if rule is None:
        return "table" if phase.ranked.is_public else "never"
    if rule["from"] is not None and now < datetime.fromisoformat(rule["from"]):
        return "never"
    return next(sight for sight in SIGHTS if sight == rule["sight"])


def words_of_cases(phase: Phase, *, who: Literal["team", "public"]) -> tuple[str, datetime | None]:
    """What a page says of it: the sight, and from when; None: at once."""
    rule = phase.case_show.get(who)
    if rule is None:
        return ("table" if phase.ranked.is_public else "never"), None
    return rule["sight"], None if rule["from"] is None else datetime.fromisoformat(rule["from"])
