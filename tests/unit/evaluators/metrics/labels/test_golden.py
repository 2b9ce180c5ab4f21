"""Overlap and surface metrics equal the numbers that MONAI, medpy, surface-distance and SimpleITK gave for the same masks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evaluators.metrics import METRICS
from evaluators.metrics.labels import LabelPair
from tests.golden.make_surfaces import CLASSES, PATH, maps

ROWS = json.loads(PATH.read_text())["rows"]
#: MONAI's distances and shares are single precision, which carries seven digits
SINGLE, DOUBLE = 1e-6, 1e-12


def name(row: dict[str, Any]) -> str:
    inputs = row["inputs"]
    lies = [inputs["kind"], "x".join(map(str, inputs["shape"])), f"class {row['class']}"]
    return "-".join([row["key"], *row["options"].values(), row["peer"], *lies])


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_the_value_equals_the_peers(row: dict[str, Any]) -> None:
    inputs = row["inputs"]
    prediction, reference = maps(inputs["kind"], tuple(inputs["shape"]), seed=inputs["seed"])
    pair = LabelPair(prediction=prediction, reference=reference, classes=CLASSES, spacing=tuple(inputs["spacing"]))
    metric = METRICS[row["key"]]
    value = metric.function(pair, **metric.spec.settle(row["options"]))[CLASSES.index(row["class"])]
    within = SINGLE if row["peer"] == "monai" else DOUBLE
    assert value == pytest.approx(row["value"], rel=within, abs=within)
    if "in_single_precision" in row:
        # its percentile too is interpolated in single precision: the place between two distances keeps four digits
        assert value == pytest.approx(row["in_single_precision"], rel=1e-4)
