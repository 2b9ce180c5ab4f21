"""The holder: a container of ours that keeps /output mounted before, while and after the submission runs, and counts in it."""

from __future__ import annotations

from collections.abc import Sequence

import docker

from evaluators.sandbox.connection import engine_errors
from evaluators.sandbox.interface import OutputVolume, Owner, Role, Usage
from evaluators.sandbox.ours import ANSWER_LIMIT, ask, create_ours, volume_mount
from evaluators.sandbox.stream import FrameStream

_TOOLS = ["python3", "-m"]
_HOLD = [*_TOOLS, "evaluators.sandbox.tools.hold"]
_LOOK = [*_TOOLS, "evaluators.sandbox.tools.look"]
#: seconds
_PATIENCE = 60.0


class Holder:
    """Starts holders and looks through them."""

    def __init__(self, *, client: docker.DockerClient, tools: str) -> None:
        """tools: id of the image assay/tools."""
        self._client = client
        self._tools = tools

    def start(self, *, owner: Owner, volume: str) -> str:
        """Mount the volume in a fresh holder; returns the container's id. Raises EngineFailure."""
        identity = create_ours(
            client=self._client,
            owner=owner,
            role=Role.HOLDER,
            image=self._tools,
            command=_HOLD,
            mounts=[volume_mount(volume, read_only=True)],
        )
        with engine_errors("starting the holder of /output"):
            self._client.api.start(identity)
        return identity

    def look(self, *, output: OutputVolume, expected: Sequence[str]) -> Usage:
        """Count files and fill from outside the submission. Raises EngineFailure."""
        with engine_errors("looking into /output"):
            execution = self._client.api.exec_create(output.holder, _LOOK, stdin=True, stdout=True, stderr=True)
            attached = self._client.api.exec_start(execution["Id"], socket=True)
        stream = FrameStream(attached=attached, line_limit=ANSWER_LIMIT)
        try:
            answer = ask(stream=stream, question=list(expected), timeout=_PATIENCE, doing="looking into /output")
        finally:
            stream.close()
        return Usage(**answer)
