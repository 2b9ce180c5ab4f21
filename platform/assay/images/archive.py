"""Static checks of a `docker save` archive (docker layout and OCI layout) as it lies on disk. Nothing is extracted.

A config digest stands for the whole image only if every layer is the one that the config names, so each layer is hashed:
an archive that passes is the image, whoever sent it. A layer's body may be left out of the archive where the manifest still
names it; the config then says which layer that is, and `held` whether the sender may leave it out.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from assay.images.tar_index import Member, TarProblem, find, follow, index_tar
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
    config: bytes
    #: diff_id -> bytes of its tar, each layer once
    layers: dict[str, int]


#: a layer that the archive may leave out -> bytes of its tar; None: it has to be sent
Held = Callable[[str], int | None]
#: takes a layer's tar under the diff_id that the config gives it; answers what it really hashes to
Take = Callable[[str, Iterable[bytes]], str]


def nothing_held(diff_id: str) -> None:  # noqa: ARG001 -- the form of Held
    """Every layer has to be in the archive."""
    return


def only_hash(diff_id: str, chunks: Iterable[bytes]) -> str:  # noqa: ARG001 -- the form of Take
    """Look at the layers and keep none."""
    hashed = hashlib.sha256()
    for chunk in chunks:
        hashed.update(chunk)
    return hashed.hexdigest()


@dataclass(frozen=True, kw_only=True)
class _Names:
    """Where the one image's config and layers lie in the archive."""

    config: str
    layers: tuple[str, ...]


def inspect_archive(
    path: Path, *, config_digest: str | None, max_unpacked: int, held: Held = nothing_held, take: Take = only_hash
) -> Inspected:
    """Check that the archive at `path` is exactly the announced image, for amd64 and Linux, with all its layers.

    config_digest: 64 hex digits, as announced; None: whichever image it is. max_unpacked: bytes of all layers together.
    Raises Rejected with IMAGE_PULL, IMAGE_ARCH or IMAGE_SIZE; `take` has then seen layers that are not to be kept.
    """
    with path.open("rb") as file:
        try:
            members = index_tar(file, size=path.stat().st_size)
            names = _find_image(file, members)
            config = _checked_config(_small(file, follow(members, names.config)), announced=config_digest)
            diff_ids = diff_ids_of(config)
            if len(diff_ids) != len(names.layers):
                raise TarProblem("the config names another number of layers than the archive holds")
            layers: dict[str, int] = {}
            unpacked = 0
            for number, (name, diff_id) in enumerate(zip(names.layers, diff_ids, strict=True), start=1):
                layer = _Layer(number=number, diff_id=diff_id, member=find(members, name))
                layers[diff_id] = _layer_size(file, layer, most=max_unpacked, before=unpacked, held=held, take=take)
                unpacked += layers[diff_id]
        except TarProblem as problem:
            raise Rejected(RunFailure.IMAGE_PULL, f"Refused: {problem}.") from problem
    return Inspected(
        config_digest=hashlib.sha256(config).hexdigest(),
        architecture="amd64",
        unpacked_bytes=unpacked,
        config=config,
        layers=layers,
    )


@dataclass(frozen=True, kw_only=True)
class _Layer:
    """One layer by its place in the config, from 1. member: where its body lies; None: it was left out."""

    number: int
    diff_id: str
    member: Member | None


def _layer_size(file: BinaryIO, layer: _Layer, *, most: int, before: int, held: Held, take: Take) -> int:
    """Bytes of this layer's tar, once it is known to be the one that the config names. before: of the layers below."""
    if layer.member is None:
        size = held(layer.diff_id)
        if size is None:
            raise TarProblem(f"layer {layer.number} is not in the archive, and your team has not sent it before")
        _check_size(before + size, most=most)
        return size
    size = 0

    def counted() -> Iterator[bytes]:
        nonlocal size
        for chunk in _unpacked(file, member):
            size += len(chunk)
            _check_size(before + size, most=most)
            yield chunk

    member = layer.member
    if take(layer.diff_id, counted()) != layer.diff_id:
        raise TarProblem(f"layer {layer.number} is not the one that the image's config names")
    return size


def _check_size(unpacked: int, *, most: int) -> None:
    if unpacked > most:
        raise Rejected(RunFailure.IMAGE_SIZE, f"Unpacked it is larger than {most} bytes.")


def _checked_config(content: bytes, *, announced: str | None) -> bytes:
    digest = hashlib.sha256(content).hexdigest()
    if announced is not None and digest != announced:
        raise Rejected(
            RunFailure.IMAGE_PULL,
            f"The archive holds the image sha256:{digest[:12]}…, announced was sha256:{announced[:12]}…",
        )
    _check_platform(_json(content))
    return content


def diff_ids_of(config: bytes) -> tuple[str, ...]:
    """The layers of an image, lowest first, as its config names them: SHA-256 of each plain tar. Raises TarProblem."""
    parsed = _json(config)
    root = parsed.get("rootfs") if isinstance(parsed, dict) else None
    ids = root.get("diff_ids") if isinstance(root, dict) else None
    return tuple(_digest(item) for item in _strings(ids))


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


def _check_platform(config: Any) -> None:
    architecture, system = (config.get(key) if isinstance(config, dict) else None for key in ("architecture", "os"))
    if (architecture, system) != ("amd64", "linux"):
        named = "/".join(_word(part) for part in (system, architecture))
        raise Rejected(RunFailure.IMAGE_ARCH, f"It is built for {named}, wanted linux/amd64.")


def _word(value: Any) -> str:
    """A platform's name if it looks like one: the archive's own text goes no further."""
    return value if isinstance(value, str) and value.isascii() and value.isalnum() and len(value) <= 16 else "?"


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
