"""Result files through the worker's loops: fetched from a live site, unpacked, scored; nothing of the team's runs."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from assay.accounts.models import User
from assay.datasets.models import Case
from assay.evaluations.models import MetricScores
from assay.evaluations.services import request_cancel
from assay.predictions import services as predictions
from assay.submissions import selectors
from assay.submissions import services as submissions
from evaluators.sandbox.errors import EngineFailure
from evaluators.sandbox.fake import FakeSandbox, Script
from evaluators.sandbox.interface import Archive
from tests.integration.worker.conftest import METRICS, Site, scores_all
from tests.unit.assay.conftest import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def taking(site: Site) -> Site:
    """The site's phase takes result files, and nothing waits."""
    request_cancel(pk=site.submission.evaluation_id, actor=None, now=NOW)
    for number, unit in enumerate(sorted(set(Case.objects.values_list("unit", flat=True))), start=1):
        Case.objects.filter(unit=unit).update(given_as=f"P{number:03d}")
    phase = site.submission.phase
    phase.predictions = "given-out"
    phase.save()
    return site


def wanted(site: Site) -> list[str]:
    return selectors.list_predictions(site.submission.phase).paths


def enter(site: Site, files: Mapping[str, bytes]) -> Site:
    """The same site, asked about an entry of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    content = buffer.getvalue()
    sha256 = hashlib.sha256(content).hexdigest()
    actor, team = site.submission.user, site.submission.team
    assert isinstance(actor, User)
    sent = predictions.offer_predictions(actor=actor, team=team, sha256=sha256, archive_bytes=len(content), now=NOW)
    predictions.receive_predictions(actor=actor, predictions=sent, chunks=[content], now=NOW)
    entered = submissions.submit(
        actor=actor, team=team, phase=site.submission.phase, predictions=sha256, method="Files", card={}, now=NOW
    )
    return replace(site, submission=entered.submission)


def archive_of(site: Site) -> str:
    found = site.submission.predictions
    assert found is not None
    return found.sha256


def ending(site: Site) -> tuple[str, str]:
    failure = site.evaluation.failure
    return site.evaluation.state, "" if failure is None else str(failure["code"])


def test_every_file_is_scored_and_nothing_runs(taking: Site) -> None:
    entered = enter(taking, {f"Submission/{path}": path.encode() for path in wanted(taking)})
    sandbox = FakeSandbox(scripts=[Script(scorer=scores_all)])
    entered.work_once(sandbox)
    evaluation = entered.evaluation
    assert (evaluation.state, evaluation.outcomes, sandbox.runs) == ("scored", [{}] * 12, 0)
    assert list(evaluation.transitions.values_list("after", flat=True)) == ["preparing", "scoring", "scored"]
    assert set(MetricScores.objects.filter(evaluation=evaluation).values_list("key", flat=True)) == set(METRICS)
    run = evaluation.run
    assert run is not None
    assert (run["files_present"], run["files_expected"], run["seconds"]) == (12, 12, 0)
    assert run["provenance"]["predictions"] == archive_of(entered)
    assert "image" not in run["provenance"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda files: {**files, "../escape": b"x"}, "PROTOCOL"),
        (lambda files: {**files, "zeros": bytes(2**21)}, "OUTPUT_TOO_LARGE"),
        (lambda files: {f"other/{number}.mat": b"x" for number in range(len(files))}, "NO_OUTPUT"),
    ],
)
def test_a_bad_archive_is_the_teams_failure_at_once(
    taking: Site, change: Callable[[dict[str, bytes]], dict[str, bytes]], code: str
) -> None:
    phase = taking.submission.phase
    phase.limits = {**phase.limits, "output": 2**20}
    phase.save()
    entered = enter(taking, change(dict.fromkeys(wanted(taking), b"x")))
    entered.work_once(FakeSandbox(scripts=[Script(scorer=scores_all)]))
    assert (*ending(entered), entered.evaluation.attempt) == ("failed", code, 1)
    told = entered.evaluation.failure
    assert told is not None
    assert told["detail"]
    stored = entered.root / "bench" / "outputs"
    assert not [path for path in stored.rglob("*") if path.is_file()]


def test_an_archive_that_the_site_lost_is_ours_and_never_the_teams(taking: Site) -> None:
    entered = enter(taking, dict.fromkeys(wanted(taking), b"x"))
    predictions.predictions_path(archive_of(entered)).unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("evaluators.worker.site_client._BACKOFF", ())
        entered.work_once(FakeSandbox(scripts=[Script(scorer=scores_all)]))
    assert (*ending(entered), entered.evaluation.attempt) == ("platform_error", "DATA", 3)


def test_an_engine_that_fails_to_unpack_is_asked_again(taking: Site) -> None:
    class Once(FakeSandbox):
        failed = False

        def unpack(self, **arguments: Any) -> Archive:
            if not self.failed:
                self.failed = True
                raise EngineFailure("no space left")
            return super().unpack(**arguments)

    entered = enter(taking, dict.fromkeys(wanted(taking), b"x"))
    entered.work_once(Once(scripts=[Script(scorer=scores_all)]))
    assert (entered.evaluation.state, entered.evaluation.attempt) == ("scored", 2)
