"""What several tests ask of a file of an image: that it is refused, taken, or harmless with a byte changed."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from evaluators.readers import ReadFailure, read
from tests.unit.evaluators.readers.image_files import LABELS, SHAPE


def refusal(folder: Path, content: bytes, **changes: Any) -> ReadFailure:
    (folder / "a").write_bytes(content)
    with pytest.raises(ReadFailure) as caught:
        read(folder / "a", spec=dataclasses.replace(LABELS, **changes))
    assert len(caught.value.note.detail) <= 400
    return caught.value


def taken(folder: Path, content: bytes, **changes: Any) -> np.ndarray:
    (folder / "a").write_bytes(content)
    return read(folder / "a", spec=dataclasses.replace(LABELS, **changes))


def read_with_a_byte_flipped(folder: Path, *, files: list[bytes], data: st.DataObject) -> None:
    """One of the files of LABELS with one byte changed is an array of the task, or a refusal."""
    content = bytearray(data.draw(st.sampled_from(files)))
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path = folder / "a"
    path.write_bytes(content)
    try:
        found = read(path, spec=LABELS)
    except ReadFailure:
        return
    assert found.shape == SHAPE
    assert 0 <= found.min() <= found.max() <= 3
