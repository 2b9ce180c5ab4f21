"""People and things that the site's tests share. People are roles: organiser, captain, member, outsider."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.cache import caches
from django.test import Client
from pytest_django import Settings

from assay.accounts import services as accounts
from assay.accounts.models import Scope, Team, User
from assay.challenges.models import Challenge, Phase
from assay.challenges.services import apply_challenge
from assay.datasets.models import Dataset
from assay.images import services as images
from assay.images.models import Image
from tests.unit.assay.samples import CHALLENGE, Archive, docker_archive, upload_dataset

#: when everything in these tests was made; requests over HTTP come later, by the real clock
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_folders(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test writes where another reads. Nor does one survive a power cut, so nobody waits for the disk."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    caches["pages"].clear()
    settings.BLOB_ROOT = tmp_path / "blobs"
    settings.IMAGE_ROOT = tmp_path / "images"
    settings.PREDICTION_ROOT = tmp_path / "predictions"
    # passwords of tests need not be slow to guess
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def now() -> datetime:
    """When everything here was made."""
    return NOW


def _person(name: str) -> User:
    return accounts.sign_up(username=name, email=f"{name}@example.org", password=None, now=NOW)


@pytest.fixture
def organiser(db: None) -> User:
    """Describes challenges and uploads data; no superuser."""
    return accounts.make_organiser(user=_person("organiser"), now=NOW)


@pytest.fixture
def captain(db: None) -> User:
    """Founded the team."""
    return _person("captain")


@pytest.fixture
def team(captain: User) -> Team:
    """The captain's team, without the member."""
    return accounts.create_team(actor=captain, slug="tigers", name="Tigers", now=NOW)


@pytest.fixture
def member(captain: User, team: Team) -> User:
    """Was taken into the team."""
    user = _person("member")
    accounts.add_member(actor=captain, team=team, user=user, now=NOW)
    return user


@pytest.fixture
def outsider(db: None) -> User:
    """Has an account, and a team of their own."""
    user = _person("outsider")
    accounts.create_team(actor=user, slug="lone", name="Lone", now=NOW)
    return user


def token_of(user: User, *scopes: Scope) -> str:
    """A fresh token's text."""
    return accounts.issue_token(user=user, name="test", scopes=scopes or (Scope.TEAM,), now=NOW)[1]


def client_with(token: str | None) -> Client:
    """A browserless client that sends this token with every request."""
    return Client() if token is None else Client(headers={"authorization": f"Bearer {token}"})


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """One token a role; the organiser's opens both scopes."""

    organiser: str
    captain: str
    member: str
    outsider: str


@pytest.fixture
def tokens(organiser: User, captain: User, member: User, outsider: User) -> Tokens:
    """Everybody signed in."""
    return Tokens(
        organiser=token_of(organiser, Scope.TEAM, Scope.ORGANISER),
        captain=token_of(captain),
        member=token_of(member),
        outsider=token_of(outsider),
    )


@pytest.fixture
def sealed_dataset(organiser: User) -> Dataset:
    """cine-demo-test@1: hidden, 2 subjects x (AF 4, 8, 10) x (sax, lax) = 12 cases, files of a few bytes."""
    return upload_dataset(owner=organiser, name="cine-demo-test", version=1, subjects=2, public=False, now=NOW)


@pytest.fixture
def sample_dataset(organiser: User) -> Dataset:
    """cine-demo-sample@1: public, 1 subject, 6 cases."""
    return upload_dataset(owner=organiser, name="cine-demo-sample", version=1, subjects=1, public=True, now=NOW)


@pytest.fixture
def challenge(organiser: User, sealed_dataset: Dataset, sample_dataset: Dataset) -> Challenge:
    """library/cine-demo.yaml, applied."""
    return apply_challenge(text=CHALLENGE, filename="cine-demo.yaml", actor=organiser, now=NOW).challenge


@pytest.fixture
def phase(challenge: Challenge) -> Phase:
    """cine-demo/cine-multicoil/test, open without end."""
    return Phase.objects.select_related("task__challenge", "ranked", "sample").get(task__challenge=challenge)


@pytest.fixture
def archive() -> Archive:
    """A good image archive of a few KiB."""
    return docker_archive()


@pytest.fixture
def ready_image(captain: User, team: Team, archive: Archive) -> Image:
    """The team's image, sent and checked."""
    image = images.offer_image(
        actor=captain, team=team, config_digest=archive.config_digest, archive_bytes=len(archive.content), now=NOW
    )
    return images.receive_archive(actor=captain, image=image, chunks=[archive.content], now=NOW)
