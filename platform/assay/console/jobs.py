"""What beat asks of the site's own worker, thin over the services."""

from __future__ import annotations

import logging

from django.utils import timezone

from assay.config.celery import app
from assay.console import mailing

log = logging.getLogger(__name__)


@app.task(name="assay.mail")  # type: ignore[untyped-decorator]
def send_mail() -> None:
    """Some of the organisers' mails that wait."""
    if sent := mailing.send_waiting(now=timezone.now()):
        log.info("%d mails handed over", sent)
