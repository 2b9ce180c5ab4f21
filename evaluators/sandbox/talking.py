"""A submitted container that is asked line by line: sealed off as any run, its stdin open, its answers timed from outside."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import docker

from evaluators.sandbox.connection import engine_errors, inspect_state, remove_container
from evaluators.sandbox.errors import EngineFailure
from evaluators.sandbox.holder import Holder
from evaluators.sandbox.interface import Heard, Observation, Owner, RunOutcome, RunRequest, Turn
from evaluators.sandbox.ours import attach
from evaluators.sandbox.running import TICK, Run, seconds_of
from evaluators.sandbox.stream import FrameStream, LineTimeout, LineTooLong

#: bytes of an answer, which is a few words; seconds to take a question
_LINE = 64 * 2**10
_PATIENCE = 10.0
#: seconds for a container whose output has ended to be gone; for what it said before it closed its stdout to come through
_LAST = 10.0
_LAST_WORDS = 1.0


@dataclass(kw_only=True)
class DockerTalk:
    """A Talk over an attached container."""

    run: Run
    identity: str
    stream: FrameStream
    cancelled: Callable[[], bool]
    _outcome: RunOutcome | None = field(default=None, init=False)
    _was_cancelled: bool = field(default=False, init=False)

    @property
    def memory(self) -> int | None:
        """See Talk."""
        return self.run.used

    def ask(self, line: str, *, timeout: float) -> Turn:
        """See Talk."""
        started, closed = time.monotonic(), False
        deadline = started + timeout
        # it may have ended, or not read: the answer that does not come says which
        with suppress(EngineFailure):
            self.stream.send(line.encode() + b"\n", timeout=min(_PATIENCE, timeout))
        while True:
            left = deadline - time.monotonic()
            try:
                answer = self.stream.read_line(timeout=max(0.001, min(TICK, left)))
            except LineTimeout:
                if self.cancelled():
                    self._was_cancelled = True
                    return Turn(heard=Heard.CANCELLED, seconds=time.monotonic() - started)
                if time.monotonic() >= deadline:
                    heard = Heard.CLOSED if closed else Heard.TIMED_OUT
                    return Turn(heard=heard, seconds=time.monotonic() - started)
                if self._measure() and not closed:
                    closed, deadline = True, min(deadline, time.monotonic() + _LAST_WORDS)
                continue
            except LineTooLong:
                return Turn(heard=Heard.LINE_TOO_LONG, seconds=time.monotonic() - started)
            seconds, heard_at = time.monotonic() - started, time.time()
            if answer is None:
                return Turn(heard=Heard.ENDED, seconds=seconds)
            # outside the time that counts
            self._measure()
            return Turn(heard=Heard.LINE, line=answer.decode(errors="replace"), seconds=seconds, at=heard_at)

    def end(self) -> RunOutcome:
        """See Talk."""
        if self._outcome is None:
            self.stream.close()
            state = self._ended() or self._killed()
            self._outcome = RunOutcome(
                exit_code=int(state["ExitCode"]),
                oom_killed=bool(state["OOMKilled"]) or self.run.kills > 0,
                timed_out=False,
                cancelled=self._was_cancelled,
                seconds=seconds_of(state),
                peak_memory=self.run.peak,
                usage=self.run.usage(),
                log=self._log(),
            )
        return self._outcome

    def _log(self) -> str:
        """The end of its stderr; its stdout holds answers alone."""
        wanted = self.run.request.log_bytes
        return self.stream.stderr[-wanted:] if wanted else ""

    def _measure(self) -> bool:
        """Note its memory; whether it lives and has given up its stdout."""
        state = inspect_state(self.run.client, self.identity)
        if not state["Running"]:
            return False
        self.run.measure(identity=self.identity, pid=int(state["Pid"]))
        return self.run.gave_up_stdout(pid=int(state["Pid"]))

    def _ended(self) -> dict[str, Any] | None:
        """Its state if it has ended, or does so at once now that nobody listens."""
        deadline = time.monotonic() + (_LAST if self.stream.ended else 0.0)
        while True:
            state = inspect_state(self.run.client, self.identity)
            if not state["Running"]:
                return state
            if time.monotonic() > deadline:
                return None
            time.sleep(TICK)

    def _killed(self) -> dict[str, Any]:
        self.run.kill(self.identity)
        return inspect_state(self.run.client, self.identity)


@contextmanager
def talk(
    *,
    client: docker.DockerClient,
    holder: Holder,
    owner: Owner,
    request: RunRequest,
    cancelled: Callable[[], bool],
) -> Iterator[DockerTalk]:
    """Start it; it is gone when the context ends. Raises EngineFailure."""

    def unseen(_: Observation) -> None:
        """Counting files from outside would cost time that is being measured."""

    run = Run(
        client=client,
        holder=holder,
        owner=owner,
        request=request,
        observe=unseen,
        every=float("inf"),
        cancelled=cancelled,
    )
    identity = run.create(interactive=True)
    try:
        stream = attach(client=client, identity=identity, line_limit=_LINE)
        try:
            with engine_errors("starting the container"):
                client.api.start(identity)
            yield DockerTalk(run=run, identity=identity, stream=stream, cancelled=cancelled)
        finally:
            stream.close()
    finally:
        remove_container(client, identity)
