"""Unpacks the expected files of a team's ZIP into a flat store, each named by its hash.

stdin, one line: {"archive": name, "expected": [path], "max_entries": n, "max_file_bytes": n, "max_total_bytes": n}.
stdout: {"files": {path: {"sha256", "size"}}, "failures": {path: {"code", "detail"}}, "unexpected": n}, or {"refused": {"code",
"detail"}} where the whole archive is. Exit code 1 and a line on stderr: the store is full or broken.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from evaluators.sandbox.tools.zipped import BadArchive, home_of, list_entries, opened

_CHUNK = 2**20


def unpack(
    *, archive: Path, store: Path, expected: Sequence[str], max_entries: int, max_file_bytes: int, max_total_bytes: int
) -> dict[str, Any]:
    """Nothing is written of an archive that its directory condemns. Raises BadArchive; OSError when the store cannot take it."""
    files: dict[str, dict[str, Any]] = {}
    failures: dict[str, dict[str, str]] = {}
    with opened(archive) as zipped:
        listing = list_entries(zipped, max_entries=max_entries, max_bytes=max_total_bytes)
        home = home_of([*listing.files, *listing.others], expected=expected)
        left = max_total_bytes
        for path in expected:
            entry = listing.files.get(home + path)
            if entry is not None and entry.file_size <= max_file_bytes:
                files[path] = _copy(zipped, entry, store=store, ceiling=left)
                left -= files[path]["size"]
            elif entry is not None:
                detail = f"{entry.file_size} bytes, more than the {max_file_bytes} of its limit"
                failures[path] = {"code": "FORBIDDEN_FILE", "detail": detail}
            elif home + path in listing.others:
                failures[path] = {"code": "FORBIDDEN_FILE", "detail": "not a regular file"}
            else:
                failures[path] = {"code": "MISSING_FILE", "detail": ""}
    asked = {home + path for path in expected}
    return {"files": files, "failures": failures, "unexpected": len((listing.files.keys() | listing.others) - asked)}


def _copy(zipped: zipfile.ZipFile, entry: zipfile.ZipInfo, *, store: Path, ceiling: int) -> dict[str, Any]:
    """What the directory says of a size is not believed: bytes are counted as they come."""
    digest, size = hashlib.sha256(), 0
    part = store / f".{secrets.token_hex(8)}"
    with part.open("xb") as target:
        for chunk in _chunks(zipped, entry):
            size += len(chunk)
            if size > ceiling:
                raise BadArchive("OUTPUT_TOO_LARGE", "more bytes unpacked than its directory says")
            digest.update(chunk)
            target.write(chunk)
    part.chmod(0o644)
    part.rename(store / digest.hexdigest())
    return {"sha256": digest.hexdigest(), "size": size}


def _chunks(zipped: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with zipped.open(entry) as source:
            while chunk := source.read(_CHUNK):
                yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        number = zipped.infolist().index(entry) + 1
        raise BadArchive("PROTOCOL", f"entry {number} is damaged", name=entry.orig_filename) from error


def _answer(question: dict[str, Any]) -> dict[str, Any]:
    try:
        return unpack(archive=Path("/archive") / question.pop("archive"), store=Path("/store"), **question)
    except BadArchive as bad:
        return {"refused": {"code": bad.code, "detail": bad.detail}}


if __name__ == "__main__":
    try:
        report = _answer(json.loads(sys.stdin.readline()))
    except OSError as problem:
        sys.exit(f"unpacking stopped: {problem.strerror}")
    json.dump(report, sys.stdout)
