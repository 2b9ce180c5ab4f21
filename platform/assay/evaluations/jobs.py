"""What beat asks of the site's own worker, thin over the services."""

from __future__ import annotations

import logging

from django.conf import settings
from django.utils import timezone

from assay.config.celery import app
from assay.evaluations import services
from assay.evaluations.services.broker import purge_delivered

log = logging.getLogger(__name__)


@app.task(name="assay.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Return evaluations of lost workers and announce again what waits."""
    swept = services.sweep(now=timezone.now())
    if swept.returned:
        log.warning("%d evaluations taken back from lost workers", swept.returned)


@app.task(name="assay.purge")  # type: ignore[untyped-decorator]
def purge() -> None:
    """Keep the queue's file small where there is no broker."""
    purge_delivered(broker_url=settings.CELERY_BROKER_URL)
