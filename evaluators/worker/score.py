"""Scoring of one archived run: starts the scorer container, keeps every result in the journal, sends it, restarts after a crash."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import structlog
from pydantic import ValidationError

from evaluators.contract.cases import JobCase
from evaluators.contract.failures import CaseFailure, FailureNote, PlatformFailure
from evaluators.contract.jobs import CaseReport, Job
from evaluators.contract.scorer import EXIT_DATASET, ScorerBudget, ScorerJob, ScorerLine
from evaluators.contract.scores import CaseResult
from evaluators.sandbox.interface import ImageInfo, Owner, Sandbox, ScorerEnd, ScorerEnding, ScorerLimits
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
_LIMITS = ScorerLimits()
#: of the container's memory: interpreter, libraries and kernels of its processes, and the kernel's own tables
_OWN_MEMORY = 512 * 2**20


@dataclass(kw_only=True)
class Scoring:
    """The steps share one run: journal, site and lease of this attempt."""

    settings: WorkerSettings
    sandbox: Sandbox
    scorer: ImageInfo
    client: SiteClient
    journal: Journal
    cache: Cache
    store: OutputStore
    lease: Lease
    job: Job
    owner: Owner
    output_digest: str
    _last_sent: float = field(default=0.0, init=False)
    #: by our monotonic clock
    _over_at: float = field(default=0.0, init=False)

    def run(self, *, manifest: Manifest) -> None:
        """Every case gets a result or a typed failure, each sent once. Raises PlatformFault(SCORER or DATA), LeaseLost."""
        # what this worker sent before may have been superseded by another worker's run since
        there = self.job.scored if self.job.output_digest == self.output_digest else ()
        self.journal.mark_unsent(evaluation=self.job.evaluation, output_digest=self.output_digest, but=there)
        self._send(at_once=True)
        seconds = self._seconds()
        self._over_at = time.monotonic() + seconds
        #: open when a scorer with several files open ended: which one ended it is known when each is alone
        suspects: set[int] = set()
        one_by_one = False
        crashes = 0
        while pending := self._pending():
            suspected = [case for case in pending if case.index in suspects]
            alone = bool(suspected) or one_by_one
            end, opened = self._one_scorer(cases=suspected[:1] or pending, alone=alone, manifest=manifest)
            left = self._pending()
            if not left:
                break
            if time.monotonic() > self._over_at:
                detail = f"scoring took longer than {seconds:.0f} s; {len(left)} cases are left"
                raise PlatformFault(code=PlatformFailure.SCORER, detail=detail)
            if end.exit_code == EXIT_DATASET:
                raise PlatformFault(
                    code=PlatformFailure.DATA, detail="a reference cannot be used; see the worker's log"
                )
            blamed = opened & {case.index for case in left}
            if blamed and alone:
                # it ended with this file open and nothing else in hand
                note = FailureNote(code=CaseFailure.BAD_FORMAT, detail=_why(end))
                self._keep(CaseResult(case=blamed.pop(), failure=note))
            elif blamed:
                suspects |= blamed
            elif len(left) < len(pending):
                one_by_one = one_by_one or not _ended_well(end)
            else:
                crashes += 1
                one_by_one = True
                if crashes >= _MAX_CRASHES:
                    raise PlatformFault(code=PlatformFailure.SCORER, detail=f"the scorer stopped: {_why(end)}")
            log.warning("scorer restarts", evaluation=self.job.evaluation, left=len(left), ending=end.ending)
        self._send(at_once=True)

    def _one_scorer(self, *, cases: list[JobCase], alone: bool, manifest: Manifest) -> tuple[ScorerEnd, set[int]]:
        """One scorer container over `cases`, `alone`: one at a time. Returns how it ended and whose files were open then."""
        asked = {case.index for case in cases}
        opened: set[int] = set()
        budget = ScorerBudget(
            cores=1 if alone else max(1, int(_LIMITS.cpus)),
            memory=_LIMITS.memory - _OWN_MEMORY,
            reading=self.settings.scorer_reading,
        )
        with (
            staged_references(
                cache=self.cache, client=self.client, job=self.job, cases=cases, root=self.settings.work_root / "stage"
            ) as references,
            self.sandbox.scorer(
                owner=self.owner,
                image=self.scorer,
                outputs=self.store.files(digest=self.output_digest),
                references=references,
                limits=_LIMITS,
            ) as session,
        ):
            session.send(
                ScorerJob(
                    task=self.job.task, cases=tuple(cases), key=self.job.reference_key, manifest=manifest, budget=budget
                ).model_dump_json()
            )
            left = self._over_at - time.monotonic()
            for text in session.lines(timeout=max(1.0, min(self.settings.scorer_silence, left))):
                self.lease.check()
                self._take(_parsed(text), asked=asked, opened=opened)
                self._send()
                if time.monotonic() > self._over_at:
                    break
            end = session.end()
        if end.exit_code not in (0, None):
            log.error("scorer log", evaluation=self.job.evaluation, log=end.log[-2000:])
        return end, opened

    def _take(self, line: ScorerLine, *, asked: set[int], opened: set[int]) -> None:
        if line.reading is not None:
            opened.add(line.reading)
        elif line.read is not None:
            opened.discard(line.read)
        elif line.result is not None:
            if line.result.case not in asked:
                raise PlatformFault(code=PlatformFailure.SCORER, detail="the scorer told of a case that is not its own")
            opened.discard(line.result.case)
            self._keep(line.result)

    def _seconds(self) -> float:
        """What the cases that are left may take together."""
        settings = self.settings
        return min(settings.scorer_start + settings.scorer_case * len(self._pending()), settings.scorer_total)

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


def _ended_well(end: ScorerEnd) -> bool:
    return end.ending is ScorerEnding.EXITED and end.exit_code == 0


def _why(end: ScorerEnd) -> str:
    if end.oom_killed:
        return "reading took more memory than the scorer has"
    if end.ending is ScorerEnding.TIMED_OUT:
        return "reading did not end in time"
    return f"stopped with exit code {end.exit_code}"
