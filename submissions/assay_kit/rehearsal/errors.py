"""What keeps a check from giving an answer."""

from __future__ import annotations

from assay_kit.errors import ExitCode, KitError


class CheckBroken(KitError):
    """Ours, or this machine's: the image was not judged."""

    exit_code = ExitCode.OURS
    default_code = "ENGINE"
