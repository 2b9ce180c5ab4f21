"""What an archive must be to pass, and every way in which a hostile one does not."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

from assay.images.archive import Inspected, Rejected, inspect_archive
from assay.images.tar_index import MOST_MEMBERS
from tests.unit.assay.samples import Archive, config_of, docker_archive, layer, members_of, oci_archive, sha256, tar_of

LIMIT = 2**20


def _inspect(tmp_path: Path, archive: Archive, *, announced: str | None = None, limit: int = LIMIT) -> Inspected:
    path = tmp_path / "image.tar"
    path.write_bytes(archive.content)
    return inspect_archive(path, config_digest=announced or archive.config_digest, max_unpacked=limit)


def _refusal(tmp_path: Path, archive: Archive, *, limit: int = LIMIT) -> tuple[str, str]:
    with pytest.raises(Rejected) as verdict:
        _inspect(tmp_path, archive, limit=limit)
    return verdict.value.note.code, verdict.value.note.detail


ONE = config_of(layer())
GOOD = {
    "docker": docker_archive(layer("one"), layer("two")),
    "oci, plain layers": oci_archive(layer(), config=ONE),
    "oci, gzip layers": oci_archive(gzip.compress(layer()), config=ONE),
    "oci, gzip in two members": oci_archive(gzip.compress(layer()[:700]) + gzip.compress(layer()[700:]), config=ONE),
    "oci with an attestation": oci_archive(layer(), config=ONE, attested=True),
    "oci with an index of platforms": oci_archive(layer(), config=ONE, attested=True, nested=True),
    "no layers at all": docker_archive(config=config_of()),
}
GOOD["no layers at all"] = Archive(
    content=tar_of({"c.json": config_of(), "manifest.json": b'[{"Config": "c.json", "Layers": []}]'}),
    config_digest=sha256(config_of()),
)


@pytest.mark.parametrize("kind", GOOD)
def test_an_image_passes_in_every_layout_that_engines_write(tmp_path: Path, kind: str) -> None:
    found = _inspect(tmp_path, GOOD[kind])

    assert found.config_digest == GOOD[kind].config_digest
    assert found.architecture == "amd64"


def test_the_unpacked_size_is_that_of_all_layers(tmp_path: Path) -> None:
    one, two = layer("one"), layer("two" * 5000)

    assert _inspect(tmp_path, docker_archive(one, two)).unpacked_bytes == len(one) + len(two)
    packed = oci_archive(gzip.compress(two), config=config_of(two))
    assert _inspect(tmp_path, packed).unpacked_bytes == len(two)


def test_both_manifests_of_a_newer_engine_may_stand_side_by_side(tmp_path: Path) -> None:
    """Docker 25 writes manifest.json and index.json into one archive."""
    content = layer()
    oci = oci_archive(content, config=ONE)
    manifest = [{"Config": f"blobs/sha256/{sha256(ONE)}", "Layers": [f"blobs/sha256/{sha256(content)}"]}]

    assert _inspect(tmp_path, _with(oci, {"manifest.json": json.dumps(manifest).encode()})).architecture == "amd64"


def test_a_layer_that_occurs_twice_may_be_a_link_to_the_first(tmp_path: Path) -> None:
    """Docker before version 25 writes it so."""
    content = layer()
    config = config_of(content, content)
    manifest = [{"Config": "c.json", "Layers": ["a/layer.tar", "b/layer.tar"]}]
    members = {"c.json": config, "manifest.json": json.dumps(manifest).encode(), "a/layer.tar": content}
    archive = Archive(content=tar_of(members, links={"b/layer.tar": "../a/layer.tar"}), config_digest=sha256(config))

    assert _inspect(tmp_path, archive).unpacked_bytes == 2 * len(content)


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_folders_long_names_and_every_tar_dialect_are_read(tmp_path: Path, form: int) -> None:
    content = layer()
    config = config_of(content)
    path = f"{'f' * 80}/{'g' * 90}/layer.tar"
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as tar:
        for name in ("./", "f" * 80 + "/"):
            folder = tarfile.TarInfo(name)
            folder.type = tarfile.DIRTYPE
            tar.addfile(folder)
        manifest = json.dumps([{"Config": "c.json", "Layers": [path]}]).encode()
        for name, body in {"c.json": config, "./manifest.json": manifest, path: content}.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            info.pax_headers = {"comment": "x" * 2000}
            tar.addfile(info, io.BytesIO(body))

    _inspect(tmp_path, Archive(content=buffer.getvalue(), config_digest=sha256(config)))


def _with(archive: Archive, more: dict[str, bytes]) -> Archive:
    """The same archive with further files at its end."""
    members = members_of(archive)
    return Archive(content=tar_of(members | more), config_digest=archive.config_digest)


def _docker(*, manifest: object, config: bytes = ONE, **more: bytes) -> Archive:
    written = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    members = {"c.json": config, "l.tar": layer(), "manifest.json": written, **more}
    return Archive(content=tar_of(members), config_digest=sha256(config))


IMAGE = {"Config": "c.json", "Layers": ["l.tar"]}
DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize(
    ("archive", "wanted"),
    [
        (_docker(manifest=[IMAGE, IMAGE]), "it holds 2 images"),
        (_docker(manifest=[]), "it holds 0 images"),
        (_docker(manifest={}), "its manifest is damaged"),
        (_docker(manifest=[[]]), "its manifest is damaged"),
        (_docker(manifest=[{"Config": 1, "Layers": []}]), "its manifest is damaged"),
        (_docker(manifest=[{"Config": "c.json", "Layers": "l.tar"}]), "its list of layers is damaged"),
        (_docker(manifest=[{"Config": "c.json", "Layers": ["l.tar"] * 200}]), "damaged or too long"),
        (_docker(manifest=[{"Config": "c.json", "Layers": []}]), "another number of layers"),
        (_docker(manifest=[{"Config": "c.json", "Layers": ["../l.tar"]}]), "is not in the archive"),
        (_docker(manifest=[{"Config": "/etc/passwd", "Layers": []}]), "is not in the archive"),
        (_docker(manifest=b"not json"), "is not JSON"),
        (_docker(manifest=b"\xff\xfe"), "is not JSON"),
        (_docker(manifest=DEEP), "is not JSON"),
        (_docker(manifest=[IMAGE], config=DEEP), "is not JSON"),
        (_docker(manifest=[IMAGE], config=b" " * (5 * 2**20)), "is larger than 4194304 bytes"),
        (_docker(manifest=b" " * (5 * 2**20)), "is larger than 4194304 bytes"),
        (_docker(manifest=[IMAGE], config=config_of(layer("other"))), "layer 1 is not the one"),
        (_docker(manifest=[IMAGE], config=config_of(layer(), rootfs={"diff_ids": ["sha256:../x"]})), "not a SHA-256"),
        (_docker(manifest=[IMAGE], config=config_of(layer(), rootfs="layers")), "damaged or too long"),
        (Archive(content=tar_of({"readme.txt": b"hello"}), config_digest=sha256(ONE)), "not made by `docker save`"),
        (oci_archive(b"\x28\xb5\x2f\xfd" + bytes(100), config=ONE), "compressed with zstd"),
        (oci_archive(gzip.compress(layer())[:-12], config=ONE), "a layer is damaged"),
        (oci_archive(b"\x1f\x8b" + bytes(100), config=ONE), "a layer is damaged"),
        (_with(oci_archive(layer(), config=ONE), {"index.json": b'{"manifests": [{"digest": 1}]}'}), "damaged"),
        (_with(oci_archive(layer(), config=ONE), {"index.json": b'{"manifests": 1}'}), "damaged"),
        (_with(oci_archive(layer(), config=ONE), {"index.json": b"[]"}), "does not lead to an image"),
        (_with(oci_archive(layer(), config=ONE), {"index.json": b'{"manifests": [{}, {}]}'}), "it holds 2 images"),
        (
            _with(oci_archive(layer("two"), config=config_of(layer("two"))), {
                "manifest.json": json.dumps([IMAGE]).encode(), "c.json": ONE, "l.tar": layer(),
            }),
            "two manifests name different images",
        ),
    ],
)  # fmt: skip
def test_an_archive_that_is_not_one_whole_image_is_refused(tmp_path: Path, archive: Archive, wanted: str) -> None:
    code, detail = _refusal(tmp_path, archive)

    assert code == "IMAGE_PULL"
    assert wanted in detail


def test_an_image_under_another_digest_is_refused_naming_both(tmp_path: Path) -> None:
    archive = docker_archive()

    with pytest.raises(Rejected, match=f"sha256:{archive.config_digest[:12]}….*announced was sha256:000000000000…"):
        _inspect(tmp_path, archive, announced="0" * 64)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"architecture": "arm64"}, "linux/arm64"),
        ({"os": "windows"}, "windows/amd64"),
        ({"architecture": None}, "linux/?"),
        ({"architecture": "<script>alert(1)</script>"}, "linux/?"),
        ({"os": ["linux"]}, "?/amd64"),
    ],
)
def test_an_image_for_another_machine_is_told_so_in_our_words(
    tmp_path: Path, changes: dict[str, object], named: str
) -> None:
    code, detail = _refusal(tmp_path, docker_archive(config=config_of(layer(), **changes)))

    assert (code, detail) == ("IMAGE_ARCH", f"It is built for {named}, wanted linux/amd64.")


def test_a_compressed_bomb_ends_at_the_limit(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(64 * 2**20))
    config = config_of(bytes(64 * 2**20))

    code, detail = _refusal(tmp_path, oci_archive(bomb, config=config), limit=2**20)
    assert (code, detail) == ("IMAGE_SIZE", f"Unpacked it is larger than {2**20} bytes.")


def _member(name: str, *, kind: bytes = tarfile.REGTYPE, target: str = "", size: int | None = None) -> Archive:
    """A good archive whose first member is this one. size: what its header says."""
    archive = docker_archive()
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    info.size = 0 if size is None else size
    return Archive(content=info.tobuf(tarfile.GNU_FORMAT) + archive.content, config_digest=archive.config_digest)


@pytest.mark.parametrize(
    ("archive", "wanted"),
    [
        (_member("/etc/passwd"), "lies outside it"),
        (_member("../../etc/passwd"), "lies outside it"),
        (_member("a/../../b"), "lies outside it"),
        (_member("a//b"), "lies outside it"),
        (_member("", kind=tarfile.REGTYPE), "lies outside it"),
        (_member("../up", kind=tarfile.DIRTYPE), "lies outside it"),
        (_member("/", kind=tarfile.DIRTYPE), "lies outside it"),
        (_member("back\\slash"), "characters that are not allowed"),
        (_member("bell\x07"), "characters that are not allowed"),
        (_member("\udcff"), "characters that are not allowed"),
        (_member("link", kind=tarfile.SYMTYPE, target="/etc/passwd"), "leads outside it"),
        (_member("a/link", kind=tarfile.SYMTYPE, target="../../x"), "leads outside it"),
        (_member("link", kind=tarfile.LNKTYPE, target="../x"), "leads outside it"),
        (_member("pipe", kind=tarfile.FIFOTYPE), "other than files, folders and links"),
        (_member("disk", kind=tarfile.BLKTYPE), "other than files, folders and links"),
        (_member("sparse", kind=tarfile.GNUTYPE_SPARSE), "other than files, folders and links"),
        (_member("manifest.json"), "the same name"),
        (_member("./manifest.json"), "the same name"),
        (_member("manifest.json", kind=tarfile.DIRTYPE), "the same name"),
        (_member("giant", size=2**40), "ends early"),
        (_member("x", kind=tarfile.XHDTYPE, size=2**33), "extended header of the archive is too long"),
        (_member("x", kind=tarfile.XHDTYPE, size=512), "extended header of the archive is damaged"),
        (_member("x", kind=tarfile.GNUTYPE_LONGNAME, size=2**20), "ends early"),
    ],
)
def test_a_hostile_member_is_refused_before_anything_is_read(tmp_path: Path, archive: Archive, wanted: str) -> None:
    code, detail = _refusal(tmp_path, archive)

    assert code == "IMAGE_PULL"
    assert wanted in detail


@pytest.mark.parametrize("left", [0, 100, 512, 1000, 3000])
def test_a_truncated_archive_is_refused(tmp_path: Path, left: int) -> None:
    archive = docker_archive()

    code, detail = _refusal(tmp_path, Archive(content=archive.content[:left], config_digest=archive.config_digest))
    assert code == "IMAGE_PULL"
    assert "ends early" in detail


@pytest.mark.parametrize("content", [b"hello" * 500, gzip.compress(docker_archive().content) * 9, bytes(10_240)])
def test_what_is_no_tar_is_refused(tmp_path: Path, content: bytes) -> None:
    code, detail = _refusal(tmp_path, Archive(content=content, config_digest="0" * 64))

    assert code == "IMAGE_PULL"
    assert "not a tar archive" in detail or "is empty" in detail


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    archive = Archive(content=tar_of({str(number): b"" for number in range(MOST_MEMBERS + 1)}), config_digest="0" * 64)

    assert "more than 2000 members" in _refusal(tmp_path, archive)[1]


def test_endless_extended_headers_are_refused(tmp_path: Path) -> None:
    header = tarfile.TarInfo("x")
    header.type = tarfile.XGLTYPE
    archive = Archive(content=header.tobuf() * 9000 + bytes(1024), config_digest="0" * 64)

    assert "too many headers" in _refusal(tmp_path, archive)[1]


def test_no_message_holds_text_of_the_archive(tmp_path: Path) -> None:
    for name in ("<b>bold</b>", "../<b>bold</b>", "\x1b[31m"):
        assert "bold" not in _refusal(tmp_path, _member(name, kind=tarfile.FIFOTYPE))[1]
        assert "\x1b" not in _refusal(tmp_path, _member(name, kind=tarfile.FIFOTYPE))[1]
