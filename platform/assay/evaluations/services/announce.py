"""Tells workers that there is work. Messages make it fast; the workers' own tick and the sweeper make it sure."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from kombu.exceptions import KombuError
from sqlalchemy.exc import SQLAlchemyError

from assay.config.celery import app
from assay.evaluations.models import Evaluation

log = logging.getLogger(__name__)

#: the task that evaluators serve; it carries nothing, since the claim decides who runs what
WAKE = "evaluators.wake"


def announce(*, pk: UUID, now: datetime) -> None:
    """Wake a worker of the evaluation's hardware class once the transaction is committed.

    A broker that does not answer is logged and breaks nothing: the sweeper announces again.
    """
    hardware = Evaluation.objects.values_list("hardware", flat=True).get(pk=pk)
    Evaluation.objects.filter(pk=pk).update(announced_at=now)
    transaction.on_commit(partial(_wake, hardware))


def _wake(hardware: str) -> None:
    # what each transport raises by itself; KombuError is what kombu makes of most of it
    broker = app.connection_for_write()
    try:
        # a message that nobody took is worthless once the sweeper has sent the next one
        app.send_task(
            WAKE, queue=hardware, expires=2 * settings.ANNOUNCE_AGAIN_SECONDS, retry=False, ignore_result=True
        )
    except (KombuError, SQLAlchemyError, *broker.connection_errors, *broker.channel_errors) as error:
        log.warning("queue %s: not announced, workers find it at their next tick: %s", hardware, error)
