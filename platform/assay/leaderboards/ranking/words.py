"""A ranking rule as a person reads it on the board."""

from __future__ import annotations

from evaluators.contract.tasks import Ranking, RankingRule, TieMethod

_RULE = {
    RankingRule.RANK_THEN_MEAN: (
        "In every case and metric the methods are ranked; the mean of a method's ranks decides, lowest first."
    ),
    RankingRule.MEAN_THEN_RANK: (
        "Each metric is averaged over the cases and ranked; the mean of a method's ranks over the metrics decides, lowest first."
    ),
    RankingRule.MEDIAN_OF_RANKS: (
        "In every case and metric the methods are ranked; the median of a method's ranks decides, lowest first."
    ),
    RankingRule.SUM_OF_RANKS: (
        "Each metric is averaged over the cases and ranked; the sum of a method's ranks over the metrics decides, lowest first."
    ),
    RankingRule.SPEED: (
        "Among the methods that pass the gate the seconds a case decide, fewest first: the mean over all cases but the warm-up, from "
        "a case's question to its answer; a case without an answer counts its whole time limit."
    ),
    RankingRule.SIGNIFICANCE: (
        "Every method is tested against every other in each metric (one-sided paired Wilcoxon signed-rank test, Holm's correction "
        "over all pairs of a metric, 5 %); the share of rivals that a method beats significantly decides, highest first."
    ),
}
_TIES = {
    TieMethod.MIN: "Methods that tie share the best rank of their group (1, 1, 3).",
    TieMethod.AVERAGE: "Methods that tie share the mean rank of their group (1.5, 1.5, 3).",
    TieMethod.MAX: "Methods that tie share the last rank of their group (2, 2, 3).",
}
_SAME = "Numbers that differ by less than one part in a thousand million tie."
_WEIGHTS = {
    "equal": "Every combination of strata weighs the same.",
    "cases": "Every case weighs the same.",
}
_SHOWN = "the means shown leave missing cases out."


def describe(ranking: Ranking) -> str:
    """The whole rule: what is ranked, how cases weigh, ties, missing cases."""
    return " ".join(
        (
            _RULE[ranking.rule],
            *_gate(ranking),
            _WEIGHTS[ranking.strata],
            _TIES[ranking.ties],
            _SAME,
            describe_missing(ranking),
        )
    )


def _gate(ranking: Ranking) -> list[str]:
    """Who passes, in one sentence; nothing where there is no gate."""
    gate = ranking.gate
    if gate is None:
        return []
    if gate.first is not None:
        who = (
            f"The first {gate.first} by the mean of {gate.metric} pass the gate, baselines counted, "
            f"so that all pass while no more than {gate.first} stand here"
        )
    elif gate.better_than is not None:
        who = f"A method passes the gate whose mean of {gate.metric} is better than that of the baseline {gate.better_than}"
    else:
        who = f"A method passes the gate whose mean of {gate.metric} is {gate.no_worse_than:g} or better"
    return [f"{who}; all others stand without a rank."]


def describe_missing(ranking: Ranking) -> str:
    """What a missing case counts, in one sentence."""
    if ranking.missing == "last":
        return f"In a missing case a method gets the last rank, the number of methods; {_SHOWN}"
    if ranking.missing == "worst":
        counts = "the metric's worst value"
    elif isinstance(ranking.missing, dict):
        counts = ", ".join(f"{number:g} in {key}" for key, number in ranking.missing.items())
        counts += " and as the worst value in any other metric"
    else:
        counts = f"{ranking.missing:g}"
    return f"A missing case counts as {counts}, and no delivered value counts worse than that; {_SHOWN}"
