"""The life of an evaluation: the table that guards every step."""

from __future__ import annotations

import itertools

import pytest

from evaluators.contract.states import FINAL, LEASED, LIVE, TRANSITIONS, EvaluationState, is_allowed

S = EvaluationState
ALLOWED = {
    (S.QUEUED, S.PREPARING),
    (S.QUEUED, S.CANCELLED),
    *((S.PREPARING, after) for after in (S.RUNNING, S.SCORING, S.QUEUED, S.FAILED, S.PLATFORM_ERROR, S.CANCELLED)),
    *((S.RUNNING, after) for after in (S.SCORING, S.QUEUED, S.FAILED, S.PLATFORM_ERROR, S.CANCELLED)),
    *((S.SCORING, after) for after in (S.SCORED, S.QUEUED, S.FAILED, S.PLATFORM_ERROR, S.CANCELLED)),
}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(S, S)))
def test_a_step_is_allowed_exactly_where_the_design_says(before: EvaluationState, after: EvaluationState) -> None:
    assert is_allowed(before=before, after=after) == ((before, after) in ALLOWED)


def test_nothing_leaves_a_final_state_and_every_live_one_can_end() -> None:
    assert set(TRANSITIONS) == set(S)
    for state in FINAL:
        assert TRANSITIONS[state] == frozenset()
    for state in LIVE:
        reached, open_states = {state}, [state]
        while open_states:
            for after in TRANSITIONS[open_states.pop()] - reached:
                reached.add(after)
                open_states.append(after)
        assert reached & FINAL


def test_a_lease_can_always_fall_back_to_the_queue() -> None:
    assert all(S.QUEUED in TRANSITIONS[state] for state in LEASED)
    assert LEASED < LIVE


def test_scored_is_reached_from_scoring_alone() -> None:
    assert [before for before in S if is_allowed(before=before, after=S.SCORED)] == [S.SCORING]
