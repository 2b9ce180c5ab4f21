"""The heartbeat loop of one attempt: renews the lease, and says when it is lost or withdrawn."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

import structlog

from evaluators.contract.jobs import Heartbeat, Job, Progress
from evaluators.worker.errors import CancelRequested, LeaseLost, SiteRefused, SiteUnreachable
from evaluators.worker.site_client import SiteClient

log = structlog.get_logger()


class Lease:
    """Held while an attempt goes on. The loop runs in a thread of its own, so that no long step misses a beat.

    A site that stays away for longer than the lease has given the work to another worker by then: the lease counts as
    lost by our own clock, whatever the site would say later.
    """

    def __init__(self, *, client: SiteClient, job: Job) -> None:
        self._client = client
        self._job = job
        self._progress = Progress()
        self._lost = threading.Event()
        self._cancelled = threading.Event()
        self._over = threading.Event()
        self._lease_until = time.monotonic() + job.lease_seconds
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    @property
    def should_stop(self) -> bool:
        """Asked by the sandbox while a container runs."""
        return self._gone or self._cancelled.is_set()

    def check(self) -> None:
        """Between two steps. Raises LeaseLost or CancelRequested."""
        if self._gone:
            raise LeaseLost(f"attempt {self._job.attempt} of {self._job.evaluation} is no longer ours")
        if self._cancelled.is_set():
            raise CancelRequested

    @property
    def _gone(self) -> bool:
        # by our own clock as well: a heartbeat that hangs must not let two workers run the same thing
        return self._lost.is_set() or time.monotonic() > self._lease_until

    def show(self, progress: Progress) -> None:
        """What the next beat tells."""
        self._progress = progress

    def _beat(self) -> None:
        job = self._job
        while not self._over.wait(max(0.2, job.lease_seconds / 6)):
            sent = time.monotonic()
            try:
                answer = self._client.heartbeat(
                    evaluation=job.evaluation,
                    beat=Heartbeat(attempt=job.attempt, progress=self._progress),
                    timeout=max(1.0, job.lease_seconds / 3),
                )
            except LeaseLost as error:
                log.warning("lease lost", evaluation=job.evaluation, attempt=job.attempt, reason=str(error))
                self._lost.set()
                return
            except (SiteUnreachable, SiteRefused) as error:
                log.warning("heartbeat failed", evaluation=job.evaluation, reason=str(error))
                if time.monotonic() > self._lease_until:
                    self._lost.set()
                    return
                continue
            # counted from before the call: the site's clock started no earlier
            self._lease_until = sent + answer.lease_seconds
            if answer.cancel:
                self._cancelled.set()
