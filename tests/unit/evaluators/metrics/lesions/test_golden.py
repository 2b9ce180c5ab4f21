"""Lesion metrics equal panoptica's numbers, and those of the rules of BraTS and ISLES followed lesion by lesion."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evaluators.metrics import METRICS
from tests.golden.make_lesions import PATH, masks
from tests.unit.evaluators.metrics.labels.drawings import pair

ROWS = json.loads(PATH.read_text())["rows"]


def name(row: dict[str, Any]) -> str:
    inputs = row["inputs"]
    return "-".join([row["key"], *row["options"].values(), "x".join(map(str, inputs["shape"])), inputs["kept"]])


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_the_value_equals_the_peers(row: dict[str, Any]) -> None:
    inputs = row["inputs"]
    drawn = masks(tuple(inputs["shape"]), lesions=inputs["lesions"], seed=inputs["seed"], kept=inputs["kept"])
    metric = METRICS[row["key"]]
    value = metric.function(pair(*drawn, spacing=tuple(inputs["spacing"])), **metric.spec.settle(row["options"]))[0]
    assert value == pytest.approx(row["value"], rel=1e-12, abs=1e-12)
