"""The team's kit: the `assay` command and the client behind it."""

from __future__ import annotations

__version__ = "0.1.0"
