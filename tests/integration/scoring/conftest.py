"""The real scorer image under the real engine, with a saboteur inside that acts where a given file is opened."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import docker
import pytest

from evaluators.contract.failures import FailureNote
from evaluators.contract.jobs import CaseReport, Job
from evaluators.contract.limits import Limits
from evaluators.contract.outputs import ArchivedFile
from evaluators.contract.scores import CaseResult
from evaluators.sandbox.docker_sandbox import DockerSandbox
from evaluators.sandbox.interface import ImageInfo, Owner
from evaluators.worker.cache import Cache
from evaluators.worker.journal import Journal
from evaluators.worker.lease import Lease
from evaluators.worker.outputs import OutputStore
from evaluators.worker.score import Scoring
from evaluators.worker.settings import WorkerSettings, scorer_image
from evaluators.worker.site_client import SiteClient
from tests.integration.sandbox.conftest import owner, sandbox, tar_of  # noqa: F401 -- fixtures
from tests.unit.evaluators.scoring.store import SABOTEUR, TASK, Store

TAG = "assay-test/scorer:latest"
_DOCKERFILE = f"FROM {scorer_image()}\nCOPY sitecustomize.py /opt/assay/sitecustomize.py\n".encode()


@pytest.fixture(scope="session")
def image() -> Iterator[ImageInfo]:
    """assay/scorer as it is built, and the saboteur."""
    client = docker.from_env()
    context = tar_of({"Dockerfile": _DOCKERFILE, "sitecustomize.py": SABOTEUR.read_bytes()})
    built, _ = client.images.build(fileobj=io.BytesIO(context), custom_context=True, rm=True, tag=TAG)
    yield ImageInfo(reference=str(built.id), config_digest=str(built.id).removeprefix("sha256:"), size=1)
    client.images.remove(TAG, force=True)
    client.close()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Five good cases."""
    store = Store(tmp_path / "store", key=None)
    store.fill(5)
    return store


@dataclass(kw_only=True)
class SiteOfOneJob:
    """In place of a site: hands out the references, keeps what is reported."""

    references: Path
    reported: list[CaseResult] = field(default_factory=list)

    @contextmanager
    def blob(self, *, sha256: str) -> Iterator[Iterator[bytes]]:
        """See SiteClient."""
        yield iter([(self.references / sha256).read_bytes()])

    def report_cases(self, *, evaluation: str, report: CaseReport) -> None:
        """See SiteClient."""
        self.reported += report.results

    def codes(self) -> dict[int, str]:
        """Case -> its failure code, or `scored`; each case was reported once."""
        told = {one.case: one.failure.code if one.failure else "scored" for one in self.reported}
        assert len(told) == len(self.reported)
        return dict(sorted(told.items()))


Score = Callable[..., SiteOfOneJob]


@pytest.fixture
def score(
    store: Store,
    image: ImageInfo,
    sandbox: DockerSandbox,  # noqa: F811
    owner: Owner,  # noqa: F811
    tmp_path: Path,
) -> Iterator[Score]:
    """score(site, **settings): the worker's scoring of the store's cases; the site has heard of each when it returns."""
    journal = Journal(path=tmp_path / "journal.sqlite3")

    def run(**settings: Any) -> SiteOfOneJob:
        site = SiteOfOneJob(references=store.references)
        run.site = site  # type: ignore[attr-defined]
        job = Job(
            evaluation="evaluation",
            attempt=1,
            lease_seconds=600,
            image="0" * 64,
            image_bytes=1,
            limits=Limits(),
            task=TASK,
            dataset="set@1",
            cases=tuple(store.cases),
            reference_key=store.key,
            scorer="0" * 64,
            output_digest=None,
        )
        client = cast("SiteClient", site)
        outputs = OutputStore(root=tmp_path / "kept")
        staged = outputs.stage()
        for file in store.outputs.iterdir():
            (staged / file.name).write_bytes(file.read_bytes())
        files = {path: one for path, one in store.manifest.items() if isinstance(one, ArchivedFile)}
        failures = {path: one for path, one in store.manifest.items() if isinstance(one, FailureNote)}
        digest = outputs.keep(staged=staged, evaluation=job.evaluation, files=files, failures=failures)
        Scoring(
            settings=WorkerSettings(site="", token="", name="worker", hardware="cpu", work_root=tmp_path, **settings),
            sandbox=sandbox,
            scorer=sandbox.own_image(name=TAG),
            client=client,
            journal=journal,
            cache=Cache(root=tmp_path / "cache", limit=2**30),
            store=outputs,
            lease=Lease(client=client, job=job),
            job=job,
            owner=owner,
            output_digest=digest,
        ).run(manifest=store.manifest)
        return site

    yield run
    journal.close()
