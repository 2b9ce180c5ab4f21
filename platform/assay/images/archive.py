"""Static checks of a `docker save` archive (docker layout and OCI layout) as it lies on disk. Nothing is extracted.

A config digest stands for the whole image only if every layer is the one that the config names, so each layer is hashed:
an archive that passes is the image, whoever sent it, and teams may share it.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from assay.images.tar_index import Member, TarProblem, follow, index_tar
from evaluators.contract.failures import FailureNote, RunFailure

#: image configs are a few KiB; the largest seen with long histories stay below 1 MiB
_MOST_JSON = 4 * 2**20
_MOST_LAYERS = 128
_CHUNK = 2**20
_ATTESTATION = "vnd.docker.reference.type"


class Rejected(Exception):
    """The archive is not one image that can run here; `note` says why in our own words."""

    def __init__(self, code: RunFailure, detail: str) -> None:
        super().__init__(detail)
        self.note = FailureNote(code=code.value, detail=detail)


@dataclass(frozen=True, kw_only=True)
class Inspected:
    """What a good archive holds."""

    config_digest: str
    architecture: str
    unpacked_bytes: int


@dataclass(frozen=True, kw_only=True)
class _Names:
    """Where the one image's config and layers lie in the archive."""

    config: str
    layers: tuple[str, ...]


def inspect_archive(path: Path, *, config_digest: str, max_unpacked: int) -> Inspected:
    """Check that the archive at `path` is exactly the announced image, for amd64 and Linux, with all its layers.

    config_digest: 64 hex digits, as announced. max_unpacked: bytes of all layers together.
    Raises Rejected with IMAGE_PULL, IMAGE_ARCH or IMAGE_SIZE.
    """
    with path.open("rb") as file:
        try:
            return _inspect(file, size=path.stat().st_size, announced=config_digest, most=max_unpacked)
        except TarProblem as problem:
            raise Rejected(RunFailure.IMAGE_PULL, f"Refused: {problem}.") from problem


def _inspect(file: BinaryIO, *, size: int, announced: str, most: int) -> Inspected:
    members = index_tar(file, size=size)
    names = _find_image(file, members)
    config_bytes = _small(file, follow(members, names.config))
    digest = hashlib.sha256(config_bytes).hexdigest()
    if digest != announced:
        raise Rejected(
            RunFailure.IMAGE_PULL,
            f"The archive holds the image sha256:{digest[:12]}…, announced was sha256:{announced[:12]}…",
        )
    config = _json(config_bytes)
    architecture = _platform(config)
    diff_ids = _diff_ids(config)
    if len(diff_ids) != len(names.layers):
        raise TarProblem("the config names another number of layers than the archive holds")
    unpacked = 0
    for number, (layer, wanted) in enumerate(zip(names.layers, diff_ids, strict=True), start=1):
        hashed = hashlib.sha256()
        for chunk in _unpacked(file, follow(members, layer)):
            unpacked += len(chunk)
            if unpacked > most:
                raise Rejected(RunFailure.IMAGE_SIZE, f"Unpacked it is larger than {most} bytes.")
            hashed.update(chunk)
        if hashed.hexdigest() != wanted:
            raise TarProblem(f"layer {number} is not the one that the image's config names")
    return Inspected(config_digest=digest, architecture=architecture, unpacked_bytes=unpacked)


def _find_image(file: BinaryIO, members: dict[str, Member]) -> _Names:
    docker = _docker_layout(file, members) if "manifest.json" in members else None
    oci = _oci_layout(file, members) if "index.json" in members else None
    if docker is None and oci is None:
        raise TarProblem("it holds neither manifest.json nor index.json: it was not made by `docker save`")
    if docker is not None and oci is not None and not _same(file, members, docker, oci):
        raise TarProblem("its two manifests name different images")
    found = docker or oci
    assert found is not None  # noqa: S101 -- one of the two, see above
    return found


def _same(file: BinaryIO, members: dict[str, Member], one: _Names, other: _Names) -> bool:
    return _small(file, follow(members, one.config)) == _small(file, follow(members, other.config))


def _docker_layout(file: BinaryIO, members: dict[str, Member]) -> _Names:
    images = _json(_small(file, follow(members, "manifest.json")))
    image = _only(images)
    layers = _strings(image.get("Layers"))
    return _Names(config=_string(image.get("Config")), layers=layers)


def _oci_layout(file: BinaryIO, members: dict[str, Member]) -> _Names:
    manifest = _json(_small(file, follow(members, "index.json")))
    for _ in range(3):  # an index may hold an index of platforms, which holds the image
        if not isinstance(manifest, dict):
            break
        if "manifests" not in manifest:
            layers = manifest.get("layers")
            if not isinstance(layers, list):
                break
            return _Names(config=_blob(manifest.get("config")), layers=tuple(_blob(layer) for layer in layers))
        entry = _only(_images(manifest["manifests"]))
        manifest = _json(_small(file, follow(members, _blob(entry))))
    raise TarProblem("its index does not lead to an image")


def _images(entries: Any) -> list[Any]:
    """The entries that are images; build attestations stand beside them in the same list."""
    if not isinstance(entries, list):
        raise TarProblem("its manifest is damaged")
    return [
        entry
        for entry in entries
        if not (
            isinstance(entry, dict) and isinstance(notes := entry.get("annotations"), dict) and _ATTESTATION in notes
        )
    ]


def _only(entries: Any) -> dict[str, Any]:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise TarProblem("its manifest is damaged")
    if len(entries) != 1:
        raise TarProblem(f"it holds {len(entries)} images; save exactly one")
    entry: dict[str, Any] = entries[0]
    return entry


def _blob(descriptor: Any) -> str:
    """blobs/sha256/<digest> of a descriptor."""
    return f"blobs/sha256/{_digest(descriptor.get('digest') if isinstance(descriptor, dict) else None)}"


def _digest(value: Any) -> str:
    text = _string(value)
    algorithm, _, digest = text.partition(":")
    if algorithm != "sha256" or len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise TarProblem("a digest in it is not a SHA-256")
    return digest


def _platform(config: Any) -> str:
    architecture, system = (config.get(key) if isinstance(config, dict) else None for key in ("architecture", "os"))
    if (architecture, system) != ("amd64", "linux"):
        named = "/".join(_word(part) for part in (system, architecture))
        raise Rejected(RunFailure.IMAGE_ARCH, f"It is built for {named}, wanted linux/amd64.")
    return "amd64"


def _word(value: Any) -> str:
    """A platform's name if it looks like one: the archive's own text goes no further."""
    return value if isinstance(value, str) and value.isascii() and value.isalnum() and len(value) <= 16 else "?"


def _diff_ids(config: dict[str, Any]) -> tuple[str, ...]:
    root = config.get("rootfs")
    ids = root.get("diff_ids") if isinstance(root, dict) else None
    return tuple(_digest(item) for item in _strings(ids))


def _strings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > _MOST_LAYERS:
        raise TarProblem("its list of layers is damaged or too long")
    return tuple(_string(item) for item in value)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TarProblem("its manifest is damaged")
    return value


def _small(file: BinaryIO, member: Member) -> bytes:
    if member.size > _MOST_JSON:
        raise TarProblem(f"a manifest or config in it is larger than {_MOST_JSON} bytes")
    file.seek(member.offset)
    return file.read(member.size)


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise TarProblem("a manifest or config in it is not JSON") from None


def _unpacked(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """A layer's tar, chunk by chunk. Layers are plain or gzip; what else there is cannot be checked here."""
    file.seek(member.offset)
    magic = file.read(min(4, member.size))
    if magic == b"\x28\xb5\x2f\xfd":
        raise TarProblem("a layer is compressed with zstd; save it with plain or gzip layers")
    chunks = _stored(file, member)
    return _inflated(chunks) if magic[:2] == b"\x1f\x8b" else chunks


def _stored(file: BinaryIO, member: Member) -> Iterator[bytes]:
    file.seek(member.offset)
    left = member.size
    while left:
        chunk = file.read(min(_CHUNK, left))
        left -= len(chunk)
        yield chunk


def _inflated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """gzip, a bounded piece at a time: a bomb ends at the size limit, not in memory."""
    engine = zlib.decompressobj(wbits=31)
    try:
        for chunk in chunks:
            waiting = chunk
            while waiting:
                if engine.eof:  # gzip files may follow each other
                    engine = zlib.decompressobj(wbits=31)
                yield engine.decompress(waiting, _CHUNK)
                waiting = engine.unused_data if engine.eof else engine.unconsumed_tail
        while tail := engine.decompress(engine.unconsumed_tail, _CHUNK):
            yield tail
    except zlib.error:
        raise TarProblem("a layer is damaged") from None
    if not engine.eof:
        raise TarProblem("a layer is damaged")
