"""Why a board is not shown."""

from __future__ import annotations

from datetime import UTC, datetime

from assay.config.errors import NotAllowed, NotFound


class BoardHidden(NotAllowed):
    """This board is not public yet."""

    code = "BOARD_HIDDEN"

    def __init__(self, *, public_from: datetime) -> None:
        self.public_from = public_from
        super().__init__(next=f"It is published on {public_from.astimezone(UTC):%Y-%m-%d %H:%M} UTC.")


class StratumUnknown(NotFound):
    """The data of this board have no such stratum."""

    code = "STRATUM_UNKNOWN"

    def __init__(self, *, known: list[str]) -> None:
        super().__init__(next=f"Take one of: {', '.join(known)}.")
