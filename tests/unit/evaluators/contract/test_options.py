"""What a metric may be asked for: options outside their limits are refused with the limits."""

from __future__ import annotations

import pytest

from evaluators.contract.metrics import OptionProblem
from evaluators.metrics import METRICS


@pytest.mark.parametrize("threshold", ["0", "-1", "1.01", "5", "nan", "inf", "half"])
def test_an_overlap_that_nothing_reaches_is_no_threshold(threshold: str) -> None:
    with pytest.raises(OptionProblem, match="above 0 and at most 1 IoU"):
        METRICS["panoptic_quality"].spec.settle({"threshold": threshold})


def test_the_limit_itself_is_taken_and_a_tolerance_has_no_upper_one() -> None:
    assert METRICS["panoptic_quality"].spec.settle({"threshold": "1"})["threshold"] == 1.0
    assert METRICS["nsd"].spec.settle({"tolerance": "1000"})["tolerance"] == 1000.0
