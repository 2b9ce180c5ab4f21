"""Reads the committed catalogue: which metrics, kinds and scorer version this release knows."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from evaluators.contract.tasks import Catalogue

CATALOGUE_PATH = Path(__file__).with_name("catalogue.json")


@cache
def catalogue() -> Catalogue:
    """The catalogue of this release. Raises FileNotFoundError or ValidationError: run `make catalogue`."""
    return Catalogue.model_validate_json(CATALOGUE_PATH.read_bytes())
