"""A person with two files and one command."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from tests.unit.assay_kit.conftest import Person, Ran


def _no_number(word: str) -> NoReturn:
    raise AssertionError(f"{word} is not JSON")


def strict(text: str) -> Any:
    """The one document that `text` is; NaN and Infinity are refused, which Python's own parser lets through."""
    return json.loads(text, parse_constant=_no_number)


@dataclass(frozen=True)
class Scoring:
    """`assay score` in a folder of files."""

    person: Person

    @property
    def folder(self) -> Path:
        return self.person.work

    def keeps(self, name: str, values: Any) -> str:
        """Write an array as .npy; returns the file's name."""
        np.save(self.folder / name, np.asarray(values))
        return name

    def says(self, *words: str) -> dict[str, Any]:
        """The answer of a call that succeeds."""
        ran = self.person.runs("score", *words)
        assert ran.code == 0, ran.err
        return dict(strict(ran.out))

    def fails(self, *words: str, code: int = 1) -> dict[str, Any]:
        """The refusal of a call that fails, which is on stdout and told on stderr."""
        ran = self.person.runs("score", *words)
        assert ran.code == code, ran
        told = dict(strict(ran.out))
        assert f"error[{told['error']}]: " in ran.err
        return told

    def process(self, *words: str) -> Ran:
        return self.person.types("score", *words)


@pytest.fixture
def scoring(stranger: Person) -> Scoring:
    """No site, no token, an empty folder."""
    return Scoring(stranger)
