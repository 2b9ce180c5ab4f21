"""Dates as organisers write them: a day, or a day and a time, in the file's time zone unless they say otherwise."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

#: anywhere on earth: a day ends when it has ended everywhere
AOE = timezone(timedelta(hours=-12), "AoE")
AT_ONCE = "at-once"
_WRITTEN = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})(?:[ T](?P<time>\d{2}:\d{2})(?::(?P<seconds>\d{2}))?)?"
    r"(?:\s*(?P<zone>Z|UTC|AoE|[+-]\d{2}:?\d{2}))?"
)


def parse_zone(name: str) -> tzinfo:
    """`AoE`, `UTC`, an offset such as `+02:00`, or a name such as `Europe/Zurich`. Raises ValueError."""
    if name == "AoE":
        return AOE
    if name in {"UTC", "Z"}:
        return UTC
    if found := re.fullmatch(r"([+-])(\d{2}):?(\d{2})", name):
        offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
        if offset >= timedelta(hours=24):
            raise ValueError(f"{name!r} is no offset of a day")
        return timezone(-offset if found[1] == "-" else offset)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; write AoE, UTC, +02:00 or Europe/Zurich") from None


def parse_moment(text: str, *, zone: tzinfo, end: bool = False) -> datetime:
    """The moment in UTC.

    zone: where the text names none. end: whether a day without a time means its end, as in `until: 2026-09-25`.
    Raises ValueError saying how to write it.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no date; write 2026-09-25 or 2026-09-25 23:59")
    try:
        moment = datetime.fromisoformat(f"{found['day']}T{found['time'] or '00:00'}:{found['seconds'] or '00'}")
    except ValueError:
        raise ValueError(f"{text!r} is not in the calendar") from None
    moment = moment.replace(tzinfo=parse_zone(found["zone"]) if found["zone"] else zone)
    try:
        return (moment + timedelta(days=1 if end and found["time"] is None else 0)).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is out of range") from None


def in_words(at: datetime) -> str:
    """A moment in UTC and anywhere on earth."""
    return f"{at.astimezone(UTC):%-d %b %Y %H:%M} UTC ({at.astimezone(AOE):%-d %b %H:%M} AoE)"
