"""Keeps the broker without a broker small: kombu's SQLAlchemy transport marks delivered messages and never deletes them."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Connection, Engine, create_engine, inspect, text

from assay.config.celery import app

#: wake-ups carry nothing, so more than these waiting in one queue (no worker for hours) are of no use
WAKE_UPS_KEPT = 100
_PREFIX = "sqla+"


def purge_delivered(*, broker_url: str) -> int:
    """Delete delivered messages, and all but the newest waiting wake-ups. Gives how many; 0 for every real broker.

    The transport marks a message as invisible in the step that hands it out and writes a new row to give it back,
    so that an invisible one is never read again. It stamps no time of sending, hence the count.
    """
    if not broker_url.startswith(_PREFIX):
        return 0
    engine = _engine(broker_url.removeprefix(_PREFIX))
    if not inspect(engine).has_table("kombu_message"):
        return 0
    with engine.begin() as connection:
        delivered = connection.execute(text("DELETE FROM kombu_message WHERE NOT visible")).rowcount
        queues = connection.execute(
            text("SELECT id FROM kombu_queue WHERE name <> :site"), {"site": app.conf.task_default_queue}
        ).scalars()
        return delivered + sum(_trim(connection, queue=queue) for queue in queues.all())


def _trim(connection: Connection, *, queue: int) -> int:
    newest = text("SELECT id FROM kombu_message WHERE queue_id = :queue ORDER BY id DESC LIMIT :kept")
    kept = connection.execute(newest, {"queue": queue, "kept": WAKE_UPS_KEPT}).scalars().all()
    if len(kept) < WAKE_UPS_KEPT:
        return 0
    older = text("DELETE FROM kombu_message WHERE queue_id = :queue AND id < :oldest")
    return connection.execute(older, {"queue": queue, "oldest": kept[-1]}).rowcount


@cache
def _engine(url: str) -> Engine:
    return create_engine(url)
