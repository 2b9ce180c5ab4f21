"""The world of world.py, and a browser's client for every role."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client

from assay.leaderboards.stored import parsed
from tests.unit.assay.web.world import World, add_every_state, build_world

ROLES = ("anonymous", "outsider", "member", "captain", "organiser")


@pytest.fixture(autouse=True)
def _fresh_health() -> None:
    """The footer's numbers are cached for seconds, and a process keeps the last boards; a test wants its own."""
    cache.clear()
    parsed.cache_clear()


@pytest.fixture
def world(db: None) -> World:
    """Six scored methods: three baselines, three of teams, one of them with two cases missing."""
    return build_world()


@pytest.fixture
def busy_world(world: World) -> World:
    """The same, and one submission in every other state."""
    add_every_state(world)
    return world


@pytest.fixture
def as_role() -> Callable[[World, str], Client]:
    """A client that is signed in as a role of the world."""

    def sign_in(world: World, role: str) -> Client:
        client = Client()
        if role != "anonymous":
            client.force_login(world.people[role])
        return client

    return sign_in
