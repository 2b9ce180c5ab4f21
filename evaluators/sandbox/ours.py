"""Containers of our own images beside a submission: sealed off like it, with the one right to read what is not theirs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import docker
from docker.types import LogConfig, Mount

from evaluators.sandbox.connection import engine_errors, labels_of, new_name, remove_container
from evaluators.sandbox.errors import EngineFailure
from evaluators.sandbox.interface import Owner, Role
from evaluators.sandbox.stream import FrameStream, LineTimeout, LineTooLong

#: what a tool may answer at most, bytes
ANSWER_LIMIT = 64 * 2**20


def create_ours(
    *,
    client: docker.DockerClient,
    owner: Owner,
    role: Role,
    image: str,
    command: Sequence[str] | None,
    mounts: Sequence[Mount],
    entrypoint: Sequence[str] | None = None,
    memory: int = 256 * 2**20,
    cpus: float = 1,
    pids: int = 32,
    tmp: int = 0,
    stdin: bool = False,
) -> str:
    """Create, not start; returns the id. uid 0 with no capability but DAC_READ_SEARCH. Raises EngineFailure."""
    with engine_errors(f"creating the {role}"):
        container = client.containers.create(
            image=image,
            command=None if command is None else list(command),
            entrypoint=None if entrypoint is None else list(entrypoint),
            name=new_name(owner, role=role),
            labels=labels_of(owner, role=role),
            mounts=list(mounts),
            network_mode="none",
            read_only=True,
            user="0:0",
            cap_drop=["ALL"],
            cap_add=["DAC_READ_SEARCH"],
            security_opt=["no-new-privileges"],
            ipc_mode="private",
            pids_limit=pids,
            # tmpfs pages are charged to the container as well
            mem_limit=memory + tmp,
            memswap_limit=memory + tmp,
            nano_cpus=int(cpus * 1e9),
            tmpfs={"/tmp": f"rw,exec,nosuid,nodev,size={tmp},mode=1777"} if tmp else {},
            log_config=LogConfig(type=LogConfig.types.NONE),
            stdin_open=stdin,
        )
    return str(container.id)


def volume_mount(name: str, *, read_only: bool) -> Mount:
    """A named volume at /output, used as it is: nothing of the image is copied into it."""
    return Mount(target="/output", source=name, type="volume", read_only=read_only, no_copy=True)


def attach(*, client: docker.DockerClient, identity: str, line_limit: int) -> FrameStream:
    """Attach before the start, so that not a byte is lost. Raises EngineFailure."""
    with engine_errors("attaching to a container"):
        attached = client.api.attach_socket(identity, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
    return FrameStream(attached=attached, line_limit=line_limit)


def ask(*, stream: FrameStream, question: Any, timeout: float, doing: str) -> dict[str, Any]:
    """Send one JSON line, receive one JSON document. Raises EngineFailure."""
    stream.send(json.dumps(question).encode() + b"\n", timeout=timeout)
    try:
        answer = stream.read_line(timeout=timeout)
        # the rest is nothing but the end; reading it brings stderr home
        while stream.read_line(timeout=timeout) is not None:
            pass
    except (LineTimeout, LineTooLong) as error:
        raise EngineFailure(f"{doing}: no answer in {timeout:.0f} s") from error
    try:
        document: dict[str, Any] = json.loads(answer or b"")
    except ValueError as error:
        raise EngineFailure(f"{doing}: {stream.stderr.strip()[-200:] or 'no answer'}") from error
    return document


def ask_new_container(
    *,
    client: docker.DockerClient,
    owner: Owner,
    role: Role,
    image: str,
    command: Sequence[str] | None = None,
    entrypoint: Sequence[str] | None = None,
    mounts: Sequence[Mount],
    question: Mapping[str, Any],
    timeout: float,
    memory: int = 256 * 2**20,
    tmp: int = 0,
) -> dict[str, Any]:
    """One short life: create, ask, remove. memory, tmp: bytes. Raises EngineFailure."""
    identity = create_ours(
        client=client,
        owner=owner,
        role=role,
        image=image,
        command=command,
        entrypoint=entrypoint,
        mounts=mounts,
        memory=memory,
        tmp=tmp,
        stdin=True,
    )
    try:
        stream = attach(client=client, identity=identity, line_limit=ANSWER_LIMIT)
        try:
            with engine_errors(f"starting the {role}"):
                client.api.start(identity)
            return ask(stream=stream, question=question, timeout=timeout, doing=role)
        finally:
            stream.close()
    finally:
        remove_container(client, identity)
