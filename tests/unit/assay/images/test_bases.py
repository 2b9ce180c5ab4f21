"""What who runs the site does with layers: gives a base out, counts, sweeps."""

from __future__ import annotations

import os
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from assay.accounts.models import Team, User
from assay.datasets.errors import UploadBroken
from assay.images.composed import is_whole
from assay.images.models import Image, ImageState
from assay.images.store import Staging, part_path
from tests.unit.assay.images.test_layers import BASE, FIRST, SECOND, send, without
from tests.unit.assay.samples import Archive, config_of, docker_archive, fetched, sha256


def told(*words: str) -> str:
    out = StringIO()
    call_command("image_layers", *words, stdout=out)
    return out.getvalue().strip()


def aged(*digests: str) -> None:
    """As if they had come two days ago."""
    for digest in digests:
        os.utime(part_path(digest), times=(time.time() - 172_800,) * 2)


@pytest.fixture
def base(tmp_path: Path) -> Archive:
    """The operator's image, as a file."""
    archive = docker_archive(BASE)
    (tmp_path / "base.tar").write_bytes(archive.content)
    return archive


def test_a_base_that_was_given_out_need_not_be_sent_by_anybody(
    captain: User, team: Team, base: Archive, tmp_path: Path
) -> None:
    assert "1 layers are public now" in told("give-out", str(tmp_path / "base.tar"))

    assert send(captain, team, without(docker_archive(BASE, FIRST), BASE)).state == ImageState.READY


def test_a_layer_that_a_team_sent_first_becomes_public_with_the_base(
    captain: User, team: Team, ready_image: Image, base: Archive, tmp_path: Path
) -> None:
    send(captain, team, docker_archive(BASE, FIRST))
    told("give-out", str(tmp_path / "base.tar"))
    ready_image.delete()
    Image.objects.all().delete()

    assert send(captain, team, without(docker_archive(BASE, SECOND), BASE)).state == ImageState.READY


def test_what_is_no_image_is_not_given_out(db: None, tmp_path: Path) -> None:
    file = tmp_path / "base.tar"
    with pytest.raises(CommandError, match="No such file"):
        told("give-out", str(file))
    file.write_bytes(docker_archive(BASE, config=config_of(FIRST)).content)
    with pytest.raises(CommandError, match="layer 1 is not the one"):
        told("give-out", str(file))
    with pytest.raises(CommandError, match="takes the archive"):
        told("give-out")


def test_usage_counts_what_sharing_saves(captain: User, team: Team) -> None:
    one, two = docker_archive(BASE, FIRST), docker_archive(BASE, SECOND)
    for archive in (one, two):
        send(captain, team, archive)

    whole = len(fetched(one)) + len(fetched(two))
    kept = len(BASE) + len(FIRST) + len(SECOND) + len(config_of(BASE, FIRST)) + len(config_of(BASE, SECOND))
    assert told("usage") == (
        f"5 layers and configs, {kept} bytes; 4 references to layers; whole archives would take {whole} bytes"
    )


def test_a_layer_goes_when_its_last_image_is_gone_and_not_before(
    captain: User, team: Team, base: Archive, tmp_path: Path
) -> None:
    one, two = docker_archive(BASE, FIRST), docker_archive(BASE, SECOND)
    for archive in (one, two):
        send(captain, team, archive)
    left = sha256(b"left by a killed upload")
    with Staging() as staging:
        staging.take(left, [b"left by a killed upload"])
        staging.settle()
    aged(*map(sha256, (BASE, FIRST, SECOND)), one.config_digest, two.config_digest)
    assert told("sweep") == "removed 0 layers and configs, 0 bytes"

    aged(left)
    Image.objects.get(config_digest=one.config_digest).delete()
    assert told("sweep").startswith("removed 3 layers")
    assert fetched(two)
    assert not any(part_path(digest).exists() for digest in (left, sha256(FIRST), one.config_digest))

    told("give-out", str(tmp_path / "base.tar"))
    Image.objects.all().delete()
    assert told("sweep").startswith("removed 2 layers")
    assert part_path(sha256(BASE)).is_file()


def test_an_image_whose_layer_is_swept_while_it_arrives_is_sent_again(
    captain: User, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upload saw the layer on the disk and did not write it; then the layer went."""
    send(captain, team, docker_archive(BASE, FIRST))
    Image.objects.all().delete()
    aged(sha256(BASE))
    second = docker_archive(BASE, SECOND)
    settle = Staging.settle

    def swept_meanwhile(self: Staging) -> None:
        settle(self)
        told("sweep")

    monkeypatch.setattr(Staging, "settle", swept_meanwhile)
    with pytest.raises(UploadBroken):
        send(captain, team, second)
    monkeypatch.undo()
    assert Image.objects.get().state == ImageState.NEEDED
    assert send(captain, team, second).state == ImageState.READY
    assert is_whole(second.config_digest)
