"""The only code that opens files a container wrote."""

from __future__ import annotations

from evaluators.readers.errors import ReadFailure
from evaluators.readers.read import prepare, read

__all__ = ["ReadFailure", "prepare", "read"]
