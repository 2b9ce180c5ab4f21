"""Scoring of one archived run: starts the scorer container, keeps every result in the journal, sends it, restarts after a crash."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import structlog
from pydantic import ValidationError

from evaluators.contract.cases import JobCase
from evaluators.contract.failures import CaseFailure, FailureNote, PlatformFailure
from evaluators.contract.jobs import CaseReport, Job
from evaluators.contract.scorer import EXIT_DATASET, ScorerJob, ScorerLine
from evaluators.contract.scores import CaseResult
from evaluators.sandbox.interface import Owner, Sandbox, ScorerEnd, ScorerEnding, ScorerLimits
from evaluators.worker.cache import Cache
from evaluators.worker.errors import PlatformFault
from evaluators.worker.journal import Journal
from evaluators.worker.lease import Lease
from evaluators.worker.outputs import Manifest, OutputStore
from evaluators.worker.settings import WorkerSettings
from evaluators.worker.site_client import SiteClient
from evaluators.worker.stage import staged_references

log = structlog.get_logger()

#: results go out in groups: a call a case would cost more than the scoring itself
_SEND_EVERY = 1.0
#: a scorer that dies outside a reader this often is broken, not unlucky
_MAX_CRASHES = 2


@dataclass(kw_only=True)
class Scoring:
    """The steps share one run: journal, site and lease of this attempt."""

    settings: WorkerSettings
    sandbox: Sandbox
    client: SiteClient
    journal: Journal
    cache: Cache
    store: OutputStore
    lease: Lease
    job: Job
    owner: Owner
    output_digest: str
    _last_sent: float = field(default=0.0, init=False)

    def run(self, *, manifest: Manifest) -> None:
        """Every case gets a result or a typed failure, each sent once. Raises PlatformFault(SCORER or DATA), LeaseLost."""
        # what this worker sent before may have been superseded by another worker's run since
        there = self.job.scored if self.job.output_digest == self.output_digest else ()
        self.journal.mark_unsent(evaluation=self.job.evaluation, output_digest=self.output_digest, but=there)
        self._send(at_once=True)
        pending = self._pending()
        crashes = 0
        while pending:
            end, suspect = self._one_scorer(cases=pending, manifest=manifest)
            before, pending = pending, self._pending()
            if not pending:
                break
            if end.exit_code == EXIT_DATASET:
                raise PlatformFault(
                    code=PlatformFailure.DATA, detail="a reference cannot be used; see the worker's log"
                )
            if suspect is not None:
                # it died while a file of the container was open: that file is to blame
                self._keep(CaseResult(case=suspect, failure=FailureNote(code=CaseFailure.BAD_FORMAT, detail=_why(end))))
                pending = self._pending()
            elif len(pending) == len(before):
                crashes += 1
                if crashes >= _MAX_CRASHES:
                    raise PlatformFault(code=PlatformFailure.SCORER, detail=f"the scorer stopped: {_why(end)}")
            log.warning("scorer restarts", evaluation=self.job.evaluation, left=len(pending), ending=end.ending)
        self._send(at_once=True)

    def _one_scorer(self, *, cases: list[JobCase], manifest: Manifest) -> tuple[ScorerEnd, int | None]:
        """One scorer container over `cases`. Returns how it ended and the case whose file was open then."""
        reading: int | None = None
        with (
            staged_references(
                cache=self.cache, client=self.client, job=self.job, cases=cases, root=self.settings.work_root / "stage"
            ) as references,
            self.sandbox.scorer(
                owner=self.owner,
                image=self.sandbox.own_image(name=self.settings.scorer_image),
                outputs=self.store.files(digest=self.output_digest),
                references=references,
                limits=ScorerLimits(),
            ) as session,
        ):
            session.send(
                ScorerJob(
                    task=self.job.task, cases=tuple(cases), key=self.job.reference_key, manifest=manifest
                ).model_dump_json()
            )
            for text in session.lines(timeout=self.settings.scorer_silence):
                self.lease.check()
                line = _parsed(text)
                if line.reading is not None:
                    reading = line.reading
                elif line.read is not None:
                    reading = None
                elif line.result is not None:
                    reading = None
                    self._keep(line.result)
                self._send()
            end = session.end()
        if end.exit_code not in (0, None):
            log.error("scorer log", evaluation=self.job.evaluation, log=end.log[-2000:])
        return end, reading

    def _pending(self) -> list[JobCase]:
        done = {
            result.case
            for result in self.journal.results(evaluation=self.job.evaluation, output_digest=self.output_digest)
        }
        return [case for case in self.job.cases if case.index not in done]

    def _keep(self, result: CaseResult) -> None:
        self.journal.write(evaluation=self.job.evaluation, output_digest=self.output_digest, results=[result])

    def _send(self, *, at_once: bool = False) -> None:
        """Send what the journal holds and the site has not acknowledged."""
        if not at_once and time.monotonic() - self._last_sent < _SEND_EVERY:
            return
        self._last_sent = time.monotonic()
        results = self.journal.results(
            evaluation=self.job.evaluation, output_digest=self.output_digest, unsent_only=True
        )
        if results:
            self.client.report_cases(
                evaluation=self.job.evaluation,
                report=CaseReport(attempt=self.job.attempt, output_digest=self.output_digest, results=tuple(results)),
            )
            self.journal.mark_sent(
                evaluation=self.job.evaluation,
                output_digest=self.output_digest,
                cases=[result.case for result in results],
            )


def _parsed(text: str) -> ScorerLine:
    try:
        return ScorerLine.model_validate_json(text)
    except ValidationError as error:
        raise PlatformFault(code=PlatformFailure.SCORER, detail="the scorer printed a line out of protocol") from error


def _why(end: ScorerEnd) -> str:
    if end.oom_killed:
        return "reading took more memory than the scorer has"
    if end.ending is ScorerEnding.TIMED_OUT:
        return "reading did not end in time"
    return f"stopped with exit code {end.exit_code}"
