"""The only code that opens files a container wrote."""

from __future__ import annotations

from evaluators.readers.errors import ReadFailure
from evaluators.readers.json import read_json
from evaluators.readers.look import Looked, look
from evaluators.readers.read import read

__all__ = ["Looked", "ReadFailure", "look", "read", "read_json"]
