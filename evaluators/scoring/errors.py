"""What stops the scorer: always ours, never a team's."""

from __future__ import annotations


class DatasetFault(Exception):
    """A reference is missing, does not open or cannot be scored against: the dataset version must be repaired."""


class ScorerFault(Exception):
    """A process of the scorer ended outside the reading of a file: the metric or the machine must be repaired."""
