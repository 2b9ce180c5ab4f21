"""Fixtures that the tests of evaluations, submissions and leaderboards share."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.config.celery import app
from tests.unit.assay.evaluations.scene import Scene, build_scene


@pytest.fixture
def scene(db: None) -> Scene:
    """The scene of scene.py, in a transaction of the test."""
    return build_scene()


@pytest.fixture
def committed_scene(transactional_db: None) -> Scene:
    """The same, committed: threads see it."""
    return build_scene()


@pytest.fixture(autouse=True)
def broker(tmp_path: Path) -> Iterator[str]:
    """A queue file of the test's own, spoken to by the real transport."""
    url = f"sqla+sqlite:///{tmp_path / 'queue.sqlite3'}"
    with use_broker(url):
        yield url


class use_broker:
    """Point the site's Celery app at another broker."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __enter__(self) -> None:
        self.before = app.conf.broker_url
        self._switch(self.url)

    def __exit__(self, *_: object) -> None:
        self._switch(self.before)

    def _switch(self, url: str) -> None:
        app.pool.force_close_all()
        app.conf.broker_url = url
        app._after_fork()  # forget pools and producers of the old address


def messages_of(broker: str) -> list[tuple[str, bool]]:
    """(queue, still waiting) of every message in the queue file, oldest first."""
    path = Path(broker.removeprefix("sqla+sqlite:///"))
    if not path.exists():
        return []
    with sqlite3.connect(path) as file:
        rows = file.execute(
            "SELECT name, visible FROM kombu_message JOIN kombu_queue ON queue_id = kombu_queue.id ORDER BY kombu_message.id"
        ).fetchall()
    return [(name, bool(visible)) for name, visible in rows]
