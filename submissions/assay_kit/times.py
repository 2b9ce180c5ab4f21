"""One moment in the three clocks that a deadline is read in: UTC, AoE ("anywhere on earth") and the reader's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

#: the last place where a date still holds: UTC-12
AOE = timezone(timedelta(hours=-12), "AoE")
_FORM = "%Y-%m-%d %H:%M"


def moment(when: datetime | None) -> str:
    """`when` (aware) in all three, or `no date`."""
    if when is None:
        return "no date"
    utc, here = when.astimezone(UTC), when.astimezone()
    return f"{utc:{_FORM}} UTC = {when.astimezone(AOE):{_FORM}} AoE = {here:{_FORM}} here"
