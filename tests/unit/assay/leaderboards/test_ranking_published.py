"""Our rules give the ranks that challengeR and grand-challenge publish for their own tables; where policy differs, it is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assay.leaderboards.ranking.contest import Contest, contest
from assay.leaderboards.ranking.missing import RankedMetric
from assay.leaderboards.ranking.rules import standings
from assay.leaderboards.ranking.significance import shares_beaten
from evaluators.contract.metrics import Better
from evaluators.contract.tasks import RankingRule, TieMethod

PUBLISHED = json.loads((Path(__file__).parents[3] / "golden" / "ranking.json").read_text(encoding="utf-8"))["tables"]


def ready(row: dict[str, Any]) -> Contest:
    missing = row.get("missing", "last")
    # a table without a missing case needs a value all the same where the rule compares values
    worst = {"higher": -1e6, "lower": 1e6}
    cases = len(next(iter(next(iter(row["table"].values())).values())))
    holes = any(None in column for columns in row["table"].values() for column in columns.values())
    return contest(
        table=row["table"],
        metrics=[
            RankedMetric(
                key=key,
                better=Better(better),
                worst=(None if missing == "last" else float(missing)) if holes else worst[better],
            )
            for key, better in row["better"].items()
        ],
        cells=[()] * cases,
        rule=RankingRule(row["rule"]),
        ties=TieMethod(row.get("ties", "min")),
    )


def ranks(row: dict[str, Any]) -> dict[str, float]:
    return {name: at.rank for name, at in standings(ready(row)).items()}


CORRECTED = [row for row in PUBLISHED if row.get("holm", True)]


@pytest.mark.parametrize("row", CORRECTED, ids=lambda row: row["name"])
def test_a_published_table_has_its_published_ranks(row: dict[str, Any]) -> None:
    assert ranks(row) == row["ranks"]
    if "scores" in row:
        assert {name: at.score for name, at in standings(ready(row)).items()} == pytest.approx(row["scores"])


@pytest.mark.parametrize("row", [row for row in PUBLISHED if row not in CORRECTED], ids=lambda row: row["name"])
def test_four_cases_prove_what_challenger_says_without_correction_and_nothing_with_ours(row: dict[str, Any]) -> None:
    """Its p.adjust is "none" by default: one of two tests at 0.036 is enough there. Holm asks for 0.025 here."""
    table = ready(row)
    shares = shares_beaten(table, counts=table.whole, holm=False)[0]
    assert dict(zip(table.names, shares.tolist(), strict=True)) == row["scores"]
    assert set(ranks(row).values()) == {1}


def test_a_missing_case_ranks_behind_ties_where_challenger_lets_ties_soften_it() -> None:
    """Its rank for a missing case is the largest given rank plus one: 1, 1, 2. Ours is the number of methods: 1, 1, 3."""
    row = {
        "rule": "rank_then_mean",
        "better": {"v": "higher"},
        "missing": "last",
        "table": {"A": {"v": [0.9]}, "B": {"v": [0.9]}, "C": {"v": [None]}},
    }
    assert ranks(row) == {"A": 1, "B": 1, "C": 3}


def test_a_method_that_lacks_a_metric_ranks_by_the_missing_rule_where_grand_challenge_drops_it() -> None:
    """It gives a result without one of the metrics rank 0 and leaves it out; a method here stays on the board, last."""
    row = {
        "rule": "mean_then_rank",
        "better": {"a": "higher", "b": "higher"},
        "missing": 0.0,
        "table": {"whole": {"a": [0.5], "b": [0.2]}, "half": {"a": [0.4], "b": [None]}},
    }
    assert ranks(row) == {"whole": 1, "half": 2}


def test_a_delivered_value_beyond_the_missing_one_counts_as_the_missing_one() -> None:
    """challengeR's NA treated as 0 where small is better makes missing the best there is; here nothing delivered is worse."""
    row = {
        "rule": "significance",
        "better": {"v": "lower"},
        "missing": 0.0,
        "table": {"A": {"v": [None, 0.2, 0.2, 0.2]}, "B": {"v": [1.0, 1.0, 1.0, 1.0]}},
    }
    assert ranks(row) == {"A": 1, "B": 1}
