"""The filter in front of `docker load`, without an engine: what comes out of it."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.sandbox.errors import LoadFailure
from evaluators.sandbox.image_archive import ImageArchive

CONFIG = json.dumps({"architecture": "amd64", "os": "linux"}).encode()
DIGEST = hashlib.sha256(CONFIG).hexdigest()


def tar_of(files: list[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def good(layer: bytes, *, tags: list[str]) -> bytes:
    manifest = json.dumps([{"Config": "c.json", "RepoTags": tags, "Layers": ["l.tar"]}]).encode()
    index = b'{"manifests": [{"annotations": {"io.containerd.image.name": "assay/tools:latest"}}]}'
    return tar_of([
        ("manifest.json", manifest), ("repositories", b'{"assay/tools": {}}'), ("index.json", index),
        ("l.tar", layer), ("c.json", CONFIG),
    ])  # fmt: skip


def chunks(content: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def filtered(content: bytes, *, size: int = 777, limit: int = 2**30) -> bytes:
    archive = ImageArchive(source=chunks(content, size), config_digest=DIGEST, tag="ours:1", limit=limit)
    return b"".join(archive.filtered())


@pytest.mark.parametrize("length", [0, 1, 511, 512, 513, 5 * 2**20 + 1])
def test_layers_pass_unchanged_and_our_index_is_the_only_one(length: int) -> None:
    layer = bytes(length)
    with tarfile.open(fileobj=io.BytesIO(filtered(good(layer, tags=["evil:latest"])))) as tar:
        names = tar.getnames()
        assert sorted(names) == ["c.json", "l.tar", "manifest.json"]
        content = {name: tar.extractfile(name) for name in names}
        read = {name: stream.read() for name, stream in content.items() if stream}
    assert read["l.tar"] == layer
    assert read["c.json"] == CONFIG
    assert json.loads(read["manifest.json"]) == [{"Config": "c.json", "RepoTags": ["ours:1"], "Layers": ["l.tar"]}]


def test_one_path_twice_is_refused_since_we_and_the_engine_might_choose_differently() -> None:
    manifest = json.dumps([{"Config": "c.json", "Layers": []}]).encode()
    archive = tar_of([("manifest.json", manifest), ("c.json", CONFIG), ("./c.json", b"{}")])
    with pytest.raises(LoadFailure, match="twice"):
        filtered(archive)


def test_many_small_files_do_not_fill_our_memory() -> None:
    archive = tar_of([(f"{number}.json", b"{" + bytes(4 * 2**20 - 1)) for number in range(20)])
    with pytest.raises(LoadFailure, match="too many small files"):
        filtered(archive, size=2**20)


def test_devices_and_hard_links_are_refused() -> None:
    for kind in (tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.LNKTYPE):
        member = tarfile.TarInfo("x")
        member.type, member.linkname = kind, "c.json"
        with pytest.raises(LoadFailure, match="besides files and folders"):
            filtered(member.tobuf() + bytes(1024))


@settings(max_examples=200, deadline=None)
@given(position=st.integers(0, 4000), value=st.integers(0, 255))
def test_a_flipped_byte_never_raises_anything_but_a_typed_refusal(position: int, value: int) -> None:
    content = bytearray(good(b"layer", tags=["x"]))
    content[position % len(content)] = value
    try:
        out = filtered(bytes(content))
    except LoadFailure:
        return
    with tarfile.open(fileobj=io.BytesIO(out)) as tar:
        manifest = tar.extractfile("manifest.json")
        assert manifest is not None
        assert json.load(manifest)[0]["RepoTags"] == ["ours:1"]
