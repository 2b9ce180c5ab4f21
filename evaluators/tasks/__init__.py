"""Task kinds: what goes in, what must come out, which metrics. Importing the package fills the registry."""

from __future__ import annotations

from evaluators.tasks import mapping, reconstruction, segmentation
from evaluators.tasks.registry import KINDS, TaskKind

__all__ = ["KINDS", "TaskKind", "mapping", "reconstruction", "segmentation"]
