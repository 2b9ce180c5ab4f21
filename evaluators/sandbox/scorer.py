"""The scorer container: our image, read-only, without a network; one JSON line in, many out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
from docker.types import Mount

from evaluators.sandbox.connection import engine_errors, inspect_state, remove_container
from evaluators.sandbox.errors import EngineFailure
from evaluators.sandbox.interface import ImageInfo, Owner, Role, ScorerEnd, ScorerEnding, ScorerLimits
from evaluators.sandbox.ours import attach, create_ours
from evaluators.sandbox.stream import FrameStream, LineTimeout, LineTooLong

#: seconds for it to take its job from stdin, and to end once its output ended
_PATIENCE = 60.0


class DockerScorerSession:
    """A ScorerSession over an attached container."""

    def __init__(self, *, client: docker.DockerClient, identity: str, stream: FrameStream) -> None:
        self._client = client
        self._identity = identity
        self._stream = stream
        self._ending: ScorerEnding | None = None
        self._end: ScorerEnd | None = None

    def send(self, line: str) -> None:
        """See ScorerSession."""
        self._stream.send(line.encode() + b"\n", timeout=_PATIENCE)

    def lines(self, *, timeout: float) -> Iterator[str]:
        """See ScorerSession."""
        while self._ending is None:
            try:
                line = self._stream.read_line(timeout=timeout)
            except LineTimeout:
                self._ending = ScorerEnding.TIMED_OUT
            except LineTooLong:
                self._ending = ScorerEnding.LINE_TOO_LONG
            else:
                if line is None:
                    self._ending = ScorerEnding.EXITED
                    return
                yield line.decode(errors="replace")

    def end(self) -> ScorerEnd:
        """See ScorerSession."""
        if self._end is None:
            ending = self._ending or ScorerEnding.STOPPED
            self._ending = ending
            if ending is not ScorerEnding.EXITED:
                self._kill()
            code = self._wait()
            state = inspect_state(self._client, self._identity)
            self._end = ScorerEnd(
                ending=ending,
                exit_code=code,
                oom_killed=bool(state["OOMKilled"]),
                log=self._stream.stderr,
            )
        return self._end

    def _kill(self) -> None:
        # first: an engine whose attached reader does not read would wait for it, with the kill behind it
        self._stream.close()
        with engine_errors("stopping the scorer"):
            try:
                self._client.api.kill(self._identity, signal="SIGKILL")
            except docker.errors.APIError as error:
                if error.status_code != 409:  # it had ended by itself
                    raise

    def _wait(self) -> int:
        with engine_errors("waiting for the scorer's end"):
            answer = self._client.api.wait(self._identity, timeout=int(_PATIENCE))
        return int(answer["StatusCode"])


@contextmanager
def scorer_session(
    *,
    client: docker.DockerClient,
    owner: Owner,
    image: ImageInfo,
    outputs: Path,
    references: Path,
    limits: ScorerLimits,
) -> Iterator[DockerScorerSession]:
    """Start it; it is gone when the context ends. Raises EngineFailure."""
    for folder in (outputs, references):
        if not folder.is_dir():
            raise EngineFailure(f"starting the scorer: {folder} is not a folder")
    identity = create_ours(
        client=client,
        owner=owner,
        role=Role.SCORER,
        image=image.reference,
        command=None,
        mounts=[
            Mount(target="/outputs", source=str(outputs), type="bind", read_only=True),
            Mount(target="/references", source=str(references), type="bind", read_only=True),
        ],
        memory=limits.memory,
        cpus=limits.cpus,
        pids=limits.pids,
        tmp=limits.tmp,
        stdin=True,
    )
    try:
        stream = attach(client=client, identity=identity, line_limit=limits.line)
        try:
            with engine_errors("starting the scorer"):
                client.api.start(identity)
            yield DockerScorerSession(client=client, identity=identity, stream=stream)
        finally:
            stream.close()
    finally:
        remove_container(client, identity)
