"""References: ciphertext or plain .npy in a folder of files named by hash, opened in memory alone."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.cases import JobCase
from evaluators.contract.datasets import FileRef
from evaluators.contract.sealing import SealBroken, unseal
from evaluators.contract.tasks import ReferencePart
from evaluators.scoring.errors import DatasetFault

#: numpy's kinds in words
_KINDS = {"f": "real floats", "u": "unsigned integers", "i": "integers", "b": "booleans"}


def load_references(
    *, case: JobCase, parts: Iterable[ReferencePart], folder: Path, key: str | None
) -> dict[str, NDArray[Any]]:
    """What a case is scored against: part -> its array. Raises DatasetFault, also for a part that the case has not."""
    held = case.parts
    arrays: dict[str, NDArray[Any]] = {}
    for part in parts:
        if part.name not in held:
            raise DatasetFault(f"reference {case.references[0].path}: no {part.title} beside it")
        arrays[part.name] = load_reference(file=held[part.name], folder=folder, key=key, kinds=part.kinds)
    return arrays


def load_reference(*, file: FileRef, folder: Path, key: str | None, kinds: str = "f") -> NDArray[Any]:
    """The array of one reference, as its .npy says.

    folder: holds it under its sha256; key: the dataset's, None where references lie open; kinds: numpy's, that it may have.
    Raises DatasetFault.
    """
    try:
        content = (folder / file.sha256).read_bytes()
        plain = content if key is None else unseal(content, key=key, path=file.path)
        array = np.lib.format.read_array(io.BytesIO(plain), allow_pickle=False)
    except (OSError, SealBroken, ValueError, EOFError) as error:
        raise DatasetFault(f"reference {file.path} ({file.sha256[:12]}): {error}") from error
    if array.dtype.kind not in kinds:
        wanted = " or ".join(_KINDS[kind] for kind in kinds)
        raise DatasetFault(f"reference {file.path} holds {array.dtype.name}, expected {wanted}")
    found: NDArray[Any] = array
    return found
