"""What images and their archives refuse."""

from __future__ import annotations

from assay.config.errors import Invalid, NotFound, Refused
from evaluators.contract.failures import HELP, FailureNote


class ImageUnknown(NotFound):
    """There is no such image in your teams."""

    code = "IMAGE_UNKNOWN"
    hint = "Announce it first: `assay submit` does both."


class ArchiveTooLarge(Refused):
    """The archive is larger than this site takes."""

    code = "IMAGE_SIZE"
    status = 413
    hint = HELP["IMAGE_SIZE"].fix


class ArchiveRejected(Invalid):
    """The archive is not one image that can run here; nothing of it was kept.

    The code is the run failure that it would have become: IMAGE_PULL, IMAGE_ARCH or IMAGE_SIZE.
    """

    code = "IMAGE_PULL"

    def __init__(self, note: FailureNote) -> None:
        help_ = HELP[note.code]
        super().__init__(f"{help_.sentence} {note.detail}".strip(), next=help_.fix)
        self.note = note
        self.code = note.code
