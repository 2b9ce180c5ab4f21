"""A layer is kept once and sent once: what a team may leave out, what it may not, and what is composed for a worker."""

from __future__ import annotations

import gzip
import io
import json
import resource
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytest_django import Settings

from assay.accounts.models import Team, User
from assay.accounts.selectors import team_for
from assay.datasets.errors import StorageFull, UploadBroken
from assay.images import services
from assay.images.composed import compose
from assay.images.errors import ArchiveRejected
from assay.images.models import Image, ImageState, Layer
from assay.images.split import split_archives
from assay.images.store import Staging, part_path
from tests.unit.assay.conftest import NOW, Tokens, client_with
from tests.unit.assay.samples import (
    Archive,
    config_of,
    docker_archive,
    fetched,
    layer,
    members_of,
    oci_archive,
    sha256,
    tar_of,
)

BASE, FIRST, SECOND = layer("base" * 5000), layer("first"), layer("second")


def send(actor: User, team: Team, archive: Archive) -> Image:
    """As a team does, whatever is sent."""
    image = services.offer_image(
        actor=actor, team=team, config_digest=archive.config_digest, archive_bytes=len(archive.content), now=NOW
    )
    return services.receive_archive(actor=actor, image=image, chunks=[archive.content], now=NOW)


def without(archive: Archive, *left_out: bytes) -> Archive:
    """The same archive without the members that have these contents."""
    members = members_of(archive)
    kept = {name: content for name, content in members.items() if content not in left_out}
    return Archive(content=tar_of(kept), config_digest=archive.config_digest)


@pytest.fixture
def lone(outsider: User) -> Team:
    """The outsider's team."""
    return team_for(user=outsider, slug="lone")


def parts(settings: Settings) -> set[str]:
    """Digests of everything under IMAGE_ROOT, by what the files hold."""
    files = [path for path in Path(settings.IMAGE_ROOT).rglob("*") if path.is_file()]
    return {sha256(path.read_bytes()) for path in files}


def test_images_of_one_base_keep_it_once(captain: User, team: Team, settings: Settings) -> None:
    one, two = docker_archive(BASE, FIRST), docker_archive(BASE, SECOND)
    send(captain, team, one)
    send(captain, team, two)

    files = [path for path in Path(settings.IMAGE_ROOT).rglob("*") if path.is_file()]
    assert sorted(sha256(path.read_bytes()) for path in files) == sorted(
        [*map(sha256, (BASE, FIRST, SECOND)), one.config_digest, two.config_digest]
    )


def test_a_second_image_may_leave_out_what_the_team_sent_before(captain: User, team: Team) -> None:
    send(captain, team, docker_archive(BASE, FIRST))
    second = docker_archive(BASE, SECOND)

    image = send(captain, team, without(second, BASE))

    assert (image.state, image.unpacked_bytes) == (ImageState.READY, len(BASE) + len(SECOND))
    with tarfile.open(fileobj=io.BytesIO(fetched(second))) as tar:
        held = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
    (manifest,) = json.loads(held["manifest.json"])
    assert sha256(held[manifest["Config"]]) == second.config_digest
    assert [held[name] for name in manifest["Layers"]] == [BASE, SECOND]


def test_another_teams_layer_has_to_be_sent_and_is_kept_once(
    captain: User, team: Team, outsider: User, lone: Team, settings: Settings
) -> None:
    """Digests stand on public boards and in registries: naming one opens nothing."""
    send(captain, team, docker_archive(BASE, FIRST))
    theirs = docker_archive(BASE, SECOND)
    before = parts(settings)

    with pytest.raises(ArchiveRejected, match="layer 1 is not in the archive, and your team has not sent it before"):
        send(outsider, lone, without(theirs, BASE))
    assert parts(settings) == before
    assert not Layer.objects.filter(images__team=lone).exists()

    assert send(outsider, lone, theirs).state == ImageState.READY
    assert parts(settings) == before | {sha256(SECOND), theirs.config_digest}


def test_a_layer_of_a_refused_image_counts_for_nothing(captain: User, team: Team, settings: Settings) -> None:
    refused = docker_archive(BASE, FIRST, config=config_of(BASE, FIRST, architecture="arm64"))
    damaged = docker_archive(BASE, layer("evil"), config=config_of(BASE, FIRST))
    for archive in (refused, damaged):
        with pytest.raises(ArchiveRejected):
            send(captain, team, archive)
    assert parts(settings) == set()

    with pytest.raises(ArchiveRejected, match="has not sent it before"):
        send(captain, team, without(docker_archive(BASE, SECOND), BASE))


def test_a_left_out_layer_counts_for_the_size_of_the_image(captain: User, team: Team, settings: Settings) -> None:
    send(captain, team, docker_archive(BASE, FIRST))
    settings.ARCHIVE_MAX_BYTES = len(BASE) + 1000

    with pytest.raises(ArchiveRejected, match="larger than") as refused:
        send(captain, team, without(docker_archive(BASE, SECOND), BASE))
    assert refused.value.code == "IMAGE_SIZE"


def test_a_layer_that_the_site_lost_has_to_be_sent_again(captain: User, team: Team) -> None:
    send(captain, team, docker_archive(BASE, FIRST))
    part_path(sha256(BASE)).unlink()
    second = docker_archive(BASE, SECOND)

    with pytest.raises(ArchiveRejected, match="has not sent it before"):
        send(captain, team, without(second, BASE))
    assert send(captain, team, second).state == ImageState.READY


def test_one_image_has_one_archive_however_it_was_saved(captain: User, team: Team, outsider: User, lone: Team) -> None:
    """Compressed or not, in whichever layout and with whatever beside it: a worker gets the same bytes."""
    config = config_of(BASE, FIRST)
    send(captain, team, docker_archive(BASE, FIRST, config=config, hidden=b"a passenger"))
    ours = fetched(docker_archive(BASE, FIRST, config=config))
    for path in (sha256(config), sha256(BASE), sha256(FIRST)):
        part_path(path).unlink()
    send(outsider, lone, oci_archive(gzip.compress(BASE), FIRST, config=config))

    assert fetched(docker_archive(BASE, FIRST, config=config)) == ours
    assert compose(sha256(config)).size == len(ours)
    assert b"passenger" not in ours
    assert b"mine:latest" not in ours


def test_a_layer_that_occurs_twice_is_one_member_and_may_be_left_out(captain: User, team: Team) -> None:
    config = config_of(BASE, BASE)
    manifest = json.dumps([{"Config": "c.json", "Layers": ["a/layer.tar", "b/layer.tar"]}]).encode()
    members = {"c.json": config, "manifest.json": manifest, "a/layer.tar": BASE}
    archive = Archive(content=tar_of(members, links={"b/layer.tar": "../a/layer.tar"}), config_digest=sha256(config))
    assert send(captain, team, archive).unpacked_bytes == 2 * len(BASE)
    with tarfile.open(fileobj=io.BytesIO(fetched(archive))) as tar:
        assert len(tar.getnames()) == 3

    other = config_of(BASE, BASE, FIRST)
    names = ["a/layer.tar", "b/layer.tar", "c/layer.tar"]
    manifest = json.dumps([{"Config": "c.json", "Layers": names}]).encode()
    members = {"c.json": other, "manifest.json": manifest, "c/layer.tar": FIRST}
    left = Archive(content=tar_of(members, links={"b/layer.tar": "../a/layer.tar"}), config_digest=sha256(other))
    assert send(captain, team, left).state == ImageState.READY


def test_an_upload_that_breaks_off_makes_no_layer_count(captain: User, team: Team, settings: Settings) -> None:
    archive = docker_archive(BASE, FIRST)
    image = services.offer_image(
        actor=captain, team=team, config_digest=archive.config_digest, archive_bytes=1, now=NOW
    )

    def broken() -> Iterator[bytes]:
        yield archive.content[: len(BASE) + 5000]
        raise UploadBroken

    with pytest.raises(UploadBroken):
        services.receive_archive(actor=captain, image=image, chunks=broken(), now=NOW)
    assert parts(settings) == set()
    assert not Layer.objects.exists()


def test_two_uploads_of_one_layer_at_once_both_end_well(
    captain: User, team: Team, outsider: User, lone: Team, settings: Settings
) -> None:
    one, two = docker_archive(BASE, FIRST), docker_archive(BASE, SECOND)
    image = services.offer_image(actor=captain, team=team, config_digest=one.config_digest, archive_bytes=1, now=NOW)

    def overtaken() -> Iterator[bytes]:
        yield one.content[:1000]
        assert send(outsider, lone, two).state == ImageState.READY
        yield one.content[1000:]

    assert services.receive_archive(actor=captain, image=image, chunks=overtaken(), now=NOW).state == ImageState.READY
    assert parts(settings) == {*map(sha256, (BASE, FIRST, SECOND)), one.config_digest, two.config_digest}
    with Staging() as first, Staging() as second:
        for staging in (first, second):
            staging.take(sha256(b"new"), [b"new"])
        first.settle()
        second.settle()
    assert part_path(sha256(b"new")).read_bytes() == b"new"


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file of this process grows above `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("packed", [False, True])
def test_a_full_disk_is_told_and_leaves_what_there_was(
    captain: User, team: Team, ready_image: Image, settings: Settings, *, packed: bool
) -> None:
    """Plain: the archive itself has no room. Packed: the archive has, its layer unpacked has not."""
    big = layer("big" * 100_000)
    archive = oci_archive(gzip.compress(big), config=config_of(big)) if packed else docker_archive(big)
    before = parts(settings)

    with room_for(100_000), pytest.raises(StorageFull) as refused:
        send(captain, team, archive)
    assert (refused.value.status, refused.value.code) == (507, "STORAGE_FULL")
    assert parts(settings) == before
    assert Image.objects.get(config_digest=archive.config_digest).state == ImageState.NEEDED
    assert send(captain, team, archive).state == ImageState.READY


def test_over_http_a_full_disk_says_whom_to_tell(tokens: Tokens) -> None:
    archive = docker_archive(layer("big" * 100_000))
    client = client_with(tokens.member)
    body = {"team": "tigers", "config_digest": archive.config_digest, "archive_bytes": 1}
    upload = client.post("/api/v1/images", body, content_type="application/json").json()["upload"]

    with room_for(100_000):
        answer = client.put(upload, archive.content, content_type="application/x-tar")
    assert (answer.status_code, answer.json()["error"]) == (507, "STORAGE_FULL")
    assert "Tell who runs the site" in answer.json()["next"]


def test_archives_that_were_kept_whole_become_layers(
    captain: User, team: Team, outsider: User, lone: Team, settings: Settings
) -> None:
    one, two, damaged = docker_archive(BASE, FIRST), docker_archive(BASE, SECOND), docker_archive(SECOND)
    root = Path(settings.IMAGE_ROOT)
    root.mkdir()
    for archive in (one, two, damaged):
        content = archive.content[:4000] if archive is damaged else archive.content
        (root / f"{archive.config_digest}.tar").write_bytes(content)
        for owner in (team, lone) if archive is one else (team,):
            fields = {"state": ImageState.READY, "archive_bytes": len(content), "created_at": NOW}
            Image.objects.create(team=owner, config_digest=archive.config_digest, **fields)

    assert split_archives(images=Image, layers=Layer) == 3
    assert split_archives(images=Image, layers=Layer) == 0
    assert parts(settings) == {*map(sha256, (BASE, FIRST, SECOND)), one.config_digest, two.config_digest}
    found = Image.objects.get(team=team, config_digest=one.config_digest)
    assert found.archive_bytes == len(fetched(one))
    third = docker_archive(BASE, layer("third"))
    for actor, owner in ((captain, team), (outsider, lone)):
        assert send(actor, owner, without(third, BASE)).state == ImageState.READY
    again = services.offer_image(
        actor=captain, team=team, config_digest=damaged.config_digest, archive_bytes=1, now=NOW
    )
    assert again.state == ImageState.NEEDED
