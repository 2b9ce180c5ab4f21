"""The Celery app of the site. Evaluators consume from the same broker, on a queue per hardware class."""

from __future__ import annotations

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assay.config.settings")

app = Celery("assay")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_default_queue="site",
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
    worker_prefetch_multiplier=1,
    # a request that announces work waits for no broker; the sweeper announces again
    broker_connection_timeout=2,
    broker_transport_options={"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1},
)
app.autodiscover_tasks(related_name="jobs")
# beat only asks: a message that waited longer than its own interval is dropped
app.conf.beat_schedule = {
    name: {"task": name, "schedule": seconds, "options": {"expires": seconds}}
    for name, seconds in (
        ("assay.sweep", settings.SWEEP_SECONDS),
        ("assay.purge", 60),
        ("assay.judge-boards", settings.JUDGE_SECONDS),
        ("assay.mail", settings.MAIL_SECONDS),
    )
}
