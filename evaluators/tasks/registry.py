"""Which task kinds exist, by key, and what each must be able to say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.cases import JobCase, OutputSpec, Scorable
from evaluators.contract.metrics import OptionProblem
from evaluators.contract.tasks import KindOffer, MetricUse, OutputFormat, TaskSpec
from evaluators.metrics import METRICS
from evaluators.metrics.labels import LabelPair

Real = NDArray[np.floating[Any]]
#: part -> array
References = Mapping[str, NDArray[Any]]


class TaskProblem(ValueError):
    """The task asks for something that its kind does not serve: the challenge must be changed."""


class TaskKind(Protocol):
    """One family of tasks. Stateless: an instance is made once and shared."""

    @property
    def key(self) -> str:
        """As a challenge file writes it."""

    @property
    def offer(self) -> KindOffer:
        """What the catalogue tells the site."""

    def expects(self, *, case: JobCase, task: TaskSpec) -> tuple[OutputSpec, ...]:
        """What a reader must find, known before any file of the container is opened. Raises TaskProblem."""

    def check_references(self, references: References, *, case: JobCase) -> None:
        """Raises ReferenceProblem where the dataset, not the team, makes a score impossible.

        references: those that the task's metrics need, by part (`offer.parts_of`); the first file is the part ``.
        """

    def pair(
        self, *, prediction: Real, references: References, case: JobCase, task: TaskSpec, options: Mapping[str, str]
    ) -> Scorable | LabelPair:
        """Both lined up for a metric, under one use's options (`settle`d) but for `class`, which `combine` gets."""

    def combine(self, values: NDArray[np.float64], *, task: TaskSpec, options: Mapping[str, str]) -> float:
        """One number a case from one number a picture, or a class."""


class ReferenceProblem(ValueError):
    """A reference that nothing can be scored against: the dataset must be repaired."""


KINDS: dict[str, TaskKind] = {}

_Kind = TypeVar("_Kind", bound=TaskKind)


def task_kind(cls: type[_Kind]) -> type[_Kind]:
    """Enter a kind into the registry. Raises ValueError where the key is taken."""
    kind = cls()
    if kind.key in KINDS:
        raise ValueError(f"two task kinds are called {kind.key!r}")
    KINDS[kind.key] = kind
    return cls


def settle(options: Mapping[str, str], *, accepted: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Every accepted option with its value: the given one, else the default (the first). Raises TaskProblem."""
    if unknown := sorted(set(options) - set(accepted)):
        raise TaskProblem(f"unknown option {unknown[0]!r}; there are {', '.join(accepted)}")
    settled = {name: options.get(name, values[0]) for name, values in accepted.items()}
    for name, value in settled.items():
        if value not in accepted[name]:
            raise TaskProblem(f"{name}: {value!r} is not served; write one of {', '.join(accepted[name])}")
    return settled


def settle_use(
    use: MetricUse, *, offer: KindOffer, output: OutputFormat | None = None
) -> tuple[dict[str, str], dict[str, str | float]]:
    """(the kind's options, the metric's own) of one column, each with its value: a name belongs to the metric that has it.

    output: the task's, whose classes a column may name. Raises TaskProblem for a metric or an option that is not served.
    """
    if use.metric not in offer.metrics:
        raise TaskProblem(f"metric {use.metric!r} is not served; there are {', '.join(offer.metrics)}")
    spec = METRICS[use.metric].spec
    own = {name: value for name, value in use.options.items() if name in spec.options}
    given = {name: value for name, value in use.options.items() if name not in own}
    of_kind = settle(given, accepted=offer.options_of(use.metric, output=output))
    try:
        return of_kind, spec.settle(own)
    except OptionProblem as problem:
        raise TaskProblem(str(problem)) from None
