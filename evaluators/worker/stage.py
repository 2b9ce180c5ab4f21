"""Everything that must lie ready before a container starts: its image, its inputs, and later the sealed references."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from evaluators.contract.cases import JobCase
from evaluators.contract.datasets import FileRef
from evaluators.contract.failures import PlatformFailure
from evaluators.contract.jobs import Job
from evaluators.sandbox.errors import LoadFailure
from evaluators.sandbox.interface import ImageInfo, Sandbox
from evaluators.worker.cache import Cache, Fetch
from evaluators.worker.errors import PlatformFault, RunFailed, SiteRefused, SiteUnreachable
from evaluators.worker.site_client import SiteClient, retrying


class Blobs(Protocol):
    """Where inputs and references come from: the site as its workers know it, or what a team may download."""

    def blob(self, *, sha256: str) -> AbstractContextManager[Iterator[bytes]]:
        """The bytes of one file, in chunks."""


def bring_image(*, sandbox: Sandbox, client: SiteClient, config_digest: str, limit: int) -> ImageInfo:
    """The submitted image in the engine. limit: bytes, unpacked. Raises RunFailed (the team's archive) or PlatformFault (our store)."""

    def fetch(above: int) -> ImageInfo:
        with client.image(config_digest=config_digest, above=above) as archive:
            return sandbox.load_image(archive=archive, config_digest=config_digest, limit=limit, above=above)

    def load() -> ImageInfo:
        there = sandbox.layers_there(client.image_layers(config_digest=config_digest))
        if there:
            # the engine may have dropped one meanwhile, and not every engine takes an archive with layers left out
            with suppress(LoadFailure):
                return fetch(there)
        return fetch(0)

    try:
        return sandbox.find_image(config_digest=config_digest) or retrying(load)
    except LoadFailure as error:
        raise RunFailed(note=error.note) from error
    except (SiteUnreachable, SiteRefused) as error:
        raise PlatformFault(code=PlatformFailure.REGISTRY, detail=str(error)) from error


@contextmanager
def staged_inputs(*, cache: Cache, client: Blobs, job: Job, root: Path) -> Iterator[Path]:
    """A folder with the inputs of every case under this evaluation's names; gone when the context ends."""
    files = [file for case in job.cases for file in case.inputs]
    _bring_data(cache=cache, client=client, files=files)
    with fresh_folder(root / f"{job.evaluation}-{job.attempt}-input") as folder:
        # in the order of the drawn names: neither inode nor change time tells what belongs together
        for file in sorted(files, key=lambda file: file.path):
            cache.link(sha256=file.sha256, target=folder / file.path)
        yield folder


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
def staged_tray(*, cache: Cache, client: Blobs, job: Job, root: Path) -> Iterator[tuple[Path, Tray]]:
    """An empty input folder and its tray, every input in the cache; gone when the context ends."""
    _bring_data(cache=cache, client=client, files=[file for case in job.cases for file in case.inputs])
    with fresh_folder(root / f"{job.evaluation}-{job.attempt}-input") as folder:
        yield folder, Tray(cache=cache, folder=folder)


@contextmanager
def staged_references(*, cache: Cache, client: Blobs, job: Job, cases: Iterable[JobCase], root: Path) -> Iterator[Path]:
    """A flat folder of sealed references named by their hash; made after the submission's container is gone."""
    files = [file for case in cases for file in case.references]
    _bring_data(cache=cache, client=client, files=files)
    with fresh_folder(root / f"{job.evaluation}-{job.attempt}-references") as folder:
        for sha256 in sorted({file.sha256 for file in files}):
            cache.link(sha256=sha256, target=folder / sha256)
        yield folder


def _bring_data(*, cache: Cache, client: Blobs, files: Iterable[FileRef]) -> None:
    bring(cache=cache, files=files, fetch=lambda sha256: client.blob(sha256=sha256))


def bring(*, cache: Cache, files: Iterable[FileRef], fetch: Fetch) -> None:
    """Files into the cache, tried again while the site is away. Raises PlatformFault(DATA)."""
    wanted = list(files)
    try:
        retrying(lambda: cache.bring(files=wanted, fetch=fetch))
    except (SiteUnreachable, SiteRefused) as error:
        raise PlatformFault(code=PlatformFailure.DATA, detail=str(error)) from error


@contextmanager
def fresh_folder(folder: Path) -> Iterator[Path]:
    """`folder`, empty, for containers to read; gone when the context ends."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
