"""A live site with one queued submission, and a worker bench whose engine is scripted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from assay.accounts.models import Team, User
from assay.challenges.models import Phase
from assay.evaluations.models import Evaluation
from assay.evaluations.services import register_worker
from assay.images.models import Image
from assay.submissions import services as submissions
from assay.submissions.models import Submission
from evaluators.contract.pseudonyms import draw_pseudonyms
from evaluators.contract.scorer import ScorerJob, ScorerLine
from evaluators.contract.scores import CaseResult
from evaluators.sandbox.fake import FakeSandbox
from evaluators.worker.attempt import Bench
from evaluators.worker.doorbell import Doorbell
from evaluators.worker.main import bench_of, work
from evaluators.worker.settings import WorkerSettings
from tests.unit.assay.conftest import (  # noqa: F401 -- fixtures
    NOW,
    _own_folders,
    archive,
    captain,
    challenge,
    organiser,
    phase,
    ready_image,
    sample_dataset,
    sealed_dataset,
    team,
)

METRICS = ("ssim", "psnr", "nmse", "ssim_full", "psnr_full", "nmse_full")


def value_of(case: int) -> CaseResult:
    """A good result that names its case."""
    return CaseResult(case=case, values=dict.fromkeys(METRICS, case / 100))


def scores_all(sent: str) -> Iterator[str]:
    """A scorer that finds a value for every case."""
    for case in ScorerJob.model_validate_json(sent).cases:
        yield ScorerLine(reading=case.index).line()
        yield ScorerLine(read=case.index).line()
        yield ScorerLine(result=value_of(case.index)).line()
    yield ScorerLine(done=True).line()


@dataclass(kw_only=True)
class Site:
    """What a test looks at."""

    url: str
    token: str
    submission: Submission
    root: Path

    @property
    def evaluation(self) -> Evaluation:
        """As it stands now."""
        return Evaluation.objects.get(pk=self.submission.evaluation_id)

    def bench(self, sandbox: FakeSandbox, *, name: str = "bench") -> AbstractContextManager[Bench]:
        """A worker of this site."""
        settings = WorkerSettings(
            site=self.url, token=self.token, name=name, hardware="cpu", work_root=self.root / name, once=True, tick=0.1
        )
        return bench_of(settings=settings, sandbox=sandbox)

    def work_once(self, sandbox: FakeSandbox, *, name: str = "bench") -> None:
        """Do all there is to do, once."""
        with self.bench(sandbox, name=name) as bench:
            work(bench=bench, doorbell=Doorbell(), should_stop=lambda: False)


@pytest.fixture
def site(
    live_server: LiveServer,
    settings: Settings,
    tmp_path: Path,
    captain: User,  # noqa: F811
    team: Team,  # noqa: F811
    phase: Phase,  # noqa: F811
    ready_image: Image,  # noqa: F811
) -> Site:
    settings.CELERY_BROKER_URL = "memory://"
    entered = submissions.submit(
        actor=captain,
        team=team,
        phase=phase,
        config_digest=ready_image.config_digest,
        method="Method",
        card={},
        now=NOW,
    )
    token = register_worker(name="bench", hardware="cpu", now=NOW)
    return Site(
        url=live_server.url,
        token=token,
        submission=entered.submission,
        root=tmp_path / "workers",
    )


def outputs_of(site: Site, *, leave_out: int = 0) -> dict[str, bytes]:
    """What a good container would write, under this evaluation's own names, but for the first `leave_out` cases."""
    cases = site.evaluation.dataset.cases.order_by("index")
    names = draw_pseudonyms(groups=[case.group for case in cases], seed=site.evaluation.pseudonym_seed)
    paths = [case.files.get(role="input", position=0).path.replace("{name}", names[case.group]) for case in cases]
    return {path: path.encode() for path in paths[leave_out:]}
