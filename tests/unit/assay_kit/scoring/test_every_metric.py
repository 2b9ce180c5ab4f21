"""Every metric that there is answers, in a form of its own family, with the number of its function."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evaluators.contract.metrics import Choice, Family
from evaluators.metrics import EXAMPLES, METRICS
from evaluators.metrics.labels import LabelPair
from tests.unit.assay_kit.scoring.conftest import Scoring

SERVED = sorted(key for key, metric in METRICS.items() if metric.spec.family is not Family.ANSWERS)


def variants(key: str) -> list[dict[str, str]]:
    """One call a value of every option, the others at their defaults; a number without one is 1."""
    options = METRICS[key].spec.options
    needed = {name: "1" for name, one in options.items() if not isinstance(one, Choice) and one.default is None}
    chosen = [{name: value} for name, one in options.items() if isinstance(one, Choice) for value in one.values]
    return [{**needed, **one} for one in chosen] or [needed]


CALLS = [(key, options) for key in SERVED for options in variants(key)]


def typed(options: dict[str, str]) -> list[str]:
    return [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]


def asked(scoring: Scoring, key: str, options: dict[str, str]) -> tuple[dict[str, Any], Any]:
    """(what the command says, what the metric's function returns) for the example of the metric's family."""
    metric = METRICS[key]
    arguments = EXAMPLES[metric.spec.family]()
    value = metric.function(*arguments, **metric.spec.settle(options))
    words = typed(options)
    if isinstance(arguments[0], LabelPair):
        pair = arguments[0]
        arguments = (pair.prediction, pair.reference)
        words += ["--spacing", ",".join(map(str, pair.spacing)), "--classes", ",".join(map(str, pair.classes))]
    files = [scoring.keeps(name, array) for name, array in zip(("p.npy", "r.npy"), arguments, strict=True)]
    return scoring.says(key, *files, *words), value


@pytest.mark.parametrize(("key", "options"), CALLS, ids=[f"{key} {' '.join(typed(one))}" for key, one in CALLS])
def test_it_answers_with_its_functions_number_and_says_which_variant_that_is(
    scoring: Scoring, key: str, options: dict[str, str]
) -> None:
    said, value = asked(scoring, key, options)
    spec = METRICS[key].spec

    assert list(said) == ["metric", "variant", "value", "unit", "direction", "per_class"]
    assert (said["metric"], said["unit"], said["direction"]) == (key, spec.unit, spec.better.value)
    for name, chosen in options.items():
        assert f"{name}={chosen}" in said["variant"]
    match spec.family:
        case Family.LABELS:
            assert [*said["per_class"].values()] == value.tolist()
            assert said["value"] == np.mean(value)
        case Family.CLASSIFICATION:
            assert [*said["per_class"].values()] == [*value.values]
            assert said["value"] == value.mean
        case Family.RATERS | Family.CALIBRATION:
            assert said["per_class"] is None
            assert said["value"] == value
        case Family.VOLUME:
            assert said["per_class"] is None
            assert said["value"] == pytest.approx(value, abs=1e-12)
        case _:
            assert said["per_class"] is None
            assert np.isfinite(said["value"])
