"""Opens what lies below a hostile folder: one component at a time, never through a link, never blocking."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def folder_of(root: int, path: str) -> Iterator[tuple[int, str]]:
    """The open folder that holds `path`, and its last component. Raises OSError where a component is missing or a link."""
    *folders, name = path.split("/")
    current = os.dup(root)
    try:
        for folder in folders:
            inner = os.open(folder, _FOLDER, dir_fd=current)
            os.close(current)
            current = inner
        yield current, name
    finally:
        os.close(current)


def open_root(path: str) -> int:
    """A handle on the volume's own root."""
    return os.open(path, _FOLDER)


def status_below(root: int, path: str) -> os.stat_result | None:
    """lstat of a path below the root, or None where there is nothing or the way leads through a link."""
    try:
        with folder_of(root, path) as (folder, name):
            return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return None
