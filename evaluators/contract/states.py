"""The life of an evaluation as one table: every state, and every step that is allowed between two of them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class EvaluationState(StrEnum):
    """Where an evaluation stands. Stored and sent as its value."""

    #: waits for a worker
    QUEUED = "queued"
    #: a worker holds the lease and stages image and inputs
    PREPARING = "preparing"
    #: the submitted container runs
    RUNNING = "running"
    #: the container is gone, its output is read and scored
    SCORING = "scoring"
    #: every case has a value or a typed case failure
    SCORED = "scored"
    #: the team's fault, typed
    FAILED = "failed"
    #: ours, after the last attempt
    PLATFORM_ERROR = "platform_error"
    #: withdrawn before it ended
    CANCELLED = "cancelled"


_S = EvaluationState

#: states that a worker holds under a lease
LEASED: frozenset[EvaluationState] = frozenset({_S.PREPARING, _S.RUNNING, _S.SCORING})
#: states that nothing leaves
FINAL: frozenset[EvaluationState] = frozenset({_S.SCORED, _S.FAILED, _S.PLATFORM_ERROR, _S.CANCELLED})
#: states in which work is still to come
LIVE: frozenset[EvaluationState] = frozenset(EvaluationState) - FINAL

_AWAY = frozenset({_S.QUEUED, _S.FAILED, _S.PLATFORM_ERROR, _S.CANCELLED})

#: from -> the states that may follow. A leased state may fall back to queued: its lease ran out, or we broke it.
TRANSITIONS: Mapping[EvaluationState, frozenset[EvaluationState]] = MappingProxyType(
    {
        _S.QUEUED: frozenset({_S.PREPARING, _S.CANCELLED}),
        # a resumed attempt whose outputs are kept enters at scoring
        _S.PREPARING: _AWAY | {_S.RUNNING, _S.SCORING},
        _S.RUNNING: _AWAY | {_S.SCORING},
        _S.SCORING: _AWAY | {_S.SCORED},
        **{final: frozenset() for final in FINAL},
    }
)


def is_allowed(*, before: EvaluationState, after: EvaluationState) -> bool:
    """Whether one step leads from `before` to `after`."""
    return after in TRANSITIONS[before]
