"""Counts from outside what a running container has written: one JSON line of expected paths on stdin, one JSON document on stdout."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Sequence

from evaluators.sandbox.tools.below import open_root, status_below


def look(*, root: str, expected: Sequence[str]) -> dict[str, int]:
    """Expected regular files that are there, and the volume's fill as its file system counts it. Opens no file."""
    handle = open_root(root)
    try:
        found = (status_below(handle, path) for path in expected)
        present = sum(1 for status in found if status is not None and stat.S_ISREG(status.st_mode))
    finally:
        os.close(handle)
    fill = os.statvfs(root)
    used, entries = fill.f_blocks - fill.f_bfree, fill.f_files - fill.f_ffree
    # "available" beside "free": ext4 keeps some blocks that no write ever gets
    return {
        "present": present,
        "bytes_used": used * fill.f_frsize,
        "bytes_total": (used + fill.f_bavail) * fill.f_frsize,
        "inodes_used": entries,
        "inodes_total": entries + fill.f_favail,
    }


if __name__ == "__main__":
    json.dump(look(root="/output", expected=json.loads(sys.stdin.readline())), sys.stdout)
