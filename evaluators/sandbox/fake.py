"""A Sandbox without an engine: scripted outcomes in memory, for tests of the worker's loops and simulated fleets."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evaluators.contract.catalogue import catalogue
from evaluators.contract.failures import CaseFailure, FailureNote, RunFailure
from evaluators.contract.limits import Limits
from evaluators.contract.outputs import ArchivedFile, output_digest
from evaluators.contract.per_case import CaseAnswer, CaseQuestion
from evaluators.sandbox.connection import new_name
from evaluators.sandbox.errors import EngineFailure, LoadFailure, UnpackFailure
from evaluators.sandbox.interface import (
    Archive,
    EngineFacts,
    Heard,
    ImageInfo,
    ObjectKind,
    Observation,
    OutputVolume,
    OwnedObject,
    Owner,
    Role,
    RunOutcome,
    RunRequest,
    ScorerEnd,
    ScorerEnding,
    ScorerLimits,
    Turn,
    Usage,
)
from evaluators.sandbox.tools.unpack import unpack
from evaluators.sandbox.tools.zipped import BadArchive

_EXITED = ScorerEnd(ending=ScorerEnding.EXITED, exit_code=0, oom_killed=False, log="")


def _answers(question: str) -> Turn:
    """In per_case mode: each case done in its number of seconds."""
    number = CaseQuestion.model_validate_json(question).case
    return Turn(heard=Heard.LINE, line=CaseAnswer(done=number).model_dump_json(), seconds=float(number))


@dataclass(kw_only=True)
class Script:
    """What the next run and scorer do. The defaults are a container that writes `files` and ends well."""

    #: path below /output -> content
    files: Mapping[str, bytes] = field(default_factory=dict)
    #: path -> when it was last changed, unix seconds; the others long ago
    changed: Mapping[str, float] = field(default_factory=dict)
    exit_code: int = 0
    oom_killed: bool = False
    timed_out: bool = False
    seconds: float = 1.0
    peak_memory: int = 2**20
    #: number of observations before it ends; between two of them `cancelled` is asked
    looks: int = 1
    #: raised in place of a run
    engine_failure: str = ""
    load_failure: LoadFailure | None = None
    #: what a container says when it is asked line by line
    talk: Callable[[str], Turn] = _answers
    #: the scorer's lines, given the one line that it was sent
    scorer: Callable[[str], Iterable[str]] = lambda _: ()
    scorer_end: ScorerEnd = _EXITED


class FakeSandbox:
    """A Sandbox. `scripts` are taken one a run and the last one stays; `runs` counts them."""

    def __init__(self, *, scripts: Sequence[Script] = (Script(),)) -> None:
        self._scripts = list(scripts)
        self._images: dict[str, ImageInfo] = {}
        self._objects: dict[str, OwnedObject] = {}
        self._names = itertools.count()
        self.runs = 0

    @property
    def script(self) -> Script:
        """The one in force."""
        return self._scripts[0]

    def facts(self) -> EngineFacts:
        """See Sandbox."""
        return EngineFacts(
            engine="fake",
            kernel="fake",
            architecture="x86_64",
            storage_driver="memory",
            cgroup_version="2",
            security_options=(),
            cpus=2,
            memory=8 * 2**30,
            userns_remap=False,
            gpu_uuids=(),
            gpu_driver="",
        )

    def find_image(self, *, config_digest: str) -> ImageInfo | None:
        """See Sandbox."""
        return self._images.get(config_digest)

    def own_image(self, *, name: str) -> ImageInfo:
        """See Sandbox: each name is there, under the hash of the name."""
        digest = hashlib.sha256(name.encode()).hexdigest()
        return ImageInfo(reference=name, config_digest=digest, size=1, labels={"assay.scorer": catalogue().scorer})

    def load_image(self, *, archive: Iterable[bytes], config_digest: str, limit: int) -> ImageInfo:
        """See Sandbox: reads the archive to its end and keeps its length."""
        if self.script.load_failure is not None:
            raise self.script.load_failure
        size = min(limit, sum(len(chunk) for chunk in archive))
        info = ImageInfo(reference=config_digest, config_digest=config_digest, size=size)
        return self._images.setdefault(config_digest, info)

    def remove_image(self, *, config_digest: str) -> None:
        """See Sandbox."""
        self._images.pop(config_digest, None)

    @contextmanager
    def output_volume(self, *, owner: Owner, limits: Limits) -> Iterator[OutputVolume]:
        """See Sandbox."""
        with (
            self._object(owner, ObjectKind.VOLUME, Role.OUTPUT) as name,
            self._object(owner, ObjectKind.CONTAINER, Role.HOLDER) as holder,
        ):
            yield OutputVolume(name=name, holder=holder, limits=limits)

    def run(
        self,
        *,
        owner: Owner,
        request: RunRequest,
        observe: Callable[[Observation], None] = lambda _: None,
        every: float = 5.0,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> RunOutcome:
        """See Sandbox: no time passes."""
        del every
        if self.runs and len(self._scripts) > 1:
            self._scripts.pop(0)
        self.runs += 1
        script = self.script
        if script.engine_failure:
            raise EngineFailure(script.engine_failure)
        usage = self._usage(request)
        stopped = False
        with self._object(owner, ObjectKind.CONTAINER, Role.SUBMISSION):
            for look in range(script.looks):
                stopped = stopped or cancelled()
                if stopped:
                    break
                seconds = script.seconds * look / script.looks
                observe(Observation(seconds=seconds, memory=script.peak_memory, usage=usage))
        return RunOutcome(
            exit_code=137 if stopped or script.timed_out else script.exit_code,
            oom_killed=script.oom_killed,
            timed_out=script.timed_out and not stopped,
            cancelled=stopped,
            seconds=script.seconds,
            peak_memory=script.peak_memory,
            usage=usage,
        )

    @contextmanager
    def talk(
        self, *, owner: Owner, request: RunRequest, cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[FakeTalk]:
        """See Sandbox."""
        if self.runs and len(self._scripts) > 1:
            self._scripts.pop(0)
        self.runs += 1
        if self.script.engine_failure:
            raise EngineFailure(self.script.engine_failure)
        with self._object(owner, ObjectKind.CONTAINER, Role.SUBMISSION):
            yield FakeTalk(script=self.script, usage=self._usage(request), cancelled=cancelled)

    def archive(
        self, *, owner: Owner, output: OutputVolume, expected: Sequence[str], store: Path, max_file_bytes: int
    ) -> Archive:
        """See Sandbox: writes the script's files into the real folder `store`."""
        del owner, output
        files: dict[str, ArchivedFile] = {}
        failures: dict[str, FailureNote] = {}
        for path in expected:
            content = self.script.files.get(path)
            if content is None:
                failures[path] = FailureNote(code=CaseFailure.MISSING_FILE)
            elif len(content) > max_file_bytes:
                failures[path] = FailureNote(code=CaseFailure.FORBIDDEN_FILE)
            else:
                digest = hashlib.sha256(content).hexdigest()
                (store / digest).write_bytes(content)
                files[path] = ArchivedFile(sha256=digest, size=len(content))
        unexpected = len(set(self.script.files) - set(expected))
        changed = {path: self.script.changed.get(path, 0.0) for path in files}
        return Archive(
            files=files, changed=changed, failures=failures, unexpected=unexpected, digest=output_digest(files)
        )

    def rehearse(
        self,
        *,
        owner: Owner,
        image: ImageInfo,
        question: Mapping[str, Any],
        expected: Sequence[str],
        references: Path,
        store: Path,
    ) -> Archive:
        """See Sandbox: files that say whose perfect answer they are; the script's scorer reads none."""
        del owner, image, question, references
        files: dict[str, ArchivedFile] = {}
        for path in expected:
            content = f"the perfect answer at {path}".encode()
            digest = hashlib.sha256(content).hexdigest()
            (store / digest).write_bytes(content)
            files[path] = ArchivedFile(sha256=digest, size=len(content))
        return Archive(files=files, changed={}, failures={}, unexpected=0, digest=output_digest(files))

    def unpack(self, *, owner: Owner, archive: Path, limits: Limits, expected: Sequence[str], store: Path) -> Archive:
        """See Sandbox: by the script that runs inside the container, without the container."""
        del owner
        try:
            report = unpack(
                archive=archive, store=store, expected=expected, max_entries=limits.output_files,
                max_file_bytes=limits.output, max_total_bytes=limits.output,
            )  # fmt: skip
        except BadArchive as bad:
            raise UnpackFailure(code=RunFailure(bad.code), detail=bad.detail) from bad
        files = {path: ArchivedFile.model_validate(file) for path, file in report["files"].items()}
        failures = {path: FailureNote.model_validate(note) for path, note in report["failures"].items()}
        unexpected = int(report["unexpected"])
        return Archive(files=files, changed={}, failures=failures, unexpected=unexpected, digest=output_digest(files))

    @contextmanager
    def scorer(
        self, *, owner: Owner, image: ImageInfo, outputs: Path, references: Path, limits: ScorerLimits
    ) -> Iterator[FakeScorerSession]:
        """See Sandbox."""
        del image, outputs, references, limits
        with self._object(owner, ObjectKind.CONTAINER, Role.SCORER):
            yield FakeScorerSession(script=self.script)

    def owned(self, *, worker: str) -> list[OwnedObject]:
        """See Sandbox."""
        return [thing for thing in self._objects.values() if thing.owner.worker == worker]

    def remove(self, *, objects: Iterable[OwnedObject]) -> None:
        """See Sandbox."""
        for thing in objects:
            self._objects.pop(thing.identity, None)

    def tidy(self, *, worker: str, keep: Collection[tuple[str, int]], now: int) -> list[OwnedObject]:
        """See Sandbox."""
        gone = [
            thing
            for thing in self.owned(worker=worker)
            if now > thing.owner.deadline or (thing.owner.evaluation, thing.owner.attempt) not in keep
        ]
        self.remove(objects=gone)
        return gone

    def leave_behind(self, *, owner: Owner, kind: ObjectKind, role: Role) -> OwnedObject:
        """As a worker that was killed would."""
        thing = OwnedObject(kind=kind, identity=f"{next(self._names)}", role=role, owner=owner)
        self._objects[thing.identity] = thing
        return thing

    @contextmanager
    def _object(self, owner: Owner, kind: ObjectKind, role: Role) -> Iterator[str]:
        identity = new_name(owner, role=role)
        self._objects[identity] = OwnedObject(kind=kind, identity=identity, role=role, owner=owner)
        try:
            yield identity
        finally:
            self._objects.pop(identity, None)

    def _usage(self, request: RunRequest) -> Usage:
        files = self.script.files
        return Usage(
            present=sum(1 for path in request.expected if path in files),
            bytes_used=sum(len(content) for content in files.values()),
            bytes_total=request.limits.output,
            inodes_used=1 + len(files),
            inodes_total=request.limits.output_files + 1,
        )


class FakeTalk:
    """A Talk that says what the script says."""

    def __init__(self, *, script: Script, usage: Usage, cancelled: Callable[[], bool]) -> None:
        self._script = script
        self._usage = usage
        self._cancelled = cancelled

    @property
    def memory(self) -> int | None:
        """See Talk."""
        return self._script.peak_memory

    def ask(self, line: str, *, timeout: float) -> Turn:
        """See Talk: no time passes."""
        if self._cancelled():
            return Turn(heard=Heard.CANCELLED, seconds=0.0)
        turn = self._script.talk(line)
        return Turn(heard=Heard.TIMED_OUT, seconds=timeout) if turn.seconds > timeout else turn

    def end(self) -> RunOutcome:
        """See Talk."""
        script = self._script
        return RunOutcome(
            exit_code=script.exit_code,
            oom_killed=script.oom_killed,
            timed_out=False,
            cancelled=self._cancelled(),
            seconds=script.seconds,
            peak_memory=script.peak_memory,
            usage=self._usage,
        )


class FakeScorerSession:
    """A ScorerSession that says what the script says."""

    def __init__(self, *, script: Script) -> None:
        self._script = script
        self._sent = ""

    def send(self, line: str) -> None:
        """See ScorerSession."""
        self._sent = line

    def lines(self, *, timeout: float) -> Iterator[str]:
        """See ScorerSession."""
        del timeout
        yield from self._script.scorer(self._sent)

    def end(self) -> ScorerEnd:
        """See ScorerSession."""
        return self._script.scorer_end
