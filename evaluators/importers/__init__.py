"""Real layouts of data on disk, checked file by file and turned into dataset versions."""

from __future__ import annotations

from evaluators.importers.registry import LAYOUTS

__all__ = ["LAYOUTS"]
