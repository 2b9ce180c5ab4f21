"""The archive that a worker fetches, written by us from a config and its layers: one image has one archive, to the byte.

No byte of the archive's frame comes from who sent the image, so it cannot say one thing to us and another to the engine.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assay.images.archive import diff_ids_of
from assay.images.store import part_path

_CHUNK = 2**20
_END = bytes(2 * tarfile.BLOCKSIZE)


@dataclass(frozen=True, kw_only=True)
class Composed:
    """An archive in the layout that every Docker Engine loads.

    layers: whose bodies are in it; the manifest names all, also those that were left out.
    """

    config: bytes
    manifest: bytes
    config_name: str
    #: name in the archive -> the layer's file and its bytes
    layers: dict[str, tuple[Path, int]]

    @property
    def size(self) -> int:
        """Bytes of the whole archive."""
        bodies = {self.config_name: len(self.config), "manifest.json": len(self.manifest)}
        bodies |= {name: size for name, (_, size) in self.layers.items()}
        return sum(len(_header(name, size)) + size + len(_padding(size)) for name, size in bodies.items()) + len(_END)

    def chunks(self) -> Iterator[bytes]:
        """The archive: config, layers from the lowest, manifest. Raises OSError where a layer vanished meanwhile."""
        yield _header(self.config_name, len(self.config)) + self.config + _padding(len(self.config))
        for name, (path, size) in self.layers.items():
            yield _header(name, size)
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
            yield _padding(size)
        yield _header("manifest.json", len(self.manifest)) + self.manifest + _padding(len(self.manifest)) + _END


def layers_of(config_digest: str) -> tuple[str, ...]:
    """diff_ids of an image, lowest first. Raises FileNotFoundError."""
    return diff_ids_of(part_path(config_digest).read_bytes())


def compose(config_digest: str, *, above: int = 0) -> Composed:
    """The archive of an image. Raises FileNotFoundError unless its config and every layer are here.

    above: so many of the lowest layers stay out of it, for an engine that has them.
    """
    config = part_path(config_digest).read_bytes()
    diff_ids = diff_ids_of(config)
    name = f"{config_digest}.json"
    manifest = [{"Config": name, "RepoTags": None, "Layers": [_layer_name(diff_id) for diff_id in diff_ids]}]
    layers = {_layer_name(diff_id): part_path(diff_id) for diff_id in diff_ids[above:]}
    return Composed(
        config=config,
        manifest=json.dumps(manifest).encode(),
        config_name=name,
        layers={layer: (path, path.stat().st_size) for layer, path in layers.items()},
    )


def is_whole(config_digest: str) -> bool:
    """Whether the image's config and every layer are here."""
    try:
        compose(config_digest)
    except FileNotFoundError:
        return False
    return True


def _layer_name(diff_id: str) -> str:
    return f"{diff_id}/layer.tar"


def _header(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size = size
    entry.mode = 0o644
    return entry.tobuf(tarfile.PAX_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)
