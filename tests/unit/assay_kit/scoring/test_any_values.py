"""Whatever two files hold, the answer is strict JSON: a finite number, or a code."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluators.contract.metrics import Choice, Family
from evaluators.metrics import METRICS
from tests.unit.assay_kit.scoring.conftest import Scoring, strict

SERVED = sorted(key for key, metric in METRICS.items() if metric.spec.family is not Family.ANSWERS)
#: nothing, one, labels, the ends of single and double precision, and what is no number
VALUES = (0.0, 1.0, 2.0, 0.5, -1.0, 1e-320, 1e-38, 3e38, -3e38, 1e39, 1e308, float("nan"), float("inf"))


@pytest.mark.parametrize("key", SERVED)
@given(data=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_answer_is_a_finite_number_or_a_code(scoring: Scoring, key: str, data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from([(8, 9), (2, 8, 9), (4, 8, 8, 8)]))
    few = data.draw(st.lists(st.sampled_from(VALUES), min_size=1, max_size=3))
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    files = [scoring.keeps(name, random.choice(few, size=shape)) for name in ("p.npy", "r.npy")]
    needed = [
        word
        for name, one in METRICS[key].spec.options.items()
        if not isinstance(one, Choice) and one.default is None
        for word in (f"--{name}", "1")
    ]
    in_mm = ["--spacing", ",".join("1" * len(shape))] if METRICS[key].spec.family is Family.LABELS else []

    ran = scoring.person.runs("score", key, *files, *needed, *in_mm)

    said = strict(ran.out)
    assert ran.code in {0, 1}
    assert np.isfinite(said["value"]) if ran.code == 0 else said["error"].isupper()
