"""One run of a submitted container: created by the printed line, watched from outside, destroyed at its end."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import docker
import docker.errors

from evaluators.contract.docker_line import create_argv
from evaluators.contract.limits import Limits
from evaluators.sandbox.cgroup import MemoryGroup, memory_group
from evaluators.sandbox.connection import (
    engine_errors,
    inspect_state,
    labels_of,
    new_name,
    remove_container,
    run_cli,
)
from evaluators.sandbox.errors import EngineFailure
from evaluators.sandbox.holder import Holder
from evaluators.sandbox.interface import Observation, Owner, Role, RunOutcome, RunRequest, Usage
from evaluators.sandbox.stdout import is_given_up

#: seconds between two looks at whether it still runs
TICK = 0.2
#: seconds that the engine may need to end a killed container
_KILL = 60
#: what `docker run` says of a command that is missing
_COMMAND_MISSING = 127
#: paths that the sandbox mounts itself
_OWN_PATHS = frozenset({"/input", "/output", "/tmp"})


def limits_with_volumes(*, limits: Limits, volumes: tuple[str, ...]) -> Limits:
    """Limits under which every VOLUME of an image is a small tmpfs: the engine would make each one a host folder without a cap."""
    wanted = [path.rstrip("/") or "/" for path in volumes]
    extra = sorted({*limits.extra_tmpfs, *wanted} - _OWN_PATHS)
    return limits.model_copy(update={"extra_tmpfs": tuple(extra)})


@dataclass(kw_only=True)
class Run:
    """The state of one run while it lasts."""

    client: docker.DockerClient
    holder: Holder
    owner: Owner
    request: RunRequest
    observe: Callable[[Observation], None]
    every: float
    cancelled: Callable[[], bool]
    _group: MemoryGroup | None = field(default=None, init=False)
    #: bytes, highest and now; processes that the kernel killed for memory
    peak: int | None = field(default=None, init=False)
    used: int | None = field(default=None, init=False)
    kills: int = field(default=0, init=False)
    _fullest: Usage | None = field(default=None, init=False)

    def outcome(self) -> RunOutcome:
        """Run to the end. The container is gone when this returns or raises. Raises EngineFailure."""
        if not self.request.image.has_command:
            return self._never_started()
        identity = self.create()
        try:
            # never the team's command: that is started by the engine's own init, which tells by exit code 126 or 127
            with engine_errors("starting the container"):
                self.client.api.start(identity)
            timed_out, cancelled = self._watch(identity)
            state = inspect_state(self.client, identity)
            return RunOutcome(
                exit_code=int(state["ExitCode"]),
                oom_killed=bool(state["OOMKilled"]) or self.kills > 0,
                timed_out=timed_out,
                cancelled=cancelled,
                seconds=seconds_of(state),
                peak_memory=self.peak,
                usage=self.usage(),
                log=self._log(identity),
            )
        finally:
            remove_container(self.client, identity)

    def create(self, *, interactive: bool = False) -> str:
        """Create the container; interactive: with its stdin open. Its id. Raises EngineFailure."""
        request = self.request
        argv = create_argv(
            limits=limits_with_volumes(limits=request.limits, volumes=request.image.volumes),
            image=request.image.reference,
            input_mount=str(request.input_folder),
            output_mount=request.output.name,
            gpu_uuids=request.gpu_uuids,
            name=new_name(self.owner, role=Role.SUBMISSION),
            labels=labels_of(self.owner, role=Role.SUBMISSION),
            interactive=interactive,
        )
        return run_cli(argv, doing="creating the container").splitlines()[-1]

    def _watch(self, identity: str) -> tuple[bool, bool]:
        """Until it ends or must end; returns (timed out, cancelled)."""
        started = time.monotonic()
        next_look = started + self.every
        while True:
            state = inspect_state(self.client, identity)
            if not state["Running"]:
                return False, False
            self.measure(identity=identity, pid=int(state["Pid"]))
            now = time.monotonic()
            if self.cancelled():
                self.kill(identity)
                return False, True
            if now - started > self.request.limits.time:
                self.kill(identity)
                return True, False
            if now >= next_look:
                usage = self.usage()
                self.observe(Observation(seconds=now - started, memory=self.used, usage=usage))
                next_look = time.monotonic() + self.every
            time.sleep(TICK)

    def kill(self, identity: str) -> None:
        """SIGKILL, since a container may ignore all else, and wait for the end. Raises EngineFailure."""
        with engine_errors("stopping the container"):
            try:
                self.client.api.kill(identity, signal="SIGKILL")
            except docker.errors.APIError as error:
                if error.status_code != 409:  # it ended by itself meanwhile
                    raise
        deadline = time.monotonic() + _KILL
        while inspect_state(self.client, identity)["Running"]:
            if time.monotonic() > deadline:
                raise EngineFailure(f"the container did not end within {_KILL} s of SIGKILL")
            time.sleep(TICK)

    def measure(self, *, identity: str, pid: int) -> None:
        """Note its memory now. pid: of its first process."""
        if self._group is None:
            self._group = memory_group(pid=pid, container=identity)
        reading = self._group.read() if self._group else None
        if reading is not None:
            self.used, self.kills = reading.used, max(self.kills, reading.kills)
            self.peak = max(self.peak or 0, reading.used, reading.peak or 0)
        elif self._group is None:
            self._ask_engine(identity)

    def gave_up_stdout(self, *, pid: int) -> bool:
        """Whether it lives and nobody in it can write to its stdout; False where that cannot be seen. pid: of its first process."""
        return self._group is not None and is_given_up(processes=self._group.processes(), init=pid)

    def _ask_engine(self, identity: str) -> None:
        """The same from the engine's API, for a worker that cannot see the host's cgroups."""
        with engine_errors("measuring memory"):
            try:
                memory: dict[str, Any] = self.client.api.stats(identity, stream=False, one_shot=True)["memory_stats"]
            except docker.errors.NotFound:
                return
        if "usage" in memory:
            self.used = int(memory["usage"])
            self.peak = max(self.peak or 0, self.used, int(memory.get("max_usage", 0)))

    def usage(self) -> Usage:
        """Now, with the highest fill seen so far: a full /output that was cleared again was full all the same."""
        now = self.holder.look(output=self.request.output, expected=self.request.expected)
        before = self._fullest or now
        self._fullest = replace(
            now,
            bytes_used=max(now.bytes_used, before.bytes_used),
            inodes_used=max(now.inodes_used, before.inodes_used),
        )
        return self._fullest

    def _log(self, identity: str) -> str:
        if not self.request.log_bytes:
            return ""
        with engine_errors("reading the log"):
            # a log of 1 MiB at most is what the engine keeps; lines are cut here, since one may be all of it
            text: bytes = self.client.api.logs(identity, stdout=True, stderr=True)
        return text[-self.request.log_bytes :].decode(errors="replace")

    def _never_started(self) -> RunOutcome:
        return RunOutcome(
            exit_code=_COMMAND_MISSING,
            oom_killed=False,
            timed_out=False,
            cancelled=False,
            seconds=0.0,
            peak_memory=None,
            usage=self.usage(),
            started=False,
        )


def seconds_of(state: dict[str, Any]) -> float:
    """From start to end by the engine's own clock."""
    started, finished = (_instant(str(state[key])) for key in ("StartedAt", "FinishedAt"))
    return max(0.0, math.fsum([finished, -started]))


def _instant(text: str) -> float:
    # nanoseconds are more digits than datetime takes
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d*", r"\1", text)).timestamp()
