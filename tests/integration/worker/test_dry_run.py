"""A dry run through the worker's loops on a live site: three answers of ours, counted nowhere, judged by what came."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assay.accounts.models import User
from assay.audit.models import Entry
from assay.challenges import review
from assay.challenges.errors import NotYourChallenge
from assay.challenges.models import Phase
from assay.dryruns import selectors, services
from assay.dryruns.errors import DryRunGoesOn
from assay.dryruns.models import DryRun
from assay.evaluations.models import Evaluation
from assay.evaluations.services import request_cancel
from assay.leaderboards.selectors import board
from assay.submissions.models import Submission
from evaluators.contract.dry_runs import DryRunOut
from evaluators.contract.failures import CaseFailure, FailureNote
from evaluators.contract.scorer import ScorerJob, ScorerLine
from evaluators.contract.scores import CaseResult
from evaluators.sandbox.fake import FakeSandbox, Script
from evaluators.worker.rehearse import BROKEN_FILE
from tests.integration.worker.conftest import METRICS, Site
from tests.unit.assay.conftest import NOW
from tests.unit.assay.samples import CHALLENGE

pytestmark = pytest.mark.django_db(transaction=True)
BEST = {"ssim": 1.0, "psnr": 100.0, "nmse": 0.0, "ssim_full": 1.0, "psnr_full": 100.0, "nmse_full": 0.0}


def _scorer(sent: str, *, perfect: dict[str, float]) -> Iterator[str]:
    """Reads as the real one: what is not there is missing, what is of no format is bad; `perfect` of the rest."""
    job = ScorerJob.model_validate_json(sent)
    for case in job.cases:
        file = job.manifest[case.output]
        if isinstance(file, FailureNote):
            result = CaseResult(case=case.index, failure=file)
        elif file.size == len(BROKEN_FILE):
            result = CaseResult(case=case.index, failure=FailureNote(code=CaseFailure.BAD_FORMAT))
        else:
            result = CaseResult(case=case.index, values=perfect)
        yield ScorerLine(result=result).line()
    yield ScorerLine(done=True).line()


def sound(sent: str) -> Iterator[str]:
    return _scorer(sent, perfect=BEST)


def crooked(sent: str) -> Iterator[str]:
    """SSIM of the reference against itself is not 1."""
    return _scorer(sent, perfect=BEST | {"ssim": 0.97})


def lenient(sent: str) -> Iterator[str]:
    """Finds a value for everything, also for what is not there."""
    for case in ScorerJob.model_validate_json(sent).cases:
        yield ScorerLine(result=CaseResult(case=case.index, values=BEST)).line()
    yield ScorerLine(done=True).line()


@pytest.fixture
def quiet(site: Site) -> Site:
    """The site with nothing queued."""
    request_cancel(pk=site.submission.evaluation_id, actor=None, now=NOW)
    return site


def _tried(site: Site, organiser: User, scorer: object) -> DryRunOut:
    run = services.begin(actor=organiser, phase=site.submission.phase, now=NOW)
    assert not selectors.report(run).ended
    site.work_once(FakeSandbox(scripts=[Script(scorer=scorer)]))  # type: ignore[arg-type]
    found = selectors.latest(site.submission.phase)
    assert found is not None
    return selectors.report(found)


def test_a_sound_scorer_is_green_and_nothing_of_it_counts(quiet: Site, organiser: User) -> None:
    entries = Submission.objects.count()
    report = _tried(quiet, organiser, sound)
    assert (report.green, report.stale) == (True, "")
    assert [(each.name, each.state, each.faults, each.cases) for each in report.answers] == [
        ("perfect", "scored", [], 12), ("empty", "scored", [], 12), ("broken", "scored", [], 12),
    ]  # fmt: skip
    assert report.dataset == "cine-demo-test@1"
    run = DryRun.objects.get()
    assert [each.run["provenance"]["rehearsal"] for each in run.evaluations.values() if each.run] == [
        "perfect", "empty", "broken",
    ]  # fmt: skip
    assert Submission.objects.count() == entries
    assert board(phase=quiet.submission.phase, viewer=None, now=NOW).rows == []
    assert Entry.objects.filter(tag="organiser:phase:dry-run", actor=organiser).count() == 1


@pytest.mark.parametrize(
    ("scorer", "wanted"),
    [
        (crooked, {"perfect": "ssim of the references themselves is not 1 in 12 cases, furthest off is case"}),
        (
            lenient,
            {
                "empty": "12 cases did not fail as it must: case 01 was scored",
                "broken": "12 cases did not fail as it must: case 01 was scored",
            },
        ),
    ],
)
def test_a_scorer_that_is_wrong_is_told_where(
    quiet: Site, organiser: User, scorer: object, wanted: dict[str, str]
) -> None:
    report = _tried(quiet, organiser, scorer)
    assert (report.ended, report.green) == (True, False)
    told = {each.name: each.faults for each in report.answers if each.faults}
    assert told.keys() == wanted.keys()
    for name, words in wanted.items():
        assert told[name][0].startswith(words)


def test_a_green_dry_run_is_of_one_task_and_one_version_of_the_data(quiet: Site, organiser: User) -> None:
    def warned(text: str) -> bool:
        found = review.lint(text=text, actor=organiser, now=NOW)
        return any("has had no green dry run" in each.message for each in found)

    assert warned(CHALLENGE)
    assert _tried(quiet, organiser, sound).green
    assert not warned(CHALLENGE)
    assert warned(CHALLENGE.replace("digits: 3}", "digits: 4}", 1))
    assert warned(CHALLENGE.replace("ranked: cine-demo-test@1", "ranked: cine-demo-sample@1"))
    phase = Phase.objects.get()
    phase.limits = {**phase.limits, "time": 60}
    phase.save()
    run = selectors.latest(phase)
    assert run is not None
    report = selectors.report(run)
    assert (report.green, report.stale) == (False, "the task or its limits were changed since")


def test_one_at_a_time_and_only_by_the_challenges_organisers(quiet: Site, organiser: User, captain: User) -> None:
    with pytest.raises(NotYourChallenge):
        services.begin(actor=captain, phase=quiet.submission.phase, now=NOW)
    services.begin(actor=organiser, phase=quiet.submission.phase, now=NOW)
    with pytest.raises(DryRunGoesOn):
        services.begin(actor=organiser, phase=quiet.submission.phase, now=NOW)
    assert Evaluation.objects.filter(purpose="dry-run").count() == 3
    quiet.work_once(FakeSandbox(scripts=[Script(scorer=sound)]))
    services.begin(actor=organiser, phase=quiet.submission.phase, now=NOW)
    assert Evaluation.objects.filter(purpose="dry-run").count() == 6
    assert set(METRICS) == set(BEST)
