"""Copies the expected regular files of a dead container into a flat store, each named by its hash.

stdin, one line: {"expected": [path], "max_file_bytes": n, "max_total_bytes": n}. stdout: {"files": {path: {"sha256", "size"}},
"changed": {path: seconds}, "failures": {path: {"code", "detail"}}, "unexpected": n}. `changed` is when the kernel last saw a file
written, moved or linked (its ctime, unix), which no container can set. Exit code 1 and a line on stderr: the store is full or broken.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evaluators.sandbox.tools.below import folder_of, open_root

_CHUNK = 2**20
#: a tree larger than this is not counted to its end
_WALK = 100_000


class Refused(Exception):
    """This path is not archived; `code` is a case failure, `detail` is in our own words."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.note = {"code": code, "detail": detail}


def archive(
    *, root: str, store: Path, expected: Sequence[str], max_file_bytes: int, max_total_bytes: int
) -> dict[str, Any]:
    """Copy what may be copied. Raises OSError when the store cannot take it."""
    handle = open_root(root)
    files: dict[str, dict[str, Any]] = {}
    changed: dict[str, float] = {}
    failures: dict[str, dict[str, str]] = {}
    left = max_total_bytes
    try:
        for path in expected:
            try:
                files[path], changed[path] = _copy(
                    root=handle, path=path, store=store, ceiling=min(max_file_bytes, left)
                )
                left -= files[path]["size"]
            except Refused as refusal:
                failures[path] = refusal.note
    finally:
        os.close(handle)
    unexpected = _unexpected(root=root, expected=frozenset(expected))
    return {"files": files, "changed": changed, "failures": failures, "unexpected": unexpected}


def _copy(*, root: int, path: str, store: Path, ceiling: int) -> tuple[dict[str, Any], float]:
    digest, size = hashlib.sha256(), 0
    part = store / f".{secrets.token_hex(8)}"
    with os.fdopen(_open_regular(root=root, path=path, ceiling=ceiling), "rb", buffering=0) as source:
        changed = os.fstat(source.fileno()).st_ctime
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        with os.fdopen(handle, "wb") as target:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
    part.rename(store / digest.hexdigest())
    return {"sha256": digest.hexdigest(), "size": size}, changed


def _open_regular(*, root: int, path: str, ceiling: int) -> int:
    """An open handle. Judged on the handle's own status, after a look that keeps us from opening a device or a pipe."""
    try:
        with folder_of(root, path) as (folder, name):
            before = os.stat(name, dir_fd=folder, follow_symlinks=False)
            _judge(before, ceiling=ceiling)
            handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError as error:
        raise Refused("MISSING_FILE") from error
    except NotADirectoryError as error:
        raise Refused(*_why_no_folder(root=root, path=path)) from error
    _judge(os.fstat(handle), ceiling=ceiling)
    return handle


def _why_no_folder(*, root: int, path: str) -> tuple[str, str]:
    """A component is a link (with O_DIRECTORY the kernel says "not a directory") or a file in a folder's place."""
    parts = path.split("/")
    for depth in range(1, len(parts)):
        with folder_of(root, "/".join(parts[:depth])) as (folder, name):
            mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            return "FORBIDDEN_FILE", "a folder on its way is a symbolic link"
        if not stat.S_ISDIR(mode):
            break
    return "MISSING_FILE", ""


def _judge(status: os.stat_result, *, ceiling: int) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise Refused("FORBIDDEN_FILE", "a symbolic link")
    if not stat.S_ISREG(status.st_mode):
        raise Refused("FORBIDDEN_FILE", "not a regular file")
    if status.st_nlink != 1:
        raise Refused("FORBIDDEN_FILE", "a hard link")
    if status.st_size > ceiling:
        raise Refused("FORBIDDEN_FILE", f"{status.st_size} bytes, more than the {ceiling} that are left of its limit")


def _unexpected(*, root: str, expected: frozenset[str]) -> int:
    """How many other entries lie there, folders aside; stops at a fixed number of entries. A stack: depth is hostile too."""
    seen = count = 0
    folders = [""]
    while folders and seen < _WALK:
        folder = folders.pop()
        try:
            entries = list(os.scandir(f"{root}/{folder}"))
        except OSError:  # a path longer than the kernel takes
            continue
        for entry in entries:
            seen += 1
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                folders.append(path)
            else:
                count += path not in expected
    return count


if __name__ == "__main__":
    try:
        report = archive(root="/output", store=Path("/store"), **json.loads(sys.stdin.readline()))
    except OSError as problem:
        sys.exit(f"archiving stopped: {problem.strerror}")
    json.dump(report, sys.stdout)
