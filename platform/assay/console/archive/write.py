"""Writes an archive into a folder, or packs it into one file."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

from assay.console.archive.gather import Gathered
from assay.console.archive.pages import pages_of_archive, style_sheet
from assay.console.archive.tables import boards_csv, challenge_json
from assay.console.errors import FolderTaken
from assay.datasets.store import blob_path


def write_folder(gathered: Gathered, *, folder: Path) -> int:
    """Give how many files. Raises FolderTaken where `folder` holds something already; then nothing is written."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderTaken(f"{folder} is not an empty folder.")
    count = 0
    for name, content in _files(gathered):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        count += 1
    return count


def write_zip(gathered: Gathered, *, file: IO[bytes]) -> None:
    """The same in one ZIP, below a folder of the challenge's name; the same content gives the same bytes."""
    at = gathered.at
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in _files(gathered):
            packed.writestr(_entry(f"{gathered.challenge.slug}/{name}", at=at), content)


def _entry(name: str, *, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=(at.year, at.month, at.day, at.hour, at.minute, at.second))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _files(gathered: Gathered) -> Iterator[tuple[str, bytes]]:
    from assay.console.archive.parquet import boards_parquet  # noqa: PLC0415 -- see there

    for name, html in pages_of_archive(gathered):
        yield name, html.encode()
    yield "style.css", style_sheet().encode()
    yield "challenge.json", challenge_json(gathered).encode()
    yield "boards.csv", boards_csv(gathered).encode()
    yield "boards.parquet", boards_parquet(gathered)
    for sha256, file in sorted({(shot.sha256, shot.file) for shot in gathered.shots}):
        yield file, blob_path(sha256).read_bytes()
