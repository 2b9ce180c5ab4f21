"""Why a board is not shown."""

from __future__ import annotations

from datetime import UTC, datetime

from assay.config.errors import Invalid, NotAllowed, NotFound, Refused


class BoardHidden(NotAllowed):
    """This board is not public yet."""

    code = "BOARD_HIDDEN"

    def __init__(self, *, public_from: datetime) -> None:
        self.public_from = public_from
        super().__init__(next=f"It is published on {public_from.astimezone(UTC):%Y-%m-%d %H:%M} UTC.")


class SnapshotUnknown(NotFound):
    """No board was published under this name."""

    code = "SNAPSHOT_UNKNOWN"
    hint = "The board's page links to those that were, such as 2026-10-01-1."


class BoardEmpty(Refused):
    """Nothing stands on this board that could be published."""

    code = "BOARD_EMPTY"
    status = 409
    hint = "Wait for the first scored entry."


class BoardMoving(Refused):
    """The scores of this board changed while it was being published; nothing was."""

    code = "BOARD_MOVING"
    status = 409
    hint = "Publish it again."


class BoardWaiting(Refused):
    """How sure the ranks are is still being computed for the newest scores; nothing was published."""

    code = "BOARD_WAITING"
    status = 409
    hint = "A board of this size takes the site's worker a minute; publish it again when the board shows its ranges."


class RowUnknown(NotFound):
    """One of these entries does not stand on the board."""

    code = "ROW_UNKNOWN"
    hint = "Choose two methods on the board; an older entry of a method gives way to the one that counts."


class SameRow(Invalid):
    """A method cannot be compared with itself."""

    code = "SAME_ROW"
    hint = "Choose two different methods."


class StratumUnknown(NotFound):
    """The data of this board have no such stratum."""

    code = "STRATUM_UNKNOWN"

    def __init__(self, *, known: list[str]) -> None:
        super().__init__(next=f"Take one of: {', '.join(known)}.")
