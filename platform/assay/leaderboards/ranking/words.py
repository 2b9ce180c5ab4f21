"""A ranking rule as a person reads it on the board."""

from __future__ import annotations

from assay.leaderboards.ranking.bootstrap import COVERED, REPEATS
from assay.leaderboards.ranking.certainty import MOST_TESTED
from assay.leaderboards.ranking.significance import ALPHA
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


def describe_intervals(*, unit: str) -> str:
    """What a range of ranks is. unit: the independent one, such as subject."""
    return (
        f"The range holds the ranks that a method takes in the middle {COVERED:.0%} of {REPEATS:,} resamples, each of as many "
        f"{unit}s as there are, drawn with replacement."
    ).replace("%", " %")


def describe_groups(*, unit: str, methods: int) -> str:
    """What a letter is, and the test behind it. methods: how many are ranked."""
    first = f" among the first {MOST_TESTED}" if methods > MOST_TESTED else ""
    return (
        f"Methods that share a letter are not told apart at level {_level()}: one-sided paired Wilcoxon signed-rank tests on "
        f"{unit} means in every metric that ranks, Holm's correction over all pairs of a metric{first}. Two are told apart where "
        "one is better in a metric and the other in none."
    )


def describe_too_few(*, unit: str, units: int, methods: int) -> str:
    """Why nobody is told apart, where nobody could be."""
    return f"{units} {unit}s are too few for the test to tell any two of {methods} methods apart."


def describe_pair(*, unit: str) -> str:
    """What a comparison of two methods draws and tests."""
    return (
        f"Differences are first minus second, over the cases that both delivered; their interval is the middle {COVERED:.0%} of "
        f"the mean in {REPEATS:,} resamples of whole {unit}s. p is the chance of a difference this large or larger between equals: "
        f"one-sided paired Wilcoxon signed-rank test on {unit} means, for this pair alone and after Holm's correction over all "
        f"pairs of the board in that metric; level {_level()}. In wins and tests a missing case counts as the ranking says."
    ).replace("95%", "95 %")


def _level() -> str:
    return f"{ALPHA:g}".removeprefix("0")
