"""The "How this is scored" panel says what scorer and ranking really do."""

from __future__ import annotations

from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils.html import escape

from assay.leaderboards.scoring_words import explain
from evaluators.contract.catalogue import catalogue
from evaluators.contract.metrics import Choice
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
    # "less" would be wrong where lower is better
    assert ("counts worse than that" in explained.rule) == (ranking["missing"] != "last")


def test_the_test_behind_a_significance_ranking_is_named_with_its_correction_and_level() -> None:
    explained = explain(task(rule="significance"))
    assert explained.tested
    assert not explain(task(rule="rank_then_mean")).tested
    rule = explained.rule
    assert all(word in rule for word in ("one-sided paired Wilcoxon", "Holm", "5 %"))


def panel(*metrics: dict[str, Any]) -> str:
    """The table of columns as the page shows it, blanks and line ends as one blank."""
    html = render_to_string("leaderboards/metrics.html", {"explained": explain(reconstruction_task(metrics=metrics))})
    return " ".join(html.split())


@pytest.mark.parametrize("key", sorted(catalogue().metrics))
def test_a_column_shows_all_that_the_catalogue_knows_of_its_metric(key: str) -> None:
    spec = catalogue().metrics[key]
    shown = panel({"metric": key, "ranks": False}, {"metric": "nmse", "as": "ranked"})
    for text in (spec.source, spec.peer, spec.edge):
        assert escape(text) in shown
    for name, option in spec.options.items():
        if isinstance(option, Choice):
            value, text = next(iter(option.values.items()))
            assert f"{name} {value}" in shown
            assert escape(text) in shown


def test_the_variant_that_the_task_chose_is_shown_and_not_the_default() -> None:
    shown = panel({"metric": "ged", "variant": "u"}, {"metric": "ece", "bins": 15})
    assert "variant u<" in shown
    assert "different masks only" in shown
    assert "a mask is compared with itself too" not in shown
    assert "bins 15<" in shown


def test_the_kinds_own_options_are_named_with_their_values() -> None:
    shown = panel({"metric": "ssim", "normalisation": "cmrxrecon2023", "region": "challenge-crop"})
    assert "normalisation cmrxrecon2023" in shown
    assert "region challenge crop" in shown


@pytest.mark.parametrize("year", ["cmrxrecon2023", "cmrxrecon2024", "cmrxrecon2025", "fastmri"])
@pytest.mark.parametrize("metric", ["ssim", "psnr", "nmse"])
def test_a_column_names_the_source_of_its_own_scale_and_of_no_other_years(metric: str, year: str) -> None:
    scales = catalogue().kinds["reconstruction"].options["normalisation"].values
    (column,) = explain(
        reconstruction_task(metrics=[{"metric": metric, "normalisation": year, "order": "declared", "region": "full"}])
    ).ranking
    told = {option.name: option.text for option in column.options}
    assert told["normalisation"] == scales[year]
    title = "fastMRI" if year == "fastmri" else f"CMRxRecon {year.removeprefix('cmrxrecon')}"
    assert title in told["normalisation"]
    assert "every pixel" in told["region"]
    # the metric's own source is the paper that defines it: no year's script
    assert "CMRxRecon" not in column.spec.source
    assert told["normalisation"] in panel({"metric": metric, "normalisation": year})
