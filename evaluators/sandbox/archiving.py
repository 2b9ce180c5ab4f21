"""Copies what a dead container left, or what a team's ZIP holds: a container of ours does it that has no network, and no right
but to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import docker
from docker.types import Mount
from pydantic import TypeAdapter, ValidationError

from evaluators.contract.failures import FailureNote, RunFailure
from evaluators.contract.limits import Limits
from evaluators.contract.outputs import ArchivedFile, output_digest
from evaluators.sandbox.connection import engine_errors
from evaluators.sandbox.errors import EngineFailure, UnpackFailure
from evaluators.sandbox.interface import Archive, OutputVolume, Owner, Role
from evaluators.sandbox.ours import ask_new_container, volume_mount

_ARCHIVE = ["python3", "-m", "evaluators.sandbox.tools.archive"]
_UNPACK = ["python3", "-m", "evaluators.sandbox.tools.unpack"]
_FILES = TypeAdapter(dict[str, ArchivedFile])
_CHANGED = TypeAdapter(dict[str, float])
_FAILURES = TypeAdapter(dict[str, FailureNote])
#: seconds for the first byte, and bytes a second after it that even a slow disk takes
_PATIENCE = 120.0
_RATE = 20 * 2**20


def archive(
    *,
    client: docker.DockerClient,
    tools: str,
    owner: Owner,
    output: OutputVolume,
    expected: Sequence[str],
    store: Path,
    max_file_bytes: int,
) -> Archive:
    """See Sandbox. In all no more than /output can hold is copied, so that sparse files cannot fill the store."""
    ceiling = output.limits.output
    answer = ask_new_container(
        client=client,
        owner=owner,
        role=Role.ARCHIVER,
        image=tools,
        command=_ARCHIVE,
        mounts=[
            volume_mount(output.name, read_only=True),
            store_mount(store),
        ],
        question={"expected": list(expected), "max_file_bytes": max_file_bytes, "max_total_bytes": ceiling},
        timeout=_PATIENCE + ceiling / _RATE,
    )
    return archive_of(answer, expected=expected, store=store, timed=True)


def unpack(
    *,
    client: docker.DockerClient,
    tools: str,
    owner: Owner,
    archive: Path,
    limits: Limits,
    expected: Sequence[str],
    store: Path,
) -> Archive:
    """See Sandbox."""
    answer = ask_new_container(
        client=client,
        owner=owner,
        role=Role.ARCHIVER,
        image=tools,
        command=_UNPACK,
        mounts=[
            Mount(target="/archive", source=str(archive.parent), type="bind", read_only=True),
            store_mount(store),
        ],
        question={
            "archive": archive.name,
            "expected": list(expected),
            "max_entries": limits.output_files,
            "max_file_bytes": limits.output,
            "max_total_bytes": limits.output,
        },
        timeout=_PATIENCE + limits.output / _RATE,
    )
    if "refused" in answer:
        raise _refusal(answer["refused"])
    return archive_of(answer, expected=expected, store=store, timed=False)


def store_mount(store: Path) -> Mount:
    """/store of a container of ours, opened for it: it is root of another user namespace where the engine remaps, and only the
    parent folder keeps others out. Raises EngineFailure.
    """
    with engine_errors("opening the output store"):
        store.chmod(0o777)
    return Mount(target="/store", source=str(store), type="bind")


def _refusal(told: Any) -> UnpackFailure:
    try:
        return UnpackFailure(code=RunFailure(told["code"]), detail=str(told["detail"]))
    except (KeyError, TypeError, ValueError) as error:
        raise EngineFailure("unpacking: the unpacker answered out of form") from error


def archive_of(answer: Mapping[str, Any], *, expected: Sequence[str], store: Path, timed: bool) -> Archive:
    """timed: the answer says of every file when it was changed; what comes out of a ZIP has no such moment."""
    try:
        files = _FILES.validate_python(answer["files"])
        changed = _CHANGED.validate_python(answer["changed"]) if timed else {}
        failures = _FAILURES.validate_python(answer["failures"])
        unexpected = int(answer["unexpected"])
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise EngineFailure("archiving: the archiver answered out of form") from error
    if files.keys() | failures.keys() != set(expected) or (timed and changed.keys() != files.keys()):
        raise EngineFailure("archiving: the archiver left out a file")
    if missing := [path for path, file in files.items() if not (store / file.sha256).is_file()]:
        raise EngineFailure(f"archiving: {len(missing)} copies are not in the store")
    return Archive(files=files, changed=changed, failures=failures, unexpected=unexpected, digest=output_digest(files))
