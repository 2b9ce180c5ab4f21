"""Lost workers, lost messages, doubled messages."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Q

from assay.config.celery import app
from assay.evaluations import jobs, services
from assay.evaluations.errors import StaleAttempt
from assay.evaluations.models import Evaluation
from assay.evaluations.services.broker import WAKE_UPS_KEPT, purge_delivered
from assay.evaluations.services.retry import retry_or_give_up
from evaluators.contract.failures import FailureNote
from evaluators.contract.jobs import Heartbeat
from evaluators.contract.states import EvaluationState
from tests.unit.assay.evaluations.fixtures import messages_of, use_broker
from tests.unit.assay.evaluations.scene import NOW, Scene, ask, claim, evaluation_of, queue, report, start_scoring

S = EvaluationState


def _expiry(settings: Any) -> timedelta:
    return timedelta(seconds=settings.LEASE_SECONDS + 1)


def test_an_evaluation_whose_worker_fell_silent_waits_for_another_worker(scene: Scene, settings: Any) -> None:
    queue(scene)
    job = claim(scene)
    start_scoring(scene, job)
    report(scene, job, {0: 0.9})
    assert services.sweep(now=NOW + timedelta(seconds=settings.LEASE_SECONDS - 1)).returned == 0
    later = NOW + _expiry(settings)
    assert services.sweep(now=later).returned == 1
    lost = evaluation_of(job)
    assert (lost.state, lost.attempt, lost.lease_until) == (S.QUEUED, 1, None)
    assert [step.reason for step in lost.transitions.all()][-1] == "WORKER_LOST"
    again = services.claim(worker=scene.second_worker, request=ask(), now=later)
    assert again is not None
    assert (again.attempt, again.scored) == (2, (0,))


def test_the_third_lost_worker_makes_it_our_failure(scene: Scene, settings: Any) -> None:
    queue(scene)
    at = NOW
    for _ in range(3):
        job = claim(scene, at=at)
        at += _expiry(settings)
        services.sweep(now=at)
    lost = evaluation_of(job)
    assert (lost.state, lost.attempt) == (S.PLATFORM_ERROR, 3)
    assert lost.failure == {"code": "WORKER_LOST", "detail": ""}
    assert services.sweep(now=at + timedelta(days=1)) == services.Swept(returned=0, announced=0)


def test_a_worker_lost_after_a_cancel_ends_it(scene: Scene, settings: Any) -> None:
    queue(scene)
    job = claim(scene)
    services.request_cancel(pk=evaluation_of(job).pk, actor=scene.captain, now=NOW)
    services.sweep(now=NOW + _expiry(settings))
    assert evaluation_of(job).state == S.CANCELLED


def test_a_heartbeat_between_the_look_and_the_swap_saves_the_lease(scene: Scene, settings: Any) -> None:
    queue(scene)
    job = claim(scene)
    later = NOW + _expiry(settings)
    seen = evaluation_of(job)
    services.heartbeat(worker=scene.worker, pk=seen.pk, message=Heartbeat(attempt=1), now=later)
    lost = FailureNote(code="WORKER_LOST")
    with pytest.raises(StaleAttempt):
        retry_or_give_up(evaluation=seen, failure=lost, now=later, only_if=Q(lease_until__lt=later))
    assert evaluation_of(job).state == S.PREPARING


def test_what_waits_is_announced_again_every_half_minute_until_claimed(
    scene: Scene, settings: Any, broker: str, django_capture_on_commit_callbacks: Any
) -> None:
    evaluation = queue(scene)
    with django_capture_on_commit_callbacks(execute=True):
        services.announce(pk=evaluation.pk, now=NOW)
    assert messages_of(broker) == [("cpu", True)]
    announced = []
    for second in (10, 29, 30, 45, 60, 61):
        with django_capture_on_commit_callbacks(execute=True):
            announced.append(services.sweep(now=NOW + timedelta(seconds=second)).announced)
    assert announced == [0, 0, 1, 0, 1, 0]
    assert messages_of(broker) == [("cpu", True)] * 3
    claim(scene)
    assert services.sweep(now=NOW + timedelta(seconds=61)).announced == 0


def test_nothing_is_announced_before_the_transaction_is_committed(
    scene: Scene, broker: str, django_capture_on_commit_callbacks: Any
) -> None:
    evaluation = queue(scene)
    with django_capture_on_commit_callbacks(execute=False) as callbacks:
        services.announce(pk=evaluation.pk, now=NOW)
    assert len(callbacks) == 1
    assert messages_of(broker) == []


def test_a_doubled_announcement_runs_nothing_twice(scene: Scene, django_capture_on_commit_callbacks: Any) -> None:
    evaluation = queue(scene)
    with django_capture_on_commit_callbacks(execute=True):
        services.announce(pk=evaluation.pk, now=NOW)
        services.announce(pk=evaluation.pk, now=NOW)
    # both messages are taken, each by a worker that asks for work
    jobs = [services.claim(worker=worker, request=ask(), now=NOW) for worker in (scene.worker, scene.second_worker)]
    assert [job is None for job in jobs] == [False, True]


@pytest.mark.parametrize("url", ["amqp://127.0.0.1:9/", "sqla+sqlite:////nowhere/queue.sqlite3", "sqla+sqlite:///{}"])
def test_a_broker_that_does_not_answer_breaks_nothing(
    scene: Scene, tmp_path: Path, url: str, caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    evaluation = queue(scene)
    damaged = tmp_path / "damaged.sqlite3"
    damaged.write_bytes(b"no database" * 500)
    with use_broker(url.format(damaged)), django_capture_on_commit_callbacks(execute=True):
        services.announce(pk=evaluation.pk, now=NOW)
    assert "not announced" in caplog.text
    assert Evaluation.objects.get(pk=evaluation.pk).state == S.QUEUED


def test_delivered_messages_are_purged_and_waiting_ones_kept_within_reason(
    scene: Scene, broker: str, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.CELERY_BROKER_URL = broker
    jobs.purge()  # there is no queue file yet
    evaluation = queue(scene)
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            services.announce(pk=evaluation.pk, now=NOW)
    path = broker.removeprefix("sqla+sqlite:///")
    with sqlite3.connect(path) as file:
        file.execute("UPDATE kombu_message SET visible = 0 WHERE id = 2")
    jobs.purge()
    assert messages_of(broker) == [("cpu", True)] * 2
    with sqlite3.connect(path) as file:
        file.executemany(
            "INSERT INTO kombu_message (visible, payload, version, queue_id) VALUES (1, '{}', 1, 1)",
            [()] * (WAKE_UPS_KEPT + 20),
        )
    assert purge_delivered(broker_url=broker) == 22
    assert len(messages_of(broker)) == WAKE_UPS_KEPT
    assert purge_delivered(broker_url="amqp://broker/") == 0


def test_everything_that_beat_asks_for_is_served() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)
    assert app.conf.beat_schedule["assay.sweep"]["schedule"] <= 5


def test_beat_sweeps_on_its_own(scene: Scene, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.LEASE_SECONDS = 0
    queue(scene)
    job = claim(scene)
    jobs.sweep()
    assert evaluation_of(job).state == S.QUEUED
    assert "1 evaluations" in caplog.text
