"""The admin as an organiser finds it: every model of the site is there, history is only read."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from assay.accounts.models import ApiToken, Team, User
from assay.audit.models import Entry
from assay.challenges.models import Challenge, Phase, Task
from assay.datasets.models import Case, Dataset
from assay.images.models import Image, Layer

READ_ONLY = (Entry, Dataset, Case, Challenge, Task, Phase, Image, Layer)


def _address(model: type, page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)  # type: ignore[attr-defined]


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def superuser(db: None) -> User:
    """Runs the site."""
    return User.objects.create_superuser(username="root", email="root@example.org", password=None)


@pytest.mark.parametrize("model", READ_ONLY)
def test_an_organiser_reads_every_row_and_changes_none(
    model: type, organiser: User, challenge: Challenge, ready_image: Image
) -> None:
    row = model.objects.first()  # type: ignore[attr-defined]
    client = _signed_in(organiser)

    assert client.get(_address(model, "changelist")).status_code == 200
    assert client.get(_address(model, "change", row.pk)).status_code == 200
    assert client.post(_address(model, "change", row.pk), {"slug": "other"}).status_code == 403
    assert client.post(_address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert client.get(_address(model, "add")).status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", READ_ONLY)
def test_a_team_member_is_not_let_in(model: type, captain: User) -> None:
    assert _signed_in(captain).get(_address(model, "changelist")).status_code == 302


def test_even_a_superuser_changes_no_history(superuser: User, organiser: User) -> None:
    entry = Entry.objects.filter(actor=organiser).first()
    assert entry is not None

    assert _signed_in(superuser).post(_address(Entry, "delete", entry.pk), {"post": "yes"}).status_code == 403


def test_an_organiser_sees_the_cases_of_their_own_datasets_alone(superuser: User, sealed_dataset: Dataset) -> None:
    rival = User.objects.create_user(username="rival", email="rival@example.org", is_staff=True)

    assert "case 01" not in _signed_in(rival).get(_address(Case, "changelist")).content.decode()
    assert "case 01" in _signed_in(superuser).get(_address(Case, "changelist")).content.decode()


def test_the_key_of_a_dataset_and_the_hash_of_a_token_are_on_no_page(
    superuser: User, sealed_dataset: Dataset, tokens: object
) -> None:
    client = _signed_in(superuser)
    token = ApiToken.objects.latest("id")

    assert sealed_dataset.wrapped_key not in client.get(_address(Dataset, "change", sealed_dataset.pk)).content.decode()
    assert token.digest not in client.get(_address(ApiToken, "change", token.pk)).content.decode()


def test_an_organiser_sees_no_tokens_and_a_superuser_revokes_one(
    superuser: User, organiser: User, tokens: object
) -> None:
    token = ApiToken.objects.latest("id")

    assert _signed_in(organiser).get(_address(ApiToken, "changelist")).status_code == 403
    _signed_in(superuser).post(_address(ApiToken, "changelist"), {"action": "revoke", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_superuser_edits_people_and_teams(superuser: User, team: Team) -> None:
    client = _signed_in(superuser)
    members = {"membership_set-TOTAL_FORMS": 0, "membership_set-INITIAL_FORMS": 0}

    client.post(
        _address(Team, "change", team.pk),
        {"slug": "tigers", "name": "Bengal Tigers", "created_at_0": "2026-06-01", "created_at_1": "12:00", **members},
    )
    team.refresh_from_db()
    assert team.name == "Bengal Tigers"


def test_every_model_of_the_site_has_its_page_or_stands_on_another() -> None:
    beside_another = {
        "Membership",
        "CaseFile",
        "Picture",
        "Volume",
        "Blob",
        "MetricScores",
        "Transition",
        "RescoreRow",
        "Unsubscribed",
    }
    ours = [model for model in apps.get_models() if model.__module__.startswith("assay.")]

    missing = {model.__name__ for model in ours if not admin.site.is_registered(model)} - beside_another
    assert ours
    assert {name for name in missing if "_" not in name} == set()
