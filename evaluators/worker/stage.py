"""Everything that must lie ready before a container starts: its image, its inputs, and later the sealed references."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from evaluators.contract.cases import JobCase
from evaluators.contract.datasets import FileRef
from evaluators.contract.failures import PlatformFailure
from evaluators.contract.jobs import Job
from evaluators.sandbox.errors import LoadFailure
from evaluators.sandbox.interface import ImageInfo, Sandbox
from evaluators.worker.cache import Cache
from evaluators.worker.errors import PlatformFault, RunFailed, SiteRefused, SiteUnreachable
from evaluators.worker.site_client import SiteClient, retrying


def bring_image(*, sandbox: Sandbox, client: SiteClient, job: Job) -> ImageInfo:
    """The submitted image in the engine. Raises RunFailed (the team's archive) or PlatformFault (our store)."""

    def load() -> ImageInfo:
        with client.image(config_digest=job.image) as archive:
            return sandbox.load_image(archive=archive, config_digest=job.image, limit=job.limits.image)

    try:
        return sandbox.find_image(config_digest=job.image) or retrying(load)
    except LoadFailure as error:
        raise RunFailed(note=error.note) from error
    except (SiteUnreachable, SiteRefused) as error:
        raise PlatformFault(code=PlatformFailure.REGISTRY, detail=str(error)) from error


@contextmanager
def staged_inputs(*, cache: Cache, client: SiteClient, job: Job, root: Path) -> Iterator[Path]:
    """A folder with the inputs of every case under this evaluation's names; gone when the context ends."""
    files = [file for case in job.cases for file in case.inputs]
    _bring(cache=cache, client=client, files=files)
    folder = _fresh(root / f"{job.evaluation}-{job.attempt}-input")
    try:
        # in the order of the drawn names: neither inode nor change time tells what belongs together
        for file in sorted(files, key=lambda file: file.path):
            cache.link(sha256=file.sha256, target=folder / file.path)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Tray:
    """The input folder of a container that gets one case at a time: it never sees the next one before its turn."""

    def __init__(self, *, cache: Cache, folder: Path) -> None:
        self._cache = cache
        self._folder = folder

    def lay_out(self, case: JobCase) -> None:
        """The files of this case in place of those of the one before."""
        for old in self._folder.iterdir():
            shutil.rmtree(old)
        for file in sorted(case.inputs, key=lambda file: file.path):
            self._cache.link(sha256=file.sha256, target=self._folder / file.path)


@contextmanager
def staged_tray(*, cache: Cache, client: SiteClient, job: Job, root: Path) -> Iterator[tuple[Path, Tray]]:
    """An empty input folder and its tray, every input in the cache; gone when the context ends."""
    _bring(cache=cache, client=client, files=[file for case in job.cases for file in case.inputs])
    folder = _fresh(root / f"{job.evaluation}-{job.attempt}-input")
    try:
        yield folder, Tray(cache=cache, folder=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def staged_references(
    *, cache: Cache, client: SiteClient, job: Job, cases: Iterable[JobCase], root: Path
) -> Iterator[Path]:
    """A flat folder of sealed references named by their hash; made after the submission's container is gone."""
    files = [file for case in cases for file in case.references]
    _bring(cache=cache, client=client, files=files)
    folder = _fresh(root / f"{job.evaluation}-{job.attempt}-references")
    try:
        for sha256 in sorted({file.sha256 for file in files}):
            cache.link(sha256=sha256, target=folder / sha256)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _bring(*, cache: Cache, client: SiteClient, files: Iterable[FileRef]) -> None:
    try:
        retrying(lambda: cache.bring(files=files, fetch=lambda sha256: client.blob(sha256=sha256)))
    except (SiteUnreachable, SiteRefused) as error:
        raise PlatformFault(code=PlatformFailure.DATA, detail=str(error)) from error


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    return folder
