"""The Celery consumer: a message on the hardware's queue means "there is work"; the claim decides what."""

from __future__ import annotations

import threading

import structlog
from celery import Celery

from evaluators.worker.doorbell import Doorbell

log = structlog.get_logger()

#: what the site sends; its arguments, if any, are ignored
WAKE = "evaluators.wake"


def start_listening(*, broker: str, hardware: str, name: str, doorbell: Doorbell) -> threading.Thread:
    """Consume `hardware`'s queue in a thread. Messages make it fast; the claim tick goes on when the broker is away."""
    app = Celery("evaluators", broker=broker)
    app.conf.update(
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_default_queue=hardware,
    )

    @app.task(name=WAKE, acks_late=False)  # type: ignore[untyped-decorator]
    def wake() -> None:
        """Blocks until the loop has looked: with one thread and prefetch 1, other messages go to idle workers."""
        doorbell.ring_and_wait()

    consumer = app.WorkController(
        pool_cls="threads",
        concurrency=1,
        queues=[hardware],
        hostname=f"{name}@evaluator",
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        loglevel="WARNING",
    )
    thread = threading.Thread(target=consumer.start, name="consumer", daemon=True)
    thread.start()
    log.info("listening", queue=hardware)
    return thread
