"""A team's archive of result files: fetched, and unpacked into the output store as if a container had written its files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evaluators.contract.datasets import FileRef
from evaluators.contract.failures import CaseFailure, FailureNote, RunFailure
from evaluators.contract.jobs import Job
from evaluators.sandbox.errors import UnpackFailure
from evaluators.sandbox.interface import Archive, Owner, Sandbox
from evaluators.worker.cache import Cache
from evaluators.worker.errors import RunFailed
from evaluators.worker.site_client import SiteClient
from evaluators.worker.stage import bring, fresh_folder


def take_predictions(
    *,
    sandbox: Sandbox,
    client: SiteClient,
    cache: Cache,
    job: Job,
    file: FileRef,
    owner: Owner,
    root: Path,
    store: Path,
) -> Archive:
    """What the archive holds of the cases, in `store`/<sha256>. root: where it lies meanwhile.

    Raises RunFailed: PROTOCOL and OUTPUT_TOO_LARGE for an archive that is refused, NO_OUTPUT for one without a single expected
    file; PlatformFault(DATA).
    """
    expected = [case.output for case in job.cases]
    bring(cache=cache, files=[file], fetch=lambda sha256: client.predictions(sha256=sha256))
    with _alone(cache=cache, file=file, folder=root / f"{job.evaluation}-{job.attempt}-predictions") as path:
        try:
            archive = sandbox.unpack(owner=owner, archive=path, limits=job.limits, expected=expected, store=store)
        except UnpackFailure as error:
            raise RunFailed(note=error.note) from error
    if not archive.files and all(note.code == CaseFailure.MISSING_FILE for note in archive.failures.values()):
        detail = f"{archive.unexpected} files, none of them at one of the {len(expected)} expected paths"
        raise RunFailed(note=FailureNote(code=RunFailure.NO_OUTPUT, detail=detail))
    return archive


@contextmanager
def _alone(*, cache: Cache, file: FileRef, folder: Path) -> Iterator[Path]:
    """The archive as the only file of a folder, for the container that unpacks it."""
    with fresh_folder(folder):
        cache.link(sha256=file.sha256, target=folder / file.path)
        yield folder / file.path
