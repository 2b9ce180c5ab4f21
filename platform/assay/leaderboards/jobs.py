"""What beat asks of the site's own worker, thin over the services."""

from __future__ import annotations

import logging
from threading import Lock

from django.utils import timezone

from assay.config.celery import app
from assay.leaderboards import services

log = logging.getLogger(__name__)
#: a judge may take longer than beat waits; a second one would do the same work, and no thread be left to sweep
_ONE = Lock()


@app.task(name="assay.judge-boards")  # type: ignore[untyped-decorator]
def judge_boards() -> None:
    """Rank ranges and groups of boards whose scores have changed, and snapshots whose board has become public."""
    if not _ONE.acquire(blocking=False):
        return
    try:
        services.release(now=timezone.now())
        if computed := services.judge_changed(now=timezone.now()):
            log.info("%d boards and strata of boards judged", computed)
    finally:
        _ONE.release()
