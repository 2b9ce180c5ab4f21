"""Answers of ours in place of a team's: a dry run tries the scorer with a perfect, an empty and a broken one."""

from __future__ import annotations

import hashlib
from pathlib import Path

from evaluators.contract.failures import CaseFailure, FailureNote
from evaluators.contract.jobs import Job, Rehearsal
from evaluators.contract.outputs import ArchivedFile, output_digest
from evaluators.sandbox.interface import Archive, ImageInfo, Owner, Sandbox
from evaluators.worker.cache import Cache
from evaluators.worker.site_client import SiteClient
from evaluators.worker.stage import staged_references

#: no format begins like this
BROKEN_FILE = b"this file is of no format\n"


def rehearse(
    rehearsal: Rehearsal,
    *,
    sandbox: Sandbox,
    client: SiteClient,
    cache: Cache,
    job: Job,
    owner: Owner,
    image: ImageInfo,
    root: Path,
    store: Path,
) -> Archive:
    """The answer in `store`/<sha256>, as if a container had written it. image: the scorer's. Raises PlatformFault(DATA), EngineFailure.

    The perfect one is written by a container of the scorer's image, which alone opens references.
    """
    expected = [case.output for case in job.cases]
    if rehearsal is Rehearsal.EMPTY:
        return _archive({}, {path: FailureNote(code=CaseFailure.MISSING_FILE) for path in expected})
    if rehearsal is Rehearsal.BROKEN:
        sha256 = hashlib.sha256(BROKEN_FILE).hexdigest()
        (store / sha256).write_bytes(BROKEN_FILE)
        return _archive(dict.fromkeys(expected, ArchivedFile(sha256=sha256, size=len(BROKEN_FILE))), {})
    question = {
        "task": job.task.model_dump(mode="json", by_alias=True),
        "cases": [case.model_dump(mode="json") for case in job.cases],
        "key": job.reference_key,
    }
    with staged_references(cache=cache, client=client, job=job, cases=job.cases, root=root) as references:
        return sandbox.rehearse(
            owner=owner, image=image, question=question, expected=expected, references=references, store=store
        )


def _archive(files: dict[str, ArchivedFile], failures: dict[str, FailureNote]) -> Archive:
    return Archive(files=files, changed={}, failures=failures, unexpected=0, digest=output_digest(files))
