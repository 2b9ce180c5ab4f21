"""One attempt at one evaluation, from the claimed job to its last report. Every early exit names its reason."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from evaluators.contract.datasets import FileRef
from evaluators.contract.failures import FailureNote, PlatformFailure
from evaluators.contract.jobs import FinishReport, Job, KeptRun, Rehearsal, StateReport
from evaluators.contract.outputs import output_digest
from evaluators.contract.scores import RunFacts
from evaluators.contract.states import EvaluationState
from evaluators.modes.driven import Driven
from evaluators.sandbox.errors import EngineFailure
from evaluators.sandbox.interface import Archive, EngineFacts, ImageInfo, Owner, Sandbox
from evaluators.worker.cache import Cache
from evaluators.worker.drive import drive
from evaluators.worker.errors import (
    CancelRequested,
    LeaseLost,
    PlatformFault,
    RunFailed,
    SiteRefused,
    SiteUnreachable,
)
from evaluators.worker.journal import Journal
from evaluators.worker.lease import Lease
from evaluators.worker.outputs import Manifest, OutputStore
from evaluators.worker.predictions import take_predictions
from evaluators.worker.rehearse import rehearse
from evaluators.worker.score import Scoring
from evaluators.worker.settings import WorkerSettings
from evaluators.worker.site_client import SiteClient
from evaluators.worker.stage import bring_image

log = structlog.get_logger()

#: what may pass after the wall limit before another process of ours may clear up: archiving and scoring
_DEADLINE_SLACK = 6 * 3600


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What every attempt of this worker works with."""

    settings: WorkerSettings
    #: the worker's name and the identity of its work root: what labels carry
    identity: str
    sandbox: Sandbox
    client: SiteClient
    journal: Journal
    cache: Cache
    store: OutputStore
    facts: EngineFacts
    #: the scorer's image as it was at the start
    scorer: ImageInfo


def attempt(*, bench: Bench, job: Job) -> None:
    """Do the job and report its end. Raises nothing for what can be reported; a lost lease is left alone."""
    bound = log.bind(evaluation=job.evaluation, attempt=job.attempt)
    bound.info("claimed", cases=len(job.cases), image=(job.image or "none")[:12])
    bench.journal.take(evaluation=job.evaluation, attempt=job.attempt)
    try:
        with Lease(client=bench.client, job=job) as lease:
            finish = _finish_of(bench=bench, job=job, lease=lease)
        bench.client.finish(evaluation=job.evaluation, report=finish)
        bound.info("ended", failure=finish.failure.code if finish.failure else None, cancelled=finish.cancelled)
    except LeaseLost as error:
        bound.warning("fenced", reason=str(error))
    except (SiteUnreachable, SiteRefused) as error:
        # the lease runs out by itself and the site starts another attempt, which finds our journal
        bound.error("could not report", reason=str(error))
    bench.journal.end(evaluation=job.evaluation, attempt=job.attempt)


def _finish_of(*, bench: Bench, job: Job, lease: Lease) -> FinishReport:
    try:
        _run_and_score(bench=bench, job=job, lease=lease)
    except CancelRequested:
        return FinishReport(attempt=job.attempt, cancelled=True)
    except RunFailed as error:
        return FinishReport(attempt=job.attempt, failure=error.note, run=error.run)
    except (PlatformFault, EngineFailure) as error:
        log.error("platform fault", evaluation=job.evaluation, attempt=job.attempt, reason=str(error))
        return FinishReport(attempt=job.attempt, failure=error.note)
    except (OSError, SQLAlchemyError) as error:  # a full or broken disk of ours
        log.error("disk fault", evaluation=job.evaluation, attempt=job.attempt, reason=str(error))
        note = FailureNote(code=PlatformFailure.ENGINE, detail=f"the worker's disk: {type(error).__name__}")
        return FinishReport(attempt=job.attempt, failure=note)
    return FinishReport(attempt=job.attempt)


def _run_and_score(*, bench: Bench, job: Job, lease: Lease) -> None:
    owner = Owner(
        worker=bench.identity,
        evaluation=job.evaluation,
        attempt=job.attempt,
        deadline=int(time.time()) + job.limits.time + _DEADLINE_SLACK,
    )
    kept = _kept_run(bench=bench, job=job)
    if kept is None and job.predictions is not None:
        kept = _take(bench=bench, job=job, file=job.predictions, lease=lease, owner=owner)
    elif kept is None and job.rehearsal is not None:
        kept = _rehearse(bench=bench, job=job, rehearsal=job.rehearsal, owner=owner)
    elif kept is None:
        kept = _run(bench=bench, job=job, lease=lease, owner=owner)
    facts, manifest = kept
    lease.check()
    bench.client.report_state(
        evaluation=job.evaluation,
        report=StateReport(attempt=job.attempt, state=EvaluationState.SCORING, run=facts),
    )
    Scoring(
        settings=bench.settings,
        sandbox=bench.sandbox,
        scorer=bench.scorer,
        client=bench.client,
        journal=bench.journal,
        cache=bench.cache,
        store=bench.store,
        lease=lease,
        job=job,
        owner=owner,
        output_digest=facts.output_digest,
    ).run(manifest=manifest)


def _kept_run(*, bench: Bench, job: Job) -> tuple[RunFacts, Manifest] | None:
    """An earlier attempt's run whose output still lies here: it is scored, not run again."""
    if job.outputs_of is not None:
        return _kept_outputs(bench=bench, job=job, kept=job.outputs_of)
    facts = bench.journal.last_run(evaluation=job.evaluation)
    if facts is None:
        return None
    manifest = bench.store.manifest(digest=facts.output_digest, evaluation=job.evaluation)
    return None if manifest is None else (facts, manifest)


def _kept_outputs(*, bench: Bench, job: Job, kept: KeptRun) -> tuple[RunFacts, Manifest]:
    """What an earlier evaluation's run left, to be scored again. Raises PlatformFault(DATA) once it is gone."""
    digest = kept.run.output_digest
    manifest = bench.store.manifest(digest=digest, evaluation=kept.evaluation)
    if manifest is None:
        raise PlatformFault(code=PlatformFailure.DATA, detail="the outputs of this run are no longer kept")
    bench.store.keep_longer(digest=digest)
    told = {"scorer_image": bench.scorer.config_digest, "dataset": job.dataset}
    return kept.run.model_copy(update={"provenance": {**kept.run.provenance, **told}}), manifest


def _run(*, bench: Bench, job: Job, lease: Lease, owner: Owner) -> tuple[RunFacts, Manifest]:
    image = bring_image(
        sandbox=bench.sandbox, client=bench.client, config_digest=str(job.image), limit=job.limits.image
    )
    lease.check()

    def begin() -> None:
        lease.check()
        bench.client.report_state(
            evaluation=job.evaluation, report=StateReport(attempt=job.attempt, state=EvaluationState.RUNNING)
        )

    staged = bench.store.stage()
    driven = drive(
        settings=bench.settings,
        sandbox=bench.sandbox,
        client=bench.client,
        cache=bench.cache,
        facts=bench.facts,
        lease=lease,
        job=job,
        owner=owner,
        image=image,
        store=staged,
        begin=begin,
    )
    lease.check()
    if driven.archive is None:
        staged.rmdir()
        note = driven.failure
        if note is None:
            raise PlatformFault(code=PlatformFailure.ENGINE, detail="the run was stopped without a reason")
        raise RunFailed(
            note=note, run=_facts(bench=bench, job=job, image=image, driven=driven, digest=output_digest({}))
        )
    facts = _facts(bench=bench, job=job, image=image, driven=driven, digest=driven.archive.digest)
    return facts, _keep(bench=bench, job=job, staged=staged, archive=driven.archive, facts=facts)


def _take(*, bench: Bench, job: Job, file: FileRef, lease: Lease, owner: Owner) -> tuple[RunFacts, Manifest]:
    """Result files in place of a run."""
    lease.check()
    staged = bench.store.stage()
    try:
        archive = take_predictions(
            sandbox=bench.sandbox, client=bench.client, cache=bench.cache, job=job, file=file, owner=owner,
            root=bench.settings.work_root / "stage", store=staged,
        )  # fmt: skip
    except RunFailed:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    lease.check()
    facts = _facts_of_files(bench=bench, job=job, archive=archive, predictions=file.sha256)
    return facts, _keep(bench=bench, job=job, staged=staged, archive=archive, facts=facts)


def _rehearse(*, bench: Bench, job: Job, rehearsal: Rehearsal, owner: Owner) -> tuple[RunFacts, Manifest]:
    """An answer of ours in place of a run."""
    staged = bench.store.stage()
    archive = rehearse(
        rehearsal, sandbox=bench.sandbox, client=bench.client, cache=bench.cache, job=job, owner=owner,
        image=bench.scorer, root=bench.settings.work_root / "stage", store=staged,
    )  # fmt: skip
    facts = _facts_of_files(bench=bench, job=job, archive=archive, rehearsal=rehearsal)
    return facts, _keep(bench=bench, job=job, staged=staged, archive=archive, facts=facts)


def _facts_of_files(*, bench: Bench, job: Job, archive: Archive, **source: str) -> RunFacts:
    """Of files that no container wrote; source: where they come from."""
    return RunFacts(
        output_digest=archive.digest,
        files_present=len(archive.files),
        files_expected=len(job.cases),
        seconds=0,
        output_bytes=sum(found.size for found in archive.files.values()),
        provenance=_provenance(bench=bench, job=job, **source),
    )


def _keep(*, bench: Bench, job: Job, staged: Path, archive: Archive, facts: RunFacts) -> Manifest:
    """Into the output store and the journal: from here on the outputs are scored, whatever comes."""
    digest = bench.store.keep(staged=staged, evaluation=job.evaluation, files=archive.files, failures=archive.failures)
    bench.journal.archived(evaluation=job.evaluation, facts=facts)
    manifest = bench.store.manifest(digest=digest, evaluation=job.evaluation)
    if manifest is None:
        raise PlatformFault(code=PlatformFailure.ENGINE, detail="the output store lost what was just archived")
    return manifest


def _facts(*, bench: Bench, job: Job, image: ImageInfo, driven: Driven, digest: str) -> RunFacts:
    outcome = driven.outcome
    return RunFacts(
        output_digest=digest,
        files_present=outcome.usage.present,
        files_expected=len(job.cases),
        seconds=outcome.seconds,
        peak_memory=outcome.peak_memory,
        output_bytes=outcome.usage.bytes_used,
        case_seconds=None if driven.case_seconds is None else dict(driven.case_seconds),
        provenance=_provenance(bench=bench, job=job, image=image.config_digest),
    )


def _provenance(*, bench: Bench, job: Job, **source: str) -> dict[str, str]:
    """Where and with what; source: what the outputs came from."""
    return {
        **bench.facts.as_text(),
        "worker": bench.settings.name,
        **source,
        "scorer_image": bench.scorer.config_digest,
        "dataset": job.dataset,
    }
