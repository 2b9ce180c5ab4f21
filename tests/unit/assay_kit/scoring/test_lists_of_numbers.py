"""Raters, calibration and classification: two arrays of numbers, as .npy or JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tests.unit.assay_kit.scoring.conftest import Scoring


def written(scoring: Scoring, name: str, values: Any) -> str:
    (scoring.folder / name).write_text(json.dumps(values))
    return name


def test_samples_and_raters_may_differ_in_number(scoring: Scoring) -> None:
    samples = np.zeros((4, 6, 6), dtype=bool)
    samples[:, 1:3] = True
    files = scoring.keeps("s.npy", samples), scoring.keeps("r.npy", samples[:2])

    said = scoring.says("ged", *files, "--variant", "u")

    assert said["value"] == 0
    assert said["variant"] == "variant=u"
    assert said["per_class"] is None
    assert scoring.fails("ged", "s.npy", scoring.keeps("q.npy", samples[:, :5]))["error"] == "BAD_SHAPE"


def test_probabilities_and_outcomes_come_as_json_too(scoring: Scoring) -> None:
    files = written(scoring, "p.json", [0.5, 0.5]), written(scoring, "y.json", {"outcomes": [0, 1]})

    assert scoring.says("brier", *files)["value"] == 0.25
    assert scoring.says("ece", *files, "--bins", "5")["variant"] == "variant=positive_class, bins=5 bins"
    assert scoring.fails("ece", *files, "--bins", "2.5")["message"].startswith("ece: bins")


def test_a_class_that_cannot_be_told_apart_is_null_and_left_out(scoring: Scoring) -> None:
    files = (
        written(scoring, "s.json", [[0.1, 0.3], [0.9, 0.4]]),
        written(scoring, "y.json", [[0, 1], [1, 1]]),
    )
    ran = scoring.person.runs("score", "auroc", *files)

    assert json.loads(ran.out)["per_class"] == {"0": 1.0, "1": None}
    assert json.loads(ran.out)["value"] == 1.0
    assert "1 of 2 classes" in ran.err


def test_one_score_a_record_is_one_class(scoring: Scoring) -> None:
    files = written(scoring, "s.json", [0.1, 0.4, 0.35, 0.8]), written(scoring, "y.json", [0, 0, 1, 1])

    assert scoring.says("auroc", *files)["per_class"] == {"0": 0.75}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[0.5, NaN]", "NOT_FINITE"),
        ("[0.5, -Infinity]", "NOT_FINITE"),
        ("[0.5, 1e999]", "NOT_FINITE"),
        ('[0.5, "x"]', "BAD_VALUE"),
        ("[0.5, null]", "BAD_VALUE"),
        ("[0.5, 2]", "BAD_VALUE"),
        ("[[1], [1, 0]]", "BAD_FORMAT"),
        ("[0.5", "BAD_FORMAT"),
        ("3", "BAD_FORMAT"),
        ("", "BAD_FORMAT"),
        ("[" * 100_000, "BAD_FORMAT"),
        ('{"a": [0.5, 1], "b": [0, 1]}', "BAD_FORMAT"),
    ],
)
def test_json_that_is_no_array_is_refused_with_a_code(scoring: Scoring, text: str, error: str) -> None:
    (scoring.folder / "p.json").write_text(text)

    assert scoring.fails("brier", "p.json", written(scoring, "y.json", [0, 1]))["error"] == error


def test_a_file_of_several_entries_needs_a_name(scoring: Scoring) -> None:
    written(scoring, "p.json", {"first": [0.5, 0.5], "second": [0, 1]})

    assert (
        scoring.says("brier", "p.json", "p.json", "--variable", "first", "--reference-variable", "second")["value"]
        == 0.25
    )


def test_answers_are_not_two_files(scoring: Scoring) -> None:
    assert "free text" in scoring.fails("accuracy", "a.json", "b.json")["message"]
