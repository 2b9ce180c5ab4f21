"""ZIPs as teams send them, good and hostile."""

from __future__ import annotations

import stat
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path


def write_zip(
    path: Path, files: Mapping[str, bytes] | Iterable[tuple[str, bytes]], *, links: Iterable[str] = ()
) -> Path:
    """A deflated archive of these files, in this order, then of symbolic links."""
    pairs = files.items() if isinstance(files, Mapping) else files
    with zipfile.ZipFile(path, "w", compression=zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        # a name that is there twice is what a test wants
        warnings.simplefilter("ignore")
        for name, content in pairs:
            archive.writestr(name, content)
        for name in links:
            entry = zipfile.ZipInfo(name)
            entry.create_system = 3
            entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(entry, "/etc/passwd")
    return path
