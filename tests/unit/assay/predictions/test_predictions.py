"""Announcing and sending an archive of result files as a team does, in Python and over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from assay.accounts.errors import NotYourTeam
from assay.accounts.models import Team, User
from assay.accounts.selectors import team_for
from assay.config.errors import Refused
from assay.datasets.errors import HashMismatch, UploadBroken
from assay.predictions import services
from assay.predictions.errors import NotZip, PredictionsTooLarge
from assay.predictions.models import Predictions
from tests.unit.assay.conftest import NOW, Tokens, client_with
from tests.unit.assay.samples import sha256
from tests.unit.evaluators.sandbox.zips import write_zip


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    return write_zip(tmp_path / "x.zip", {"a/P001/one.mat": b"one"}).read_bytes()


def _offer(actor: User, team: Team, content: bytes) -> Predictions:
    return services.offer_predictions(
        actor=actor, team=team, sha256=sha256(content), archive_bytes=len(content), now=NOW
    )


def _send(actor: User, found: Predictions, *chunks: bytes) -> Predictions:
    return services.receive_predictions(actor=actor, predictions=found, chunks=chunks, now=NOW)


def _files(settings: Settings) -> list[Path]:
    return [path for path in Path(settings.PREDICTION_ROOT).rglob("*") if path.is_file()]


def test_an_archive_is_needed_until_it_was_sent_and_ready_ever_after(
    captain: User, member: User, team: Team, content: bytes
) -> None:
    found = _offer(captain, team, content)
    assert not services.is_ready(found)
    found = _send(captain, found, content[:50], content[50:])
    assert (services.is_ready(found), found.archive_bytes) == (True, len(content))
    assert services.predictions_path(found.sha256).read_bytes() == content
    again = _offer(member, team, content)
    assert (again.pk, services.is_ready(again)) == (found.pk, True)


def test_a_ready_archive_is_not_read_again(captain: User, team: Team, content: bytes) -> None:
    def never() -> Iterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    found = _send(captain, _offer(captain, team, content), content)
    assert services.receive_predictions(actor=captain, predictions=found, chunks=never(), now=NOW) == found


def test_one_that_was_lost_is_asked_for_again(captain: User, team: Team, content: bytes) -> None:
    found = _send(captain, _offer(captain, team, content), content)
    services.predictions_path(found.sha256).unlink()
    assert not services.is_ready(_offer(captain, team, content))


def test_knowing_anothers_hash_does_not_give_its_files_and_equal_ones_are_stored_once(
    captain: User, team: Team, outsider: User, content: bytes, settings: Settings
) -> None:
    _send(captain, _offer(captain, team, content), content)
    theirs = _offer(outsider, team_for(user=outsider, slug="lone"), content)
    assert not services.is_ready(theirs)
    _send(outsider, theirs, content)
    assert len(_files(settings)) == 1


def test_what_is_not_what_was_announced_leaves_nothing(
    captain: User, outsider: User, team: Team, content: bytes, settings: Settings
) -> None:
    def breaks() -> Iterator[bytes]:
        yield content[:10]
        raise UploadBroken

    found = _offer(captain, team, content)
    with pytest.raises(HashMismatch):
        _send(captain, found, content, b"more")
    with pytest.raises(UploadBroken):
        services.receive_predictions(actor=captain, predictions=found, chunks=breaks(), now=NOW)
    with pytest.raises(NotYourTeam):
        _send(outsider, found, content)
    text = b"no archive"
    with pytest.raises(NotZip) as refused:
        _send(captain, _offer(captain, team, text), text)
    assert "zip -r" in refused.value.next
    settings.ARCHIVE_MAX_BYTES = len(content) - 1
    with pytest.raises(PredictionsTooLarge):
        _send(captain, found, content)
    with pytest.raises(PredictionsTooLarge):
        _offer(captain, team, content)
    assert _files(settings) == []
    assert not Predictions.objects.filter(ready_at__isnull=False).exists()


@pytest.mark.parametrize(
    ("role", "offers", "sends"),
    [("captain", 200, 200), ("member", 200, 200), ("outsider", 403, 404), ("organiser", 403, 404), (None, 401, 401)],
)
def test_who_may_announce_and_send(
    *, role: str | None, offers: int, sends: int, tokens: Tokens, captain: User, team: Team, content: bytes
) -> None:
    client = client_with(None if role is None else getattr(tokens, role))
    body = {"team": "tigers", "sha256": sha256(content), "archive_bytes": len(content)}
    assert client.post("/api/v1/predictions", body, content_type="application/json").status_code == offers
    found = _offer(captain, team, content)
    address = f"/api/v1/predictions/{found.pk}/archive"
    answer = client.put(address, content, content_type="application/zip")
    assert answer.status_code == sends
    if sends == 200:
        assert json.loads(answer.content)["state"] == "ready"
    assert client.get(address).status_code == 405


def test_every_refusal_says_what_to_do() -> None:
    for refusal in (NotZip, PredictionsTooLarge):
        assert issubclass(refusal, Refused)
        assert refusal("x").next
