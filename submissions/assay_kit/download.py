"""A public dataset as files: inputs as a container sees them and references apart, each checked by its SHA-256."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from assay_kit import http
from assay_kit.client import Client
from assay_kit.console import Output
from assay_kit.errors import KitError, NotFound, RefusedByRules, SignInNeeded, SiteTrouble
from evaluators.contract.api import PublicFileOut
from evaluators.contract.datasets import check_relative_path

#: role of a file -> the folder that it goes to; `input` is what the printed docker line mounts
FOLDERS = {"input": "input", "reference": "reference"}
_CHUNK = 1 << 20
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Downloaded:
    """How many files came, and how many were there with the right hash."""

    fetched: int
    kept: int


def public_files(*, client: Client, name: str, version: int) -> list[PublicFileOut]:
    """Files of a public version. Raises RefusedByRules for a hidden one or a draft, saying why; NotFound."""
    try:
        return client.public_files(name=name, version=version)
    except NotFound as error:
        raise _why_not(client=client, name=name, version=version) or error from None


def _why_not(*, client: Client, name: str, version: int) -> KitError | None:
    """Why a version that there is cannot be downloaded; None: there is none that this person may know of."""
    address = f"{name}@{version}"
    for phase in client.phases():
        if phase.ranked == address:
            sample = phase.sample and "assay dataset download {} --version {} DIR".format(*phase.sample.split("@"))
            return RefusedByRules(
                f"{address} is hidden: {phase.address} ranks on it, and its workers alone read it",
                code="HIDDEN_DATA",
                next=f"the cases to try on: {sample}" if sample else "ask the organisers for a public sample",
            )
    try:
        state = client.dataset(name=name, version=version).state
    except (NotFound, SignInNeeded):
        return None
    if state == "draft":
        return RefusedByRules(f"{address} is a draft: its files are not all there", code="DATASET_DRAFT")
    return RefusedByRules(
        f"{address} is hidden: the workers of the site alone read it",
        code="HIDDEN_DATA",
        next="what everybody may have is imported with --public",
    )


def download(
    *, client: Client, out: Output, name: str, version: int, files: Sequence[PublicFileOut], folder: Path
) -> Downloaded:
    """Write each file below `folder`/input or `folder`/reference; a file that is there whole stays.

    A break leaves whole files alone, so the same call goes on where it ended. Raises SiteTrouble.
    """
    fetched = 0
    label = f"downloading {name}@{version}"
    with out.progress(label=label, total=sum(file.size for file in files)) as progress:
        for file in files:
            target = _target(file, folder=folder)
            if _is_whole(target, file=file):
                progress.advance(file.size)
                continue
            again(lambda file=file, target=target: _fetch(client, name, version, file=file, target=target))  # type: ignore[misc]
            progress.advance(file.size)
            fetched += 1
    return Downloaded(fetched=fetched, kept=len(files) - fetched)


def again(call: Callable[[], T]) -> T:
    """`call`, tried again while the site is in trouble. Raises the last SiteTrouble."""
    for pause in http.PAUSES:
        try:
            return call()
        except SiteTrouble:
            time.sleep(pause)
    return call()


def _target(file: PublicFileOut, *, folder: Path) -> Path:
    try:
        return folder / FOLDERS[file.role] / check_relative_path(file.path)
    except (KeyError, ValueError):
        raise SiteTrouble(f"the site names a {file.role} {file.path!r}, which is no place for a file") from None


def _is_whole(path: Path, *, file: PublicFileOut) -> bool:
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    with path.open("rb") as there:
        return hashlib.file_digest(there, "sha256").hexdigest() == file.sha256


def _fetch(client: Client, name: str, version: int, *, file: PublicFileOut, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    digest = hashlib.sha256()
    try:
        with (
            part.open("wb") as written,
            client.public_bytes(name=name, version=version, sha256=file.sha256) as chunks,
        ):
            for chunk in chunks:
                digest.update(chunk)
                written.write(chunk)
        if digest.hexdigest() != file.sha256:
            raise SiteTrouble(f"{file.path} arrived changed", code="HASH_MISMATCH", next="run the same line again")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
