"""References: ciphertext or plain .npy in a folder of files named by hash, opened in memory alone."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.datasets import FileRef
from evaluators.contract.sealing import SealBroken, unseal
from evaluators.scoring.errors import DatasetFault


def load_reference(*, file: FileRef, folder: Path, key: str | None) -> NDArray[np.floating[Any]]:
    """The array of one reference, float32 or float64, as its .npy says.

    folder: holds it under its sha256; key: the dataset's, None where references lie open. Raises DatasetFault.
    """
    try:
        content = (folder / file.sha256).read_bytes()
        plain = content if key is None else unseal(content, key=key, path=file.path)
        array = np.lib.format.read_array(io.BytesIO(plain), allow_pickle=False)
    except (OSError, SealBroken, ValueError, EOFError) as error:
        raise DatasetFault(f"reference {file.path} ({file.sha256[:12]}): {error}") from error
    if array.dtype.kind != "f":
        raise DatasetFault(f"reference {file.path} holds {array.dtype.name}, expected real floats")
    floats: NDArray[np.floating[Any]] = array
    return floats
