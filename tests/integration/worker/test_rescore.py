"""A re-score through the worker's loops: kept outputs enter at scoring, and outputs that are gone are ours to tell."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from assay.evaluations import services as evaluations
from assay.evaluations.models import Evaluation
from evaluators.contract.scorer import ScorerJob, ScorerLine
from evaluators.contract.scores import CaseResult
from evaluators.sandbox.fake import FakeSandbox, Script
from tests.integration.worker.conftest import METRICS, Site, outputs_of, scores_all
from tests.unit.assay.conftest import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def scores_half(sent: str) -> Iterator[str]:
    """Another scorer: half of what the first one said."""
    for case in ScorerJob.model_validate_json(sent).cases:
        yield ScorerLine(reading=case.index).line()
        yield ScorerLine(read=case.index).line()
        yield ScorerLine(result=CaseResult(case=case.index, values=dict.fromkeys(METRICS, case.index / 200))).line()
    yield ScorerLine(done=True).line()


def scored_again(site: Site) -> Evaluation:
    phase = site.submission.phase
    return evaluations.rescore(evaluation=site.evaluation, dataset=phase.ranked, task=phase.task.parsed(), now=NOW)


def test_kept_outputs_are_scored_anew_and_no_container_runs(site: Site) -> None:
    sandbox = FakeSandbox(scripts=[Script(files=outputs_of(site), scorer=scores_all)])
    site.work_once(sandbox)
    again = scored_again(site)
    # an engine that would fail the run if there were one
    site.work_once(FakeSandbox(scripts=[Script(engine_failure="nothing may run", scorer=scores_half)]))
    again.refresh_from_db()
    assert list(again.transitions.values_list("after", flat=True)) == ["preparing", "scoring", "scored"]
    assert again.scores.get(key="ssim").values == [case / 200 for case in range(12)]
    kept = site.evaluation
    assert (again.output_digest, again.run and again.run["seconds"]) == (
        kept.output_digest,
        kept.run and kept.run["seconds"],
    )
    # the old scores stand beside them
    assert site.evaluation.scores.get(key="ssim").values == [case / 100 for case in range(12)]


def test_outputs_that_are_no_longer_kept_are_never_ranked_as_missing(site: Site) -> None:
    site.work_once(FakeSandbox(scripts=[Script(files=outputs_of(site), scorer=scores_all)]))
    again = scored_again(site)
    shutil.rmtree(site.root / "bench" / "outputs")
    site.work_once(FakeSandbox(scripts=[Script(files=outputs_of(site), scorer=scores_half)]))
    again.refresh_from_db()
    assert (again.state, again.failure) == (
        "platform_error",
        {"code": "DATA", "detail": "the outputs of this run are no longer kept"},
    )
    assert site.evaluation.state == "scored"
