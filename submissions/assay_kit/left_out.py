"""Leaves the layers that a site has out of a `docker save` stream, as it passes: their bodies are read here and go no further.

Which layer a member is: today's archives name a layer by its digest (`blobs/sha256/…`). Engines before 25 name its folder by an
id of their own, which is a hash over the layer's chain id and the folder's `json`, so it is computed again and compared
(moby, image/v1/imagev1.go, CreateID). A layer that is not recognised is sent.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from assay_kit.streams import Readable

_CHUNK = 1 << 20
#: an engine's note on one layer has a few KiB
_MOST_NOTE = 1 << 22
#: what an engine adds to the note after it took the hash; of the uppermost layer `os` was there before
_ADDED = (frozenset({"id", "parent", "os"}), frozenset({"id", "parent"}))


def without_layers(archive: Iterable[bytes], *, layers: Sequence[str], there: Collection[str]) -> Iterator[bytes]:
    """The archive without the bodies of the layers that are `there`.

    layers: diff_ids of the image, lowest first; there: those to leave out; hex. The manifest goes through as it is and still
    names every layer, which tells the site what was left out.
    """
    chains = dict(zip(_chain_ids(layers), layers, strict=True))
    #: path of a layer's body -> its diff_id
    bodies = {f"blobs/sha256/{diff_id}": diff_id for diff_id in layers}
    with tarfile.open(fileobj=Readable(archive), mode="r|", bufsize=_CHUNK) as tar:
        for member in tar:
            folder, _, file = member.name.removeprefix("./").rpartition("/")
            if bodies.get(f"{folder}/{file}") in there and member.isreg():
                continue
            yield member.tobuf(tarfile.PAX_FORMAT)
            body = tar.extractfile(member) if member.isreg() else None
            if body is None:
                continue
            if file == "json" and member.size <= _MOST_NOTE:
                note = body.read()
                if found := _layer_of(folder, note, chains=chains):
                    bodies[f"{folder}/layer.tar"] = found
                yield note
            else:
                while chunk := body.read(_CHUNK):
                    yield chunk
            yield bytes(-member.size % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _chain_ids(layers: Sequence[str]) -> Iterator[str]:
    """What an engine calls a layer together with all below it (OCI image spec, Layer ChainID)."""
    chain = ""
    for diff_id in layers:
        named = f"sha256:{diff_id}"
        chain = f"sha256:{hashlib.sha256(f'{chain} {named}'.encode()).hexdigest()}" if chain else named
        yield chain


def _layer_of(folder: str, note: bytes, *, chains: dict[str, str]) -> str | None:
    """The diff_id of the layer in this folder, where the engine's rule gives the folder's very name for it."""
    try:
        facts = json.loads(note)
    except ValueError:
        return None
    if not isinstance(facts, dict):
        return None
    for added in _ADDED:
        hashed = {key: value for key, value in facts.items() if key not in added}
        if "parent" in facts:
            hashed["parent"] = f"sha256:{facts['parent']}"
        for chain, diff_id in chains.items():
            if hashlib.sha256(_as_go(hashed | {"layer_id": chain})).hexdigest() == folder:
                return diff_id
    return None


def _as_go(facts: dict[str, Any]) -> bytes:
    """JSON as Go writes a map: keys in order at the top, no blanks, and what is special in HTML as escapes."""
    text = json.dumps(dict(sorted(facts.items())), separators=(",", ":"), ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode()
