"""Images come from strangers: what an archive may and may not do to the engine."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from typing import Any

import docker
import pytest

from evaluators.sandbox.docker_sandbox import DockerSandbox
from evaluators.sandbox.errors import EngineFailure, LoadFailure
from evaluators.sandbox.interface import ImageInfo
from tests.integration.sandbox.conftest import MIB, tar_of

pytestmark = pytest.mark.engine
LIMIT = 2 * 2**30


@pytest.fixture
def forget(engine: docker.DockerClient, sandbox: DockerSandbox) -> Iterator[Callable[[str], None]]:
    """forget(digest): removed from the engine at the end."""
    digests: list[str] = []
    yield digests.append
    for digest in digests:
        sandbox.remove_image(config_digest=digest)


def test_layers_that_the_engine_has_need_not_be_in_the_archive(
    engine: docker.DockerClient, sandbox: DockerSandbox, forget: Callable[[str], None]
) -> None:
    base, own, other = layer(b"base"), layer(b"own"), layer(b"other")
    archive, digest = saved(base)
    forget(digest)
    sandbox.load_image(archive=chunks(archive), config_digest=digest, limit=LIMIT)
    ids = [digest_of(content) for content in (base, own)]
    assert [sandbox.layers_there(found) for found in (ids, ids[::-1], [], [digest_of(other)])] == [1, 0, 0, 0]

    archive, digest = without_layer(saved(base, own), number=0)
    forget(digest)
    info = sandbox.load_image(archive=chunks(archive), config_digest=digest, limit=LIMIT, above=1)
    assert engine.images.get(info.reference).attrs["RootFS"]["Layers"] == [f"sha256:{found}" for found in ids]

    archive, digest = without_layer(saved(other, own), number=0)
    with pytest.raises(LoadFailure):
        sandbox.load_image(archive=chunks(archive), config_digest=digest, limit=LIMIT, above=1)
    assert sandbox.find_image(config_digest=digest) is None


def without_layer(whole: tuple[bytes, str], *, number: int) -> tuple[bytes, str]:
    """The archive of `saved` without one layer's body."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(whole[0])) as tar, tarfile.open(fileobj=buffer, mode="w") as left:
        for member in tar:
            if member.name != f"{number}/layer.tar":
                left.addfile(member, tar.extractfile(member))
    return buffer.getvalue(), whole[1]


def layer(content: bytes = b"hello") -> bytes:
    return tar_of({"hello.txt": content})


def config_of(*layers: bytes, **changes: Any) -> bytes:
    digests = [f"sha256:{hashlib.sha256(content).hexdigest()}" for content in layers]
    config: dict[str, Any] = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Cmd": ["/hello"], "Labels": {"assay.test": "sandbox"}},
        "rootfs": {"type": "layers", "diff_ids": digests},
        **changes,
    }
    return json.dumps(config).encode()


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def saved(
    *layers: bytes, config: bytes | None = None, tags: list[str] | None = None, twice: bool = False
) -> tuple[bytes, str]:
    """An archive in the form of `docker save`, and its config digest."""
    config = config or config_of(*layers)
    names = {f"{number}/layer.tar": content for number, content in enumerate(layers)}
    entry = {"Config": "config.json", "RepoTags": tags, "Layers": list(names)}
    manifest = json.dumps([entry, entry] if twice else [entry]).encode()
    repositories = json.dumps({"assay/tools": {"latest": digest_of(config)}}).encode()
    files = {**names, "config.json": config, "manifest.json": manifest, "repositories": repositories}
    return tar_of(files), digest_of(config)


def chunks(content: bytes, size: int = 1000) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def test_a_real_docker_save_is_loaded_and_loading_it_again_reads_nothing(
    engine: docker.DockerClient, sandbox: DockerSandbox, build: Callable[..., ImageInfo], forget: Callable[[str], None]
) -> None:
    built = build("good", "LABEL assay.once=1", "ENV ONCE=1")
    archive = b"".join(engine.images.get(built.reference).save())
    engine.images.remove(built.reference, force=True)
    assert sandbox.find_image(config_digest=built.config_digest) is None
    forget(built.config_digest)

    info = sandbox.load_image(archive=chunks(archive, 100_000), config_digest=built.config_digest, limit=LIMIT)
    assert info.reference == built.reference
    assert info.has_command

    def never() -> Iterator[bytes]:
        pytest.fail("the archive was read although the image is there")
        yield b""

    again = sandbox.load_image(archive=never(), config_digest=built.config_digest, limit=LIMIT)
    assert again == info


def test_an_archive_cannot_take_over_a_tag_of_ours(
    engine: docker.DockerClient, sandbox: DockerSandbox, forget: Callable[[str], None]
) -> None:
    before = engine.images.get("assay/tools:latest").id
    archive, digest = saved(layer(), tags=["assay/tools:latest", "assay/scorer:latest"])
    forget(digest)
    info = sandbox.load_image(archive=chunks(archive), config_digest=digest, limit=LIMIT)
    assert engine.images.get("assay/tools:latest").id == before
    assert engine.images.get(info.reference).tags == [f"assay-submitted/image:{digest}"]


def test_a_removed_image_is_gone_and_removing_it_twice_is_no_error(
    sandbox: DockerSandbox, forget: Callable[[str], None]
) -> None:
    archive, digest = saved(layer(b"short lived"))
    forget(digest)
    sandbox.load_image(archive=chunks(archive), config_digest=digest, limit=LIMIT)
    sandbox.remove_image(config_digest=digest)
    assert sandbox.find_image(config_digest=digest) is None
    sandbox.remove_image(config_digest=digest)


def test_an_oci_layout_is_loaded_as_well(sandbox: DockerSandbox, forget: Callable[[str], None]) -> None:
    archive, digest = oci_layout(layer(b"oci"))
    forget(digest)
    info = sandbox.load_image(archive=chunks(archive), config_digest=digest, limit=LIMIT)
    assert info.config_digest == digest


def oci_layout(*layers: bytes) -> tuple[bytes, str]:
    """An archive as buildx writes it: compressed layers, provenance beside the image."""
    config = config_of(*layers)
    blobs = [gzip.compress(content) for content in layers]
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "config": {"digest": f"sha256:{digest_of(config)}"},
            "layers": [{"digest": f"sha256:{digest_of(blob)}"} for blob in blobs],
        }
    ).encode()
    attestation = {"digest": f"sha256:{'0' * 64}", "annotations": {"vnd.docker.reference.type": "attestation-manifest"}}
    index = {"schemaVersion": 2, "manifests": [{"digest": f"sha256:{digest_of(manifest)}"}, attestation]}
    files = {f"blobs/sha256/{digest_of(blob)}": blob for blob in [*blobs, config, manifest]}
    layout = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}', "index.json": json.dumps(index).encode()}
    return tar_of({**files, **layout}), digest_of(config)


def refusal(sandbox: DockerSandbox, archive: bytes, digest: str, limit: int = LIMIT) -> LoadFailure:
    with pytest.raises(LoadFailure) as caught:
        sandbox.load_image(archive=chunks(archive), config_digest=digest, limit=limit)
    assert sandbox.find_image(config_digest=digest) is None
    return caught.value


def test_two_images_in_one_archive_are_refused(sandbox: DockerSandbox) -> None:
    failure = refusal(sandbox, *saved(layer(b"two"), twice=True))
    assert failure.note.code == "IMAGE_PULL"
    assert "more than one image" in failure.note.detail


def test_another_image_than_announced_is_refused(sandbox: DockerSandbox) -> None:
    archive, _ = saved(layer(b"another"))
    failure = refusal(sandbox, archive, "ab" * 32)
    assert failure.note.code == "IMAGE_PULL"
    assert "another image" in failure.note.detail


def test_a_wrong_processor_is_told_as_such_and_the_image_does_not_stay(sandbox: DockerSandbox) -> None:
    content = layer(b"arm")
    archive, digest = saved(content, config=config_of(content, architecture="arm64"))
    failure = refusal(sandbox, archive, digest)
    assert failure.note.code == "IMAGE_ARCH"
    assert "linux/amd64" in failure.note.detail


def test_an_image_above_the_limit_is_refused_while_it_comes_in(sandbox: DockerSandbox) -> None:
    read: list[int] = []
    archive, digest = saved(layer(bytes(8 * MIB)))

    def counted() -> Iterator[bytes]:
        for chunk in chunks(archive, 100_000):
            read.append(len(chunk))
            yield chunk

    with pytest.raises(LoadFailure) as caught:
        sandbox.load_image(archive=counted(), config_digest=digest, limit=MIB)
    assert caught.value.note.code == "IMAGE_SIZE"
    assert sum(read) < 4 * MIB


def test_a_compressed_layer_counts_by_what_it_unpacks_to(sandbox: DockerSandbox) -> None:
    failure = refusal(sandbox, *oci_layout(layer(bytes(64 * MIB))), limit=32 * MIB)
    assert failure.note.code == "IMAGE_SIZE"


def test_a_bomb_in_a_second_gzip_member_counts_as_well(sandbox: DockerSandbox) -> None:
    blob = gzip.compress(layer()) + gzip.compress(bytes(64 * MIB))
    config = config_of(layer(b"bomb"))
    entry = {"Config": "config.json", "RepoTags": None, "Layers": ["layer"]}
    files = {"layer": blob, "config.json": config, "manifest.json": json.dumps([entry]).encode()}
    failure = refusal(sandbox, tar_of(files), digest_of(config), limit=32 * MIB)
    assert failure.note.code == "IMAGE_SIZE"


@pytest.mark.parametrize(
    ("what", "archive"),
    [
        ("text", b"this is no archive at all" * 1000),
        ("nothing", b""),
        ("cut short", saved(layer(bytes(3 * MIB)))[0][: 2 * MIB]),
        ("no index", tar_of({"layer.tar": layer()})),
        ("an index that is no JSON", tar_of({"manifest.json": b"[nonsense"})),
        ("an index of another form", tar_of({"manifest.json": b'[{"Config": 3, "Layers": "x"}]'})),
        ("no config", tar_of({"manifest.json": b'[{"Config": "c.json", "Layers": []}]'})),
        ("a path outside", tar_of({"../../etc/cron.d/x": b"x"})),
        ("an absolute path", tar_of({"/etc/cron.d/x": b"x"})),
    ],
)
def test_broken_and_hostile_archives_are_refused_in_our_own_words(
    sandbox: DockerSandbox, what: str, archive: bytes
) -> None:
    failure = refusal(sandbox, archive, "cd" * 32)
    assert failure.note.code == "IMAGE_PULL"
    assert "nonsense" not in failure.note.detail


def test_a_link_out_of_the_archive_is_refused(sandbox: DockerSandbox) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        member = tarfile.TarInfo("layer.tar")
        member.type, member.linkname = tarfile.SYMTYPE, "../../var/lib/docker/secret"
        tar.addfile(member)
    failure = refusal(sandbox, buffer.getvalue(), "ef" * 32)
    assert "leads outside" in failure.note.detail


def test_a_header_that_claims_gigabytes_is_refused_without_reading_it(sandbox: DockerSandbox) -> None:
    member = tarfile.TarInfo("pax")
    member.type, member.size = tarfile.XHDTYPE, 7 * 2**30
    failure = refusal(sandbox, member.tobuf(tarfile.USTAR_FORMAT) + bytes(10_000), "ab" * 32)
    assert "oversized header" in failure.note.detail


def test_layers_that_do_not_fit_the_config_are_refused_by_the_engine(sandbox: DockerSandbox) -> None:
    failure = refusal(sandbox, *saved(layer(b"swapped"), config=config_of(layer(b"original"))))
    assert failure.note.code == "IMAGE_PULL"


def test_a_missing_image_of_ours_says_how_to_build_it(sandbox: DockerSandbox) -> None:
    with pytest.raises(EngineFailure, match=r"build\.py"):
        sandbox.own_image(name="assay/does-not-exist:latest")
