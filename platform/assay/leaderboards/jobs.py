"""What beat asks of the site's own worker, thin over the services."""

from __future__ import annotations

import logging

from django.utils import timezone

from assay.config.celery import app
from assay.leaderboards import services

log = logging.getLogger(__name__)


@app.task(name="assay.judge-boards")  # type: ignore[untyped-decorator]
def judge_boards() -> None:
    """Rank ranges and groups of boards whose scores have changed."""
    if computed := services.judge_changed(now=timezone.now()):
        log.info("%d boards and strata of boards judged", computed)
