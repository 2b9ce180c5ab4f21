"""The tidying loop: containers outlive a killed worker, so ours are looked for at the start and every minute."""

from __future__ import annotations

import shutil
import time
from datetime import UTC, datetime, timedelta

import structlog

from evaluators.contract.failures import FailureNote, PlatformFailure
from evaluators.contract.jobs import FinishReport
from evaluators.worker.attempt import Bench
from evaluators.worker.errors import LeaseLost, SiteRefused, SiteUnreachable

log = structlog.get_logger()


def tidy_at_start(*, bench: Bench) -> None:
    """Nothing of ours runs yet: whatever carries our labels was left by a killed process.

    Its attempts are handed back at once, so that nobody waits for their leases to run out.
    """
    _remove(bench=bench)
    shutil.rmtree(bench.settings.work_root / "stage", ignore_errors=True)
    bench.store.tidy(keep_seconds=bench.settings.keep_outputs)
    for evaluation, attempt in bench.journal.open_attempts():
        note = FailureNote(code=PlatformFailure.WORKER_LOST, detail="the worker was restarted")
        try:
            bench.client.finish(evaluation=evaluation, report=FinishReport(attempt=attempt, failure=note))
        except (LeaseLost, SiteRefused):
            pass  # the site had moved on
        except SiteUnreachable as error:
            log.warning("could not hand back", evaluation=evaluation, reason=str(error))
            continue
        bench.journal.end(evaluation=evaluation, attempt=attempt)


def tidy_between(*, bench: Bench) -> None:
    """Between two evaluations: own leftovers, old outputs, the cache's excess, the journal's old rows."""
    _remove(bench=bench)
    bench.store.tidy(keep_seconds=bench.settings.keep_outputs)
    bench.cache.trim()
    bench.journal.forget_before(datetime.now(UTC) - timedelta(seconds=2 * bench.settings.keep_outputs))


def _remove(*, bench: Bench) -> None:
    for gone in bench.sandbox.tidy(worker=bench.identity, keep=(), now=int(time.time())):
        log.warning("removed a leftover", kind=gone.kind, evaluation=gone.owner.evaluation, attempt=gone.owner.attempt)
