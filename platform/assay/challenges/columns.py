"""The metric columns of a challenge file: every option spelt out and checked, and a value for what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from assay.challenges.explain import did_you_mean, quoted
from assay.challenges.marked_yaml import Document, Path
from assay.challenges.problems import Problem
from evaluators.contract.metrics import Better, Choice, MetricSpec, OptionProblem
from evaluators.contract.tasks import KindOffer, MetricUse, OutputFormat, Ranking

_OWN_KEYS = ("as", "ranks", "digits", "column")


class Columns:
    """Checks the columns of one task; collects problems instead of stopping at the first."""

    def __init__(
        self, *, offer: KindOffer, output: OutputFormat, specs: Mapping[str, MetricSpec], document: Document
    ) -> None:
        self.offer = offer
        self.output = output
        self.specs = specs
        self.document = document
        self.problems: list[Problem] = []

    def settle(self, path: Path, use: MetricUse) -> MetricUse:
        """The column with all options written out: the kind's and the metric's own, a name belongs to the metric that has it.

        What is not written is the kind's first accepted value, or the metric's default.
        """
        spec = self.specs.get(use.metric)
        if use.metric not in self.offer.metrics or spec is None:
            self._unknown((*path, "metric"), "metric", use.metric, among=self.offer.metrics)
            return use
        served = self.offer.options_of(use.metric, output=self.output)
        options = {name: accepted[0] for name, accepted in served.items() if name not in spec.options}
        for name, value in use.options.items():
            if name in spec.options:
                continue
            accepted = served.get(name)
            if accepted is None:
                known = [*served, *spec.options, *_OWN_KEYS]
                at = self.document.place((*path, name), key=True)
                fix = did_you_mean(name, among=known)
                self.problems.append(Problem(at=at, message=f"unknown key {quoted(name)}", fix=fix))
            elif value not in accepted:
                self._unknown((*path, name), name, value, among=accepted)
            options[name] = value
        options |= self._own_options(path, use, spec)
        return use.model_copy(update={"options": options})

    def check_missing(self, path: Path, ranking: Ranking, *, metrics: Sequence[MetricUse]) -> None:
        """Every ranking column needs a value for a missing case, and one that does not reward it."""
        ranked = {use.key: self.specs[use.metric] for use in metrics if use.ranks and use.metric in self.specs}
        if isinstance(ranking.missing, dict):
            for key in ranking.missing:
                if key not in ranked:
                    at = self.document.place((*path, key), key=True)
                    fix = did_you_mean(key, among=ranked)
                    self.problems.append(Problem(at=at, message=f"no metric with the key {quoted(key)} ranks", fix=fix))
        for key, spec in ranked.items():
            if ranking.needs_diagonals(key, spec=spec):
                continue
            own = isinstance(ranking.missing, dict) and key in ranking.missing
            try:
                value = ranking.fill(key, spec=spec)
            except ValueError as error:
                self._refuse(path, str(error))
                continue
            if value is not None and (problem := _not_a_fill(value, spec=spec)):
                self._refuse(
                    (*path, key) if own else path, f"missing: {value:g} {problem}", "write what a failed case deserves"
                )

    def _own_options(self, path: Path, use: MetricUse, spec: MetricSpec) -> dict[str, str]:
        """The metric's own options as text, the same text for the same number."""
        settled: dict[str, str] = {}
        for name, option in spec.options.items():
            written = use.options.get(name)
            try:
                # one at a time, so that each mistake is told where it stands
                value = spec.value(name, written)
            except OptionProblem as problem:
                if written is None:
                    self._refuse(path, str(problem), f"write `{name}: …` beside the metric")
                elif isinstance(option, Choice):
                    self._unknown((*path, name), name, written, among=option.values)
                else:
                    self._refuse((*path, name), str(problem))
                continue
            settled[name] = value if isinstance(value, str) else f"{value:.15g}"
        return settled

    def _unknown(self, path: Path, key: str, value: str, *, among: Iterable[str]) -> None:
        self._refuse(path, f"unknown {key} {quoted(value)}", did_you_mean(value, among=among))

    def _refuse(self, path: Path, message: str, fix: str = "") -> None:
        self.problems.append(Problem(at=self.document.place(path), message=message, fix=fix))


def _not_a_fill(value: float, *, spec: MetricSpec) -> str:
    """Why a missing case cannot count this; empty where it can."""
    low, high = spec.bounds
    if (low is not None and value < low) or (high is not None and value > high):
        return f"is no value that {spec.title} can have"
    if value == (high if spec.better is Better.HIGHER else low):
        return f"is the best {spec.title} that there is"
    return ""
