"""dataset.json as nnU-Net and the Medical Segmentation Decathlon write it: which labels and channels a set has, and its lists."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from evaluators.importers.problems import BadFile

NAME = "dataset.json"


def read_dataset_json(root: Path) -> Mapping[str, Any]:
    """The document. Raises BadFile."""
    try:
        document = json.loads((root / NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadFile(wanted="a description of the set", found="no such file") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadFile(wanted="JSON", found=f"{error}") from None
    if not isinstance(document, dict):
        raise BadFile(wanted="an object with labels", found="another value")
    return document


def labels_of(document: Mapping[str, Any]) -> dict[int, str]:
    """Label -> name, 0 among them: {"background": 0, "spleen": 1}, or the other way round as before nnU-Net 2.

    A region of several labels (`"whole tumour": [1, 2, 3]`) names those that no name stands for alone. Raises BadFile.
    """
    given = document.get("labels")
    if not isinstance(given, dict) or not given:
        raise BadFile(wanted='labels, such as {"background": 0, "spleen": 1}', found="none")
    found: dict[int, str] = {}
    for name, label, _ in sorted(_pairs(given), key=lambda pair: pair[2]):
        found.setdefault(label, name)
    return {0: "background", **found}


def _pairs(given: Mapping[str, Any]) -> Iterator[tuple[str, int, bool]]:
    """(name, label, whether the name stands for several)."""
    for key, value in given.items():
        labels = value if isinstance(value, list) else [value]
        old = key.isdecimal() and isinstance(value, str)
        for label in [int(key)] if old else labels:
            if not isinstance(label, int) or isinstance(label, bool) or label < 0:
                raise BadFile(wanted='labels, such as {"background": 0, "spleen": 1}', found=f"{key}: {value}")
            yield (value if old else key), label, isinstance(value, list)
