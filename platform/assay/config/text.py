"""How sizes, durations and times are written, the same on every page and in every sentence."""

from __future__ import annotations

from datetime import timedelta

_BINARY = ("B", "KiB", "MiB", "GiB", "TiB")
_SPANS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def size(value: int | None) -> str:
    """Bytes in the largest binary unit, with one decimal where it is needed: 4 GiB, 1.5 GiB, 256 MiB."""
    if value is None:
        return "–"
    number, unit = float(value), 0
    while number >= 1024 and unit < len(_BINARY) - 1:
        number, unit = number / 1024, unit + 1
    return f"{number:.1f}".removesuffix(".0") + f" {_BINARY[unit]}"


def duration(value: float | timedelta | None) -> str:
    """Seconds in the two largest units that are not zero: 40 s, 6 min 5 s, 20 h."""
    if value is None:
        return "–"
    rest = round(value.total_seconds() if isinstance(value, timedelta) else value)
    words = []
    for length, unit in _SPANS:
        count, rest = divmod(rest, length)
        if count:
            words.append(f"{count} {unit}")
    return " ".join(words[:2]) or "0 s"


def plain(value: float | None) -> str:
    """A number without useless zeros: 2 instead of 2.0."""
    return "–" if value is None else f"{value:g}"


def plural(count: int, words: str) -> str:
    """`1 case`, `2 cases`; a second word after a comma is the irregular plural."""
    singular, _, many = words.partition(",")
    return f"{count} {singular if count == 1 else many or singular + 's'}"
