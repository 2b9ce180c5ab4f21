"""The worker's scoring over real scorer containers: who is blamed when one of them ends, and when it is enough."""

from __future__ import annotations

import pytest

from evaluators.contract.failures import PlatformFailure
from evaluators.worker.errors import PlatformFault
from tests.golden.pictures import cine
from tests.integration.scoring.conftest import Score
from tests.unit.evaluators.scoring.store import SHAPE, Store

pytestmark = pytest.mark.engine
GOOD = dict.fromkeys(range(5), "scored")


def test_every_case_is_told_once(score: Score) -> None:
    assert score().codes() == GOOD


def test_of_two_files_that_are_open_when_the_container_ends_only_the_guilty_one_fails(
    store: Store, score: Score
) -> None:
    # neither ends by itself while the other is there: the container falls silent and is killed
    store.harm(case0="hang", case1="hang_in_company")
    assert score(scorer_silence=5.0, scorer_reading=600.0).codes() == GOOD | {0: "BAD_FORMAT"}


def test_a_crash_outside_a_file_is_ours_and_fails_no_case(store: Store, score: Score) -> None:
    store.harm(case3="crash_later")
    with pytest.raises(PlatformFault) as caught:
        score()
    assert caught.value.note.code == PlatformFailure.SCORER


def test_a_reference_without_signal_is_the_datasets_fault(store: Store, score: Score) -> None:
    prediction, reference = cine(SHAPE, seed=9)
    store.add(prediction=prediction, reference=0 * reference)
    with pytest.raises(PlatformFault) as caught:
        score()
    assert caught.value.note.code == PlatformFailure.DATA


def test_a_job_that_takes_longer_than_its_cases_may_is_ours(store: Store, score: Score) -> None:
    store.harm(case0="dawdle_later", case1="dawdle_later", case2="dawdle_later", case3="dawdle_later")
    with pytest.raises(PlatformFault) as caught:
        score(scorer_start=2.0, scorer_case=0.1)
    assert caught.value.note.code == PlatformFailure.SCORER
    assert "took longer than" in caught.value.note.detail
