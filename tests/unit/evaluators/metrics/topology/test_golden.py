"""Topology metrics equal the numbers that gudhi, cripser, scikit-image and Betti-Matching-3D gave for the same masks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evaluators.metrics.registry import METRICS
from evaluators.metrics.topology import betti_numbers, euler_number, skeleton
from tests.golden.make_topology import PATH, fields

from .drawings import Mask, pair

ROWS = json.loads(PATH.read_text())["rows"]


def name(row: dict[str, Any]) -> str:
    inputs = row["inputs"]
    return "-".join([row["key"], *row["options"].values(), "x".join(map(str, inputs["shape"])), str(inputs["seed"])])


def inputs(row: dict[str, Any]) -> tuple[Mask, Mask]:
    recipe = row["inputs"]
    return fields(tuple(recipe["shape"]), seed=recipe["seed"], width=recipe["width"], change=recipe["change"])


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_the_value_equals_the_peers(row: dict[str, Any]) -> None:
    value = METRICS[row["key"]].function(pair(*inputs(row)), **row["options"])
    assert value == pytest.approx(row["value"], abs=1e-12)


def test_what_the_errors_rest_on_equals_the_peers() -> None:
    for row in ROWS:
        masks = inputs(row)
        connectivity = row["options"].get("connectivity")
        if "betti_numbers" in row:
            assert [list(betti_numbers(mask, connectivity=connectivity)) for mask in masks] == row["betti_numbers"]
        if "euler" in row:
            assert [euler_number(mask, connectivity=connectivity) for mask in masks] == row["euler"]
        if "skeleton_voxels" in row:
            assert [skeleton(mask).sum() for mask in masks] == row["skeleton_voxels"]
