"""Label maps stored as floats: what is taken beside the array and its labels does not grow with it."""

from __future__ import annotations

import tracemalloc
from typing import Literal

import numpy as np
import pytest

from evaluators.contract.cases import LABEL_DTYPES, OutputSpec
from evaluators.readers import ReadFailure
from evaluators.readers.checks import check_values

SHAPE = (128, 128, 80)


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8"])
@pytest.mark.parametrize("allowed", [range(4), frozenset({0, 1, 2, 3, 9})])
@pytest.mark.parametrize("order", ["C", "F"])
def test_no_second_array_beside_the_labels(
    dtype: str, allowed: range | frozenset[int], order: Literal["C", "F"]
) -> None:
    spec = OutputSpec(path="", shape=SHAPE, dtypes=LABEL_DTYPES, formats=("nifti",), labels=allowed)
    stored = np.random.default_rng(0).integers(0, 4, SHAPE).astype(dtype, order=order)
    tracemalloc.start()
    found = check_values(stored, spec=spec)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert np.array_equal(found, stored)
    assert found.dtype == np.int32
    assert peak < found.nbytes + 8 * 2**20
    if dtype != "i8":
        stored[-1, -1, -1] += 0.01
        with pytest.raises(ReadFailure, match="between two labels"):
            check_values(stored, spec=spec)
