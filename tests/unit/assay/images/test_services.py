"""Announcing and sending an image as a team does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from assay.accounts.errors import NotYourTeam
from assay.accounts.models import Team, User
from assay.accounts.selectors import team_for
from assay.audit.models import Entry
from assay.datasets.errors import UploadBroken
from assay.images import services
from assay.images.errors import ArchiveRejected, ArchiveTooLarge
from assay.images.models import Image, ImageState
from assay.images.store import part_path
from tests.unit.assay.conftest import NOW, Tokens, client_with
from tests.unit.assay.samples import Archive, config_of, docker_archive, fetched, layer, sha256


def _offer(actor: User, team: Team, archive: Archive) -> Image:
    return services.offer_image(
        actor=actor, team=team, config_digest=archive.config_digest, archive_bytes=len(archive.content), now=NOW
    )


def _files(settings: Settings) -> list[Path]:
    return [path for path in Path(settings.IMAGE_ROOT).rglob("*") if path.is_file()]


def test_an_image_is_needed_until_it_was_sent_and_ready_ever_after(
    captain: User, member: User, team: Team, archive: Archive
) -> None:
    image = _offer(captain, team, archive)
    assert image.state == ImageState.NEEDED

    image = services.receive_archive(actor=captain, image=image, chunks=[archive.content], now=NOW)
    assert (image.state, image.architecture, image.ready_at) == (ImageState.READY, "amd64", NOW)
    assert image.archive_bytes == len(fetched(archive))
    assert image.unpacked_bytes == len(layer())

    again = _offer(member, team, archive)
    assert (again.pk, again.state) == (image.pk, ImageState.READY)


def test_a_ready_image_is_not_read_again(captain: User, ready_image: Image) -> None:
    def never() -> Iterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    assert services.receive_archive(actor=captain, image=ready_image, chunks=never(), now=NOW) == ready_image


def test_knowing_anothers_digest_does_not_give_its_image(ready_image: Image, outsider: User, archive: Archive) -> None:
    """Digests stand on public boards: each team must send the image itself."""
    theirs = _offer(outsider, team_for(user=outsider, slug="lone"), archive)

    assert theirs.state == ImageState.NEEDED


def test_teams_that_sent_the_same_image_share_its_layers(
    ready_image: Image, outsider: User, archive: Archive, settings: Settings
) -> None:
    before = _files(settings)
    theirs = _offer(outsider, team_for(user=outsider, slug="lone"), archive)
    services.receive_archive(actor=outsider, image=theirs, chunks=[archive.content], now=NOW)

    assert _files(settings) == before


def test_an_archive_with_the_right_config_and_other_layers_does_not_replace_the_good_one(
    ready_image: Image, outsider: User, archive: Archive
) -> None:
    theirs = _offer(outsider, team_for(user=outsider, slug="lone"), archive)
    forged = docker_archive(layer("evil"), config=config_of(layer()))
    assert forged.config_digest == archive.config_digest
    before = fetched(archive)

    with pytest.raises(ArchiveRejected):
        services.receive_archive(actor=outsider, image=theirs, chunks=[forged.content], now=NOW)
    assert fetched(archive) == before


def test_outsiders_neither_announce_nor_send_for_a_team(
    outsider: User, captain: User, team: Team, archive: Archive
) -> None:
    with pytest.raises(NotYourTeam):
        _offer(outsider, team, archive)
    image = _offer(captain, team, archive)
    with pytest.raises(NotYourTeam):
        services.receive_archive(actor=outsider, image=image, chunks=[archive.content], now=NOW)


def test_a_rejected_image_says_why_leaves_nothing_and_may_be_sent_again(
    captain: User, team: Team, archive: Archive, settings: Settings
) -> None:
    image = _offer(captain, team, archive)

    with pytest.raises(ArchiveRejected) as refused:
        services.receive_archive(actor=captain, image=image, chunks=[archive.content[:3000]], now=NOW)
    assert (refused.value.status, refused.value.code) == (422, "IMAGE_PULL")
    assert "docker save" in refused.value.next
    image.refresh_from_db()
    assert image.state == ImageState.REJECTED
    assert image.failure == {"code": "IMAGE_PULL", "detail": "Refused: the archive ends early."}
    assert _files(settings) == []
    assert Entry.objects.filter(tag="team:image:reject").exists()

    image = _offer(captain, team, archive)
    assert (image.state, image.failure) == (ImageState.NEEDED, None)
    image = services.receive_archive(actor=captain, image=image, chunks=[archive.content], now=NOW)
    assert image.state == ImageState.READY


def test_an_upload_that_breaks_off_leaves_nothing_and_does_not_reject_the_image(
    captain: User, team: Team, archive: Archive, settings: Settings
) -> None:
    image = _offer(captain, team, archive)

    def broken() -> Iterator[bytes]:
        yield archive.content[:1000]
        raise UploadBroken

    with pytest.raises(UploadBroken):
        services.receive_archive(actor=captain, image=image, chunks=broken(), now=NOW)
    image.refresh_from_db()
    assert image.state == ImageState.NEEDED
    assert _files(settings) == []


def test_an_archive_above_the_cap_is_refused_when_announced_and_when_sent(
    captain: User, team: Team, archive: Archive, settings: Settings
) -> None:
    image = _offer(captain, team, archive)
    settings.ARCHIVE_MAX_BYTES = 1000

    with pytest.raises(ArchiveTooLarge, match="larger than 1000 bytes"):
        _offer(captain, team, archive)
    with pytest.raises(ArchiveTooLarge):
        services.receive_archive(actor=captain, image=image, chunks=[archive.content], now=NOW)
    assert _files(settings) == []


def test_an_image_of_which_a_layer_was_lost_is_needed_again(
    captain: User, team: Team, archive: Archive, ready_image: Image
) -> None:
    part_path(sha256(layer())).unlink()

    assert _offer(captain, team, archive).state == ImageState.NEEDED


def test_over_http_an_image_is_announced_sent_and_ready(tokens: Tokens, archive: Archive) -> None:
    client = client_with(tokens.member)
    body = {"team": "tigers", "config_digest": archive.config_digest, "archive_bytes": len(archive.content)}

    offered = client.post("/api/v1/images", body, content_type="application/json")
    assert (offered.status_code, offered.json()["state"]) == (200, "needed")
    sent = client.put(offered.json()["upload"], archive.content, content_type="application/x-tar")
    assert (sent.status_code, sent.json()["state"]) == (200, "ready")
    again = client_with(tokens.captain).post("/api/v1/images", body, content_type="application/json")
    assert again.json() == sent.json()


def test_over_http_the_answer_says_which_layers_to_send(tokens: Tokens, ready_image: Image) -> None:
    new = layer("new")
    second = docker_archive(layer(), new)
    body = {"config_digest": second.config_digest, "archive_bytes": 1, "layers": [sha256(layer()), sha256(new)]}

    def offered(token: str, team: str) -> dict[str, object]:
        answer = client_with(token).post("/api/v1/images", {**body, "team": team}, content_type="application/json")
        assert answer.status_code == 200
        told: dict[str, object] = answer.json()
        return told

    ours, theirs = offered(tokens.member, "tigers"), offered(tokens.outsider, "lone")
    assert (ours["wanted"], ours["there_bytes"]) == ([sha256(new)], len(layer()))
    assert (theirs["wanted"], theirs["there_bytes"]) == (body["layers"], 0)


@pytest.mark.parametrize("layers", [["x"], ["A" * 64], ["0" * 64] * 129, "0" * 64])
def test_over_http_layers_are_named_by_hash_alone(tokens: Tokens, layers: object) -> None:
    body = {"team": "tigers", "config_digest": "0" * 64, "archive_bytes": 1, "layers": layers}

    answer = client_with(tokens.member).post("/api/v1/images", body, content_type="application/json")
    assert answer.status_code == 422


def test_over_http_a_rejected_archive_is_422_with_its_code(tokens: Tokens) -> None:
    client = client_with(tokens.member)
    archive = docker_archive(config=config_of(layer(), architecture="arm64"))
    body = {"team": "tigers", "config_digest": archive.config_digest, "archive_bytes": 1}
    upload = client.post("/api/v1/images", body, content_type="application/json").json()["upload"]

    answer = client.put(upload, archive.content, content_type="application/x-tar")
    assert answer.status_code == 422
    assert answer.json()["error"] == "IMAGE_ARCH"
    assert "linux/arm64" in answer.json()["message"]
    assert "--platform linux/amd64" in answer.json()["next"]
    assert answer.json()["help"].endswith("/help/IMAGE_ARCH")


@pytest.mark.parametrize(("role", "status"), [("captain", 200), ("member", 200), ("outsider", 403), ("organiser", 403)])
def test_who_announces_an_image_for_a_team(role: str, status: int, tokens: Tokens) -> None:
    body = {"team": "tigers", "config_digest": "0" * 64, "archive_bytes": 1}

    answer = client_with(getattr(tokens, role)).post("/api/v1/images", body, content_type="application/json")
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["error"] == "NOT_YOUR_TEAM"


@pytest.mark.parametrize("role", ["outsider", "organiser"])
def test_another_teams_image_is_not_found(role: str, tokens: Tokens, ready_image: Image, archive: Archive) -> None:
    answer = client_with(getattr(tokens, role)).put(
        f"/api/v1/images/{ready_image.pk}/archive", archive.content, content_type="application/x-tar"
    )

    assert (answer.status_code, answer.json()["error"]) == (404, "IMAGE_UNKNOWN")
