"""The only code that opens files a container wrote."""

from __future__ import annotations

import os

# a filter that HDF5 does not know would be looked up as a plugin: a shared library. Set before HDF5 starts
os.environ.setdefault("HDF5_PLUGIN_PRELOAD", "::")

from evaluators.readers.errors import ReadFailure
from evaluators.readers.json import read_json
from evaluators.readers.look import Looked, look
from evaluators.readers.read import read

__all__ = ["Looked", "ReadFailure", "look", "read", "read_json"]
