"""A board as it leaves the site: live or published, with what a reader needs to find it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from evaluators.contract.boards import BoardColumn, BoardOut, BoardRow


@dataclass(frozen=True, kw_only=True)
class Exported:
    """One board and where it stands."""

    board: BoardOut
    #: titles
    challenge: str
    task: str
    #: of the page, with the site
    url: str
    #: of the JSON that holds the same board
    sha256: str
    #: of a published board; empty and None for a live one
    name: str = ""
    taken_at: datetime | None = None
    #: such as Acceleration 4; empty: all cases
    stratum: str = ""

    @property
    def heading(self) -> str:
        """Challenge, task, phase and stratum in one line."""
        where = f"{self.challenge}: {self.task} / {self.board.title}"
        return f"{where}, {self.stratum}" if self.stratum else where

    @property
    def state(self) -> str:
        """Which board this is: a snapshot by its name, or the live one by its hash."""
        if self.taken_at is None:
            return f"Live board, not published, sha256 {self.sha256[:16]}"
        return f"Snapshot {self.name} of {self.taken_at:%Y-%m-%d}, sha256 {self.sha256[:16]}"


def ranking_columns(board: BoardOut) -> list[BoardColumn]:
    """The columns that rank."""
    return [column for column in board.columns if column.ranks]


def best_group(rows: Sequence[BoardRow]) -> set[str]:
    """Codes of the methods that the tests do not tell from the first; without groups, of those that share the first rank."""
    ranked = [row for row in rows if row.rank is not None]
    if not ranked:
        return set()
    leading = ranked[0].group[:1]
    if leading:
        return {row.submission for row in ranked if leading in row.group}
    first = min(row.rank for row in ranked if row.rank is not None)
    return {row.submission for row in ranked if row.rank == first}
