"""Which image an archive holds, by its own indexes: the classic manifest.json, else an OCI layout's index.json."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluators.contract.failures import RunFailure
from evaluators.sandbox.errors import LoadFailure

#: bytes of JSON that are kept of one archive
_KEPT = 64 * 2**20
_ATTESTATION = "vnd.docker.reference.type"


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The one image of an archive."""

    config_path: str
    config: dict[str, Any]
    layers: Sequence[str]


class Index:
    """What a stream has shown so far: small files by content, large ones by name."""

    def __init__(self) -> None:
        self._small: dict[str, bytes] = {}
        self._names: set[str] = set()
        self._kept = 0

    def add(self, *, name: str, content: bytes) -> None:
        """A small file."""
        self.note(name=name)
        # layers can be small as well; only JSON is ever looked at again
        if content.lstrip()[:1] in {b"{", b"["}:
            self._kept += len(content)
            if self._kept > _KEPT:
                raise _refused("the archive holds too many small files")
            self._small[name] = content

    def note(self, *, name: str) -> None:
        """A large file. Twice the same name is refused: the last one would win in the engine, the first one with us."""
        if name in self._names:
            raise _refused("the archive holds one path twice")
        self._names.add(name)

    def chosen(self, *, config_digest: str, above: int = 0) -> Chosen:
        """The image, its config's hash compared with `config_digest`. above: so many of the lowest layers may be missing.

        Raises LoadFailure.
        """
        path, layers = self._by_manifest() if "manifest.json" in self._small else self._by_layout()
        content = self._small.get(path)
        if content is None:
            raise _refused("the image's config is missing in the archive")
        if hashlib.sha256(content).hexdigest() != config_digest:
            raise _refused("the archive holds another image than the one that was announced")
        if missing := [layer for layer in layers[above:] if layer not in self._names]:
            raise _refused(f"{len(missing)} of {len(layers)} layers are missing in the archive")
        return Chosen(config_path=path, config=_mapping(_parsed(content)), layers=layers)

    def _by_manifest(self) -> tuple[str, list[str]]:
        entries = _parsed(self._small["manifest.json"])
        if not isinstance(entries, list) or len(entries) != 1:
            raise _refused("the archive holds more than one image")
        entry = _mapping(entries[0])
        return _text(entry.get("Config")), [_text(layer) for layer in _list(entry.get("Layers"))]

    def _by_layout(self) -> tuple[str, list[str]]:
        if "index.json" not in self._small:
            raise _refused("the archive names no image; save it with `docker save`")
        manifest = self._one_manifest(_mapping(_parsed(self._small["index.json"])), depth=0)
        config = _blob(_mapping(manifest.get("config")))
        return config, [_blob(_mapping(layer)) for layer in _list(manifest.get("layers"))]

    def _one_manifest(self, index: Mapping[str, Any], *, depth: int) -> Mapping[str, Any]:
        described = [_mapping(entry) for entry in _list(index.get("manifests"))]
        # build provenance stands beside the image in the same list
        images = [entry for entry in described if _ATTESTATION not in (entry.get("annotations") or {})]
        if len(images) != 1 or depth > 2:
            raise _refused("the archive holds more than one image")
        content = self._small.get(_blob(images[0]))
        if content is None:
            raise _refused("the image's manifest is missing in the archive")
        document = _mapping(_parsed(content))
        return self._one_manifest(document, depth=depth + 1) if "manifests" in document else document


def _refused(detail: str) -> LoadFailure:
    return LoadFailure(code=RunFailure.IMAGE_PULL, detail=detail)


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _refused("an index of the archive is not JSON") from error


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _refused("an index of the archive is malformed")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _refused("an index of the archive is malformed")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or value.startswith("/") or ".." in value.split("/"):
        raise _refused("an index of the archive is malformed")
    return value


def _blob(descriptor: Mapping[str, Any]) -> str:
    algorithm, _, value = _text(descriptor.get("digest")).partition(":")
    return f"blobs/{algorithm}/{value}"
