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
}
_TIES = {
    TieMethod.MIN: "Methods that tie share the best rank of their group (1, 1, 3).",
    TieMethod.AVERAGE: "Methods that tie share the mean rank of their group (1.5, 1.5, 3).",
    TieMethod.MAX: "Methods that tie share the last rank of their group (2, 2, 3).",
    TieMethod.DENSE: "Methods that tie share a rank and the next one follows at once (1, 1, 2).",
}
_WEIGHTS = {
    "equal": "Every combination of strata weighs the same.",
    "cases": "Every case weighs the same.",
}
_MISSING = (
    "A missing case counts as the metric's worst value, and no delivered value counts less than that; "
    "the means shown leave missing cases out."
)


def describe(ranking: Ranking) -> str:
    """The whole rule in four sentences: what is ranked, how cases weigh, ties, missing cases."""
    return " ".join((_RULE[ranking.rule], _WEIGHTS[ranking.strata], _TIES[ranking.ties], _MISSING))
