"""The "How this is scored" panel says what the ranking really does with a missing case."""

from __future__ import annotations

from typing import Any

import pytest

from assay.leaderboards.scoring_words import explain
from evaluators.contract.tasks import TaskSpec
from tests.unit.evaluators.tasks.specs import reconstruction_task


def task(**ranking: Any) -> TaskSpec:
    document = reconstruction_task().model_dump(by_alias=True)
    return TaskSpec.model_validate({**document, "ranking": {**document["ranking"], **ranking}})


@pytest.mark.parametrize(
    ("ranking", "counts", "sentence"),
    [
        ({"missing": "worst"}, "0", "counts as the metric's worst value"),
        ({"missing": {"ssim": -0.5}}, "-0.5", "counts as -0.5 in ssim and as the worst value in any other metric"),
        ({"missing": "last", "rule": "rank_then_mean"}, "the last rank", "gets the last rank, the number of methods"),
    ],
)
def test_a_column_says_what_a_missing_case_counts_there(ranking: dict[str, Any], counts: str, sentence: str) -> None:
    explained = explain(task(**ranking))
    assert {words.use.key: words.worst for words in explained.ranking}["ssim"] == counts
    assert sentence in explained.rule


def test_the_test_behind_a_significance_ranking_is_named_with_its_correction_and_level() -> None:
    rule = explain(task(rule="significance")).rule
    assert all(word in rule for word in ("one-sided paired Wilcoxon", "Holm", "5 %"))
