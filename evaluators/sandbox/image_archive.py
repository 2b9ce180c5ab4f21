"""Filters a submitted image archive on its way into the engine: one image, no tags, nothing that points outside.

`docker load` gives an image the tags that its archive claims, so a hostile archive could take over the tag of another team's
or of our own image. Every index is therefore dropped and one manifest of ours is written at the end.
"""

from __future__ import annotations

import io
import json
import posixpath
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from evaluators.contract.failures import RunFailure
from evaluators.sandbox.errors import LoadFailure
from evaluators.sandbox.image_index import Index

_CHUNK = 2**20
#: config, manifests and indexes are small; anything that claims to be one and is larger is refused
_SMALL = 4 * 2**20
_MEMBERS = 10_000
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_DROPPED = frozenset({"manifest.json", "index.json", "oci-layout", "repositories"})
#: gzip makes at most a thousand times as much of what is read at once
_READ = 2**16
_PORTION = 2**20


def refused(detail: str) -> LoadFailure:
    """An archive that we do not take."""
    return LoadFailure(code=RunFailure.IMAGE_PULL, detail=detail)


class ImageArchive:
    """One pass over an archive. Iterate `filtered()` to its end; then `config` is the verified image config."""

    def __init__(self, *, source: Iterable[bytes], config_digest: str, tag: str, limit: int, above: int = 0) -> None:
        """source: chunks of a tar, plain or compressed. tag: the one name that the image gets. limit: unpacked bytes.

        above: so many of the lowest layers may be missing, because the engine has them.
        """
        self._above = above
        self._source = source
        self._digest = config_digest
        self._tag = tag
        self._limit = limit
        self._unpacked = 0
        self._index = Index()
        self.config: dict[str, Any] = {}

    def filtered(self) -> Iterator[bytes]:
        """The tar that the engine is given. Raises LoadFailure at the first thing that is wrong."""
        try:
            source = _Reader(self._source)
            kind: Literal["r|gz", "r|"] = "r|gz" if source.peek(2) == _GZIP else "r|"
            with tarfile.open(fileobj=source, mode=kind, bufsize=_READ, tarinfo=_BoundedInfo) as tar:
                for count, member in enumerate(tar):
                    if count >= _MEMBERS:
                        raise refused(f"the archive has more than {_MEMBERS} members")
                    yield from self._member(tar=tar, member=member)
        except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
            raise refused("the archive is damaged, cut short or not a tar") from error
        chosen = self._index.chosen(config_digest=self._digest, above=self._above)
        self.config = chosen.config
        manifest = [{"Config": chosen.config_path, "RepoTags": [self._tag], "Layers": list(chosen.layers)}]
        yield from _regular(name="manifest.json", content=json.dumps(manifest).encode())
        yield b"\0" * (2 * tarfile.BLOCKSIZE)

    def _member(self, *, tar: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
        name = _plain(member.name)
        if member.isdir():
            return
        if member.issym():
            # older engines link a layer that occurs twice to its first copy
            target = _plain(posixpath.join(posixpath.dirname(name), member.linkname))
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, posixpath.relpath(target, posixpath.dirname(name) or ".")
            # it may stand for a layer, never for a config: only content that passed through here is looked at
            self._index.note(name=name)
            yield link.tobuf(tarfile.PAX_FORMAT)
            return
        stream = tar.extractfile(member) if member.type in {tarfile.REGTYPE, tarfile.AREGTYPE} else None
        if stream is None:
            raise refused("the archive holds something besides files and folders")
        if name in _DROPPED or member.size <= _SMALL:
            if member.size > _SMALL:
                raise refused(f"{name} is larger than {_SMALL} bytes")
            content = stream.read()
            self._count(_Inflation(content[:4]), content)
            self._index.add(name=name, content=content)
            if name not in _DROPPED:
                yield from _regular(name=name, content=content)
            return
        yield from self._large(name=name, size=member.size, stream=stream)

    def _large(self, *, name: str, size: int, stream: Any) -> Iterator[bytes]:
        self._index.note(name=name)
        yield _header(name=name, size=size)
        inflation: _Inflation | None = None
        left = size
        while left:
            chunk = stream.read(min(_CHUNK, left))
            if not chunk:
                raise refused("the archive is cut short")
            inflation = inflation or _Inflation(chunk[:4])
            self._count(inflation, chunk)
            left -= len(chunk)
            yield chunk
        yield _padding(size)

    def _count(self, inflation: _Inflation, chunk: bytes) -> None:
        for length in inflation.lengths(chunk):
            self._unpacked += length
            if self._unpacked > self._limit:
                raise LoadFailure(code=RunFailure.IMAGE_SIZE, detail=f"unpacked it is larger than {self._limit} bytes")


class _Inflation:
    """Counts what a layer takes unpacked, a megabyte at a time: the engine itself would unpack a bomb to the last byte."""

    def __init__(self, magic: bytes) -> None:
        if magic.startswith(_ZSTD):
            raise refused("its layers are compressed with zstd; save it with `docker save` of a plain `docker build`")
        self._gzip = magic.startswith(_GZIP)
        self._inflater = zlib.decompressobj(wbits=31)

    def lengths(self, chunk: bytes) -> Iterator[int]:
        """Unpacked bytes of this chunk, in portions."""
        if not self._gzip:
            yield len(chunk)
            return
        while chunk:
            try:
                yield len(self._inflater.decompress(chunk, _PORTION))
            except zlib.error as error:
                raise refused("a compressed layer is damaged") from error
            chunk = self._inflater.unconsumed_tail
            if self._inflater.eof:
                # another gzip member may follow in the same file
                chunk = self._inflater.unused_data.lstrip(b"\0")
                self._inflater = zlib.decompressobj(wbits=31)


class _BoundedInfo(tarfile.TarInfo):
    """tarfile reads extended headers whole into memory, whatever size they claim."""

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo | None:
        headers = {
            tarfile.XHDTYPE,
            tarfile.XGLTYPE,
            tarfile.SOLARIS_XHDTYPE,
            tarfile.GNUTYPE_LONGNAME,
            tarfile.GNUTYPE_LONGLINK,
        }
        if (self.type in headers and self.size > _READ) or self.type == tarfile.GNUTYPE_SPARSE:
            raise refused("the archive holds an oversized header or a sparse file")
        processed: tarfile.TarInfo | None = super()._proc_member(tar)  # type: ignore[misc]
        return processed


class _Reader(io.RawIOBase):
    """Chunks as a file that tarfile can read from."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""

    def readable(self) -> bool:
        """Yes."""
        return True

    def peek(self, size: int) -> bytes:
        """The first bytes, left in place."""
        self._rest = self.read(size) + self._rest
        return self._rest[:size]

    def read(self, size: int = -1) -> bytes:
        """Exactly `size` bytes, fewer at the end."""
        parts: list[bytes] = []
        wanted = size
        while wanted:
            if not self._rest:
                self._rest = next(self._chunks, b"")
                if not self._rest:
                    break
            part, self._rest = self._rest[:wanted], self._rest[wanted:]
            parts.append(part)
            wanted -= len(part)
        return b"".join(parts)


def _plain(name: str) -> str:
    """`name` as a path below the archive's root. Raises LoadFailure."""
    path = posixpath.normpath(name)
    if name.startswith("/") or path.startswith("..") or "\0" in name:
        raise refused("the archive holds a path that leads outside")
    return path


def _header(*, name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size = size
    entry.mode = 0o644
    return entry.tobuf(tarfile.PAX_FORMAT)


def _padding(size: int) -> bytes:
    return b"\0" * (-size % tarfile.BLOCKSIZE)


def _regular(*, name: str, content: bytes) -> Iterator[bytes]:
    yield _header(name=name, size=len(content))
    yield content + _padding(len(content))
