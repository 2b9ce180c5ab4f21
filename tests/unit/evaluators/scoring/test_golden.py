"""Our numbers against those that scikit-image and numpy gave (tests/golden/reconstruction.json)."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest

from evaluators.metrics import METRICS
from evaluators.tasks import KINDS
from tests.golden.make_reconstruction import PATH
from tests.golden.pictures import cine
from tests.unit.evaluators.tasks.specs import measure, paired, reconstruction_task

ROWS: list[dict[str, Any]] = json.loads(PATH.read_text(encoding="utf-8"))["rows"]


def title(row: dict[str, Any]) -> str:
    return (
        f"{'x'.join(map(str, row['shape']))} {row['region']} {row['normalisation']} {row['order']} {row['peer_dtype']}"
    )


def options(row: dict[str, Any]) -> dict[str, str]:
    return {name: row[name] for name in ("normalisation", "order", "region")}


def tolerance(row: dict[str, Any]) -> float:
    """1e-6 against the peer in double precision; fed float32, the peer's own rounding is 1e-5 on these small, flat crops."""
    return 1e-6 if row["peer_dtype"] == "float64" else 2e-5


@pytest.mark.parametrize("row", ROWS, ids=title)
def test_every_picture_equals_the_peers(row: dict[str, Any]) -> None:
    prediction, reference = cine(tuple(row["shape"]), seed=row["seed"])
    pair = paired(prediction=prediction, reference=reference, options=options(row))
    assert list(pair.reference.shape) == row["scored_shape"]
    for key, pictures in row["pictures"].items():
        assert METRICS[key].function(pair.prediction, pair.reference).tolist() == [
            pytest.approx(line, abs=tolerance(row)) for line in pictures
        ]


@pytest.mark.parametrize("row", ROWS, ids=title)
def test_a_cases_values_equal_the_peers(row: dict[str, Any]) -> None:
    prediction, reference = cine(tuple(row["shape"]), seed=row["seed"])
    task = reconstruction_task(metrics=[{"metric": key, **options(row)} for key in row["means"]])
    values = measure(task=task, prediction=prediction, reference=reference)
    assert values == pytest.approx(row["means"], abs=tolerance(row))


def test_every_metric_and_every_option_has_a_golden_row() -> None:
    offer = KINDS["reconstruction"].offer
    assert {key for row in ROWS for key in row["means"]} == set(offer.metrics)
    served = set(product(*(offer.options[name].values for name in ("normalisation", "order", "region"))))
    assert {tuple(options(row).values()) for row in ROWS} == served
