"""What `assay rank` answers: ranks with their intervals and groups, by the functions that rank the site's boards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from assay.leaderboards.ranking.aggregate import Values
from assay.leaderboards.ranking.bootstrap import Stability, TooFewUnits, stability
from assay.leaderboards.ranking.contest import Contest, contest
from assay.leaderboards.ranking.groups import groups
from assay.leaderboards.ranking.missing import RankedMetric
from assay.leaderboards.ranking.rules import standings
from assay.leaderboards.ranking.significance import TooManyTests
from assay_kit.errors import AnswerIsNo, WrongUsage
from assay_kit.ranking.race import parse_gate, race
from assay_kit.ranking.table import LARGEST, RankTable
from evaluators.contract.catalogue import catalogue
from evaluators.contract.metrics import Better
from evaluators.contract.tasks import Ranking, RankingRule, TieMethod


@dataclass(frozen=True, kw_only=True)
class Ask:
    """The rule. bootstrap: how many draws, 0 for none."""

    ranking: Ranking
    #: 0 under rule speed
    bootstrap: int
    seed: int


def parse(
    *, rule: str | None, ties: str, missing: str | None, bootstrap: int, seed: int, gate: str | None = None
) -> Ask:
    """The rule from the words of a command line; rule and missing have no default. Raises WrongUsage."""
    if rule is None:
        raise WrongUsage("by which rule?", next=f"write --rule with one of {', '.join(RankingRule)}")
    if missing is None:
        raise WrongUsage(
            "what does a missing case count? No default would be fair to every metric",
            next="write --missing worst, --missing last, --missing NUMBER, or a number a metric like --missing hd95=374,nsd=0",
        )
    for given, known, name in ((rule, RankingRule, "--rule"), (ties, TieMethod, "--ties")):
        if given not in list(known):
            raise WrongUsage(f"{name} is {given!r}; write one of {', '.join(known)}")
    try:
        ranking = Ranking(
            rule=RankingRule(rule), ties=TieMethod(ties), missing=_missing(missing), gate=parse_gate(gate, rule=rule)
        )
    except ValidationError as error:
        # pydantic puts its own word in front of ours
        raise WrongUsage(f"--missing {missing}: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from None
    return Ask(ranking=ranking, bootstrap=bootstrap, seed=seed)


def _missing(text: str) -> Any:
    """`worst`, `last`, a number, or numbers of single metrics: `hd95=374,nsd=0`."""
    if "=" not in text:
        return _number(text)
    pairs = [part.partition("=") for part in text.split(",")]
    keys = [key.strip() for key, _, _ in pairs]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise WrongUsage(f"--missing names {twice[0]} twice")
    return {key: _number(number) for key, (_, _, number) in zip(keys, pairs, strict=True)}


def _number(text: str) -> Any:
    try:
        number = float(text)
    except ValueError:
        return text.strip()
    # sums of larger ones would not be finite; the rule refuses what is none
    return number if abs(number) <= LARGEST else float("inf")


def answer(table: RankTable, *, ask: Ask) -> dict[str, Any]:
    """{rows: [{team, rank, score, low, high, group}], tau}, best first. Raises AnswerIsNo.

    Under rule speed: score is seconds, quality the mean at the gate, and nothing is drawn or tested.
    """
    if ask.ranking.gate is not None:
        return race(table, ranking=ask.ranking, gate=ask.ranking.gate, metric_of=metric_of)
    ready = _ready(table, ranking=ask.ranking)
    try:
        stable = stability(ready, repeats=ask.bootstrap, seed=ask.seed) if ask.bootstrap else None
        letters = groups(ready).letters
    except TooFewUnits:
        raise AnswerIsNo(
            "all cases belong to one unit: there is nothing to draw again; write --bootstrap 0", code="TOO_FEW_UNITS"
        ) from None
    except TooManyTests as error:
        raise AnswerIsNo(f"{error}: lower --bootstrap, or rank fewer teams", code="TOO_MUCH_WORK") from None
    placed = standings(ready)
    rows = [
        {
            "team": team,
            "rank": _plain(at.rank),
            # sums of weights are rounded: 1.0, not 0.9999999999999999
            "score": float(f"{at.score:.12g}"),
            "low": _interval(stable, team, end=0),
            "high": _interval(stable, team, end=1),
            "group": letters[team],
        }
        for team, at in sorted(placed.items(), key=lambda one: (one[1].rank, one[0]))
    ]
    return {"rows": rows, "tau": None if stable is None else stable.tau}


def _ready(table: RankTable, *, ranking: Ranking) -> Contest:
    if isinstance(ranking.missing, Mapping) and (unknown := sorted(set(ranking.missing) - set(table.directions))):
        raise AnswerIsNo(f"--missing names {unknown[0]!r}, a metric that the table has not", code="MISSING_RULE")
    columns = {team: {key: table.column(team, key) for key in table.directions} for team in table.values}
    metrics = []
    for key, better in table.directions.items():
        values = [value for of_team in columns.values() for value in of_team[key]]
        metric = metric_of(key, better=better, values=values, ranking=ranking)
        # the catalogue's own worst value is law; a number from the command line may be a slip
        metrics.append(metric if ranking.missing == "worst" else _checked(metric, values=values))
    return contest(
        table=columns,
        metrics=metrics,
        cells=[()] * len(table.units),
        rule=ranking.rule,
        ties=ranking.ties,
        units=list(table.units.values()),
    )


def metric_of(key: str, *, better: Better, values: Values, ranking: Ranking) -> RankedMetric:
    spec = catalogue().metrics.get(key)
    if spec is not None:
        if spec.better is not better:
            said = str(better is Better.HIGHER).lower()
            raise AnswerIsNo(
                f"larger_is_better of {key!r} is {said} in the table, and {spec.title} is better when {spec.better.value}",
                code="WRONG_DIRECTION",
                next=f"mend the column, or give a metric of your own another name than {key}",
            )
        try:
            return RankedMetric(key=key, better=better, worst=ranking.fill(key, spec=spec))
        except ValueError as error:
            raise AnswerIsNo(str(error), code="MISSING_RULE") from None
    # not one of ours: `worst` has no meaning of its own
    if ranking.missing == "last":
        return RankedMetric(key=key, better=better, worst=None)
    if (given := ranking.given(key)) is not None:
        return RankedMetric(key=key, better=better, worst=given)
    if None in values:
        raise AnswerIsNo(
            f"{key!r} is not in the catalogue, so its worst value is not known, and cases are missing: write a number such "
            f"as --missing {key}=0",
            code="MISSING_RULE",
        )
    # nothing is missing: any value that clips nothing
    delivered = _delivered(values)
    return RankedMetric(key=key, better=better, worst=min(delivered) if better is Better.HIGHER else max(delivered))


def _checked(metric: RankedMetric, *, values: Values) -> RankedMetric:
    """Refuses a number that clips every delivered value: `--missing 0` would make all equal in an error."""
    delivered = _delivered(values)
    if not isinstance(metric.worst, int | float) or not delivered or min(delivered) == max(delivered):
        return metric
    higher = metric.better is Better.HIGHER
    if metric.worst >= max(delivered) if higher else metric.worst <= min(delivered):
        raise AnswerIsNo(
            f"a missing case would count {metric.worst:g} in {metric.key!r}, and no delivered value is better: all would tie; "
            f"write what a failed case deserves for each metric, such as --missing {metric.key}={'0' if higher else '1000'}",
            code="MISSING_RULE",
        )
    return metric


def _delivered(values: Values) -> list[float]:
    return [value for value in values if value is not None]


def _interval(stable: Stability | None, team: str, *, end: int) -> float | int | None:
    return None if stable is None else _plain(stable.intervals[team][end])


def _plain(rank: float) -> float | int:
    """A whole rank without its .0"""
    return int(rank) if rank == int(rank) else rank
