"""An array written as JSON: lists of numbers, lists of such lists, all of one length."""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from assay_kit.errors import AnswerIsNo


def read_json(path: Path, *, variable: str | None) -> NDArray[Any]:
    """The array of the file, or of its key `variable`. Raises AnswerIsNo BAD_FORMAT, BAD_VALUE, NOT_FINITE."""
    if not path.is_file():
        there = path.exists()
        raise AnswerIsNo(
            f"{path} is not a regular file" if there else f"there is no file {path}",
            code="FORBIDDEN_FILE" if there else "MISSING_FILE",
        )
    try:
        document = json.loads(path.read_bytes(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise AnswerIsNo(f"{path.name} is not JSON: {error}", code="BAD_FORMAT") from error
    if isinstance(document, dict):
        document = _chosen(document, variable=variable, file=path.name)
    if not isinstance(document, list):
        raise AnswerIsNo(f"{path.name} holds no list of numbers", code="BAD_FORMAT")
    _check(document, file=path.name)
    try:
        array = np.array(document, dtype=np.float64)
    except (ValueError, OverflowError) as error:
        raise AnswerIsNo(f"{path.name} holds lists of different lengths", code="BAD_FORMAT") from error
    return array


def _refuse(word: str) -> NoReturn:
    raise AnswerIsNo(f"{word} among the values", code="NOT_FINITE")


def _chosen(document: dict[str, Any], *, variable: str | None, file: str) -> Any:
    if variable is None and len(document) == 1:
        return next(iter(document.values()))
    if variable is None or variable not in document:
        wanted = "" if variable is None else f" named {variable!r}"
        raise AnswerIsNo(
            f"{file} holds {len(document)} entries and no single one{wanted}",
            code="BAD_FORMAT",
            next=f"--variable, one of {', '.join(sorted(document)[:20])}",
        )
    return document[variable]


def _check(values: list[Any], *, file: str) -> None:
    """Numbers and truth values all the way down. Raises AnswerIsNo BAD_VALUE, NOT_FINITE."""
    for value in values:
        if isinstance(value, list):
            _check(value, file=file)
        elif not isinstance(value, bool | int | float):
            raise AnswerIsNo(f"{file} holds something that is no number", code="BAD_VALUE")
        elif isinstance(value, float) and not isfinite(value):
            raise AnswerIsNo(f"{file} holds a number beyond double precision", code="NOT_FINITE")
