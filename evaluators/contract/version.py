"""The number that site and worker compare before anything else."""

from __future__ import annotations

CONTRACT_VERSION = 5
