"""What a demo prints when it is done: every board, its strata, and where the minutes went."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from compose.steps import Steps
from compose.tracks import Track

#: without a terminal
_WIDE = 200
_WORDS = frozenset({"method", "team", "step"})


def tell(
    track: Track,
    *,
    boards: Sequence[Mapping[str, Any]],
    steps: Steps,
    ended: Mapping[tuple[str, str], Mapping[str, Any]],
) -> None:
    """Print it all."""
    console = Console(width=None if sys.stdout.isatty() else _WIDE)
    for board in boards:
        console.print(_board(board))
        console.print(_strata(board, key=track.strata_of))
    if len(boards) > 1:
        console.print(_containers(track, ended=ended))
    console.print(_steps(steps))


def _table(title: str, headings: Sequence[str]) -> Table:
    table = Table(title=title)
    for heading in headings:
        table.add_column(heading, justify="left" if heading in _WORDS else "right")
    return table


def _board(board: Mapping[str, Any]) -> Table:
    keys = list(dict.fromkeys(key for row in board["rows"] for key in row["metrics"]))
    timed = any(row.get("seconds_a_case") is not None for row in board["rows"])
    table = _table(
        board["phase"], ["rank", "method", "team", *keys, *(["s a case"] if timed else []), "cases", "failures"]
    )
    for row in board["rows"]:
        table.add_row(
            "–" if row["rank"] is None else f"{row['rank']:g}",
            ("◆ " if row["baseline"] else "") + row["method"],
            row["team"],
            *(_number(row["metrics"].get(key)) for key in keys),
            *([_seconds(row.get("seconds_a_case"))] if timed else []),
            str(row["cases"]),
            str(sum(row["failures"].values())),
        )
    return table


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _strata(board: Mapping[str, Any], *, key: str) -> Table:
    strata = list(dict.fromkeys(stratum for row in board["rows"] for stratum in row["strata"]))
    table = _table(f"{key} by stratum", ["method", *strata])
    for row in board["rows"]:
        table.add_row(row["method"], *(_number(row["strata"].get(stratum, {}).get(key)) for stratum in strata))
    return table


def _containers(track: Track, *, ended: Mapping[tuple[str, str], Mapping[str, Any]]) -> Table:
    """Seconds that each container ran, board by board."""
    table = _table("seconds of each container", ["method", *(_short(phase) for phase in track.phases), "together"])
    for method in track.methods:
        seconds = [ended.get((method.title, phase), {}).get("seconds") for phase in track.phases]
        known = [one for one in seconds if one is not None]
        table.add_row(method.title, *("–" if one is None else f"{one:.0f}" for one in seconds), f"{sum(known):.0f}")
    return table


def _short(phase: str) -> str:
    """challenge/task of an address, on two lines."""
    return "\n".join(phase.split("/")[:2])


def _steps(steps: Steps) -> Table:
    table = _table("seconds", ["step", "s"])
    for name, seconds in steps.seconds.items():
        table.add_row(name, f"{seconds:.1f}")
    table.add_row("together", f"{steps.together:.1f}")
    return table


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
