"""What the worker asks of a container engine: about ten verbs, with plain data going in and coming out."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from evaluators.contract.failures import FailureNote
from evaluators.contract.limits import Limits
from evaluators.contract.outputs import ArchivedFile


class Role(StrEnum):
    """What one of our objects in the engine is there for; the value of its `assay.role` label."""

    SUBMISSION = "submission"
    HOLDER = "holder"
    ARCHIVER = "archiver"
    SCORER = "scorer"
    OUTPUT = "output"


class ObjectKind(StrEnum):
    """What can be left behind by a killed worker."""

    CONTAINER = "container"
    VOLUME = "volume"
    #: a loop device and the file behind it
    LOOP = "loop"


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose an object is; written on it as labels, so that it is found again after a crash."""

    worker: str
    evaluation: str
    attempt: int
    #: unix seconds after which anybody of the same worker may remove it
    deadline: int


@dataclass(frozen=True, kw_only=True)
class OwnedObject:
    """One labelled container, volume or loop device."""

    kind: ObjectKind
    #: container id, volume name, or path of the file behind the loop device
    identity: str
    role: str
    owner: Owner


@dataclass(frozen=True, kw_only=True)
class EngineFacts:
    """What provenance says about the engine and its machine. Bytes are whole numbers."""

    engine: str
    kernel: str
    architecture: str
    storage_driver: str
    cgroup_version: str
    security_options: tuple[str, ...]
    cpus: int
    memory: int
    userns_remap: bool
    gpu_uuids: tuple[str, ...]
    gpu_driver: str

    def as_text(self) -> dict[str, str]:
        """Flat, for a claim's facts and a run's provenance."""
        return {
            "engine": self.engine,
            "kernel": self.kernel,
            "architecture": self.architecture,
            "storage_driver": self.storage_driver,
            "cgroup_version": self.cgroup_version,
            "security_options": " ".join(self.security_options),
            "cpus": str(self.cpus),
            "memory": str(self.memory),
            "userns_remap": str(self.userns_remap).lower(),
            "gpus": " ".join(self.gpu_uuids),
            "gpu_driver": self.gpu_driver,
        }


@dataclass(frozen=True, kw_only=True)
class ImageInfo:
    """An image that the engine holds."""

    #: what `docker create` is given: the engine's own id
    reference: str
    #: sha256 of the image's config, 64 hex digits
    config_digest: str
    #: unpacked, in bytes
    size: int
    labels: Mapping[str, str] = field(default_factory=dict)
    #: paths that the image declares as VOLUME
    volumes: tuple[str, ...] = ()
    #: whether it names an ENTRYPOINT or a CMD
    has_command: bool = True


@dataclass(frozen=True, kw_only=True)
class OutputVolume:
    """/output of one run: a capped volume that a holder container keeps mounted."""

    name: str
    holder: str
    limits: Limits


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What lies on an output volume, counted from outside; bytes and inodes as its file system counts them."""

    present: int
    bytes_used: int
    bytes_total: int
    inodes_used: int
    inodes_total: int


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What is seen of a run while it goes on."""

    seconds: float
    memory: int | None
    usage: Usage


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """One run of a submitted image."""

    image: ImageInfo
    limits: Limits
    #: staged on the host, at the same path for worker and engine
    input_folder: Path
    output: OutputVolume
    #: paths below /output that are counted while the container runs
    expected: Sequence[str]
    gpu_uuids: Sequence[str] = ()
    #: how much of the log to keep, from its end; 0 on hidden phases
    log_bytes: int = 0


@dataclass(frozen=True, kw_only=True)
class RunOutcome:
    """How a run ended, as measured; `failure_of` turns it into a typed failure. The container is gone by then."""

    #: None when it never ran or its end is unknown
    exit_code: int | None
    oom_killed: bool
    timed_out: bool
    cancelled: bool
    #: from the engine's own clock
    seconds: float
    #: bytes, tmpfs and page cache included
    peak_memory: int | None
    #: at its end; the highest numbers seen count for bytes and inodes
    usage: Usage
    #: False where the image names no command: nothing was run
    started: bool = True
    log: str = ""


class Heard(StrEnum):
    """What came of a question to a container."""

    LINE = "line"
    #: its output ended before an answer
    ENDED = "ended"
    #: it lives, and nobody in it can write to its stdout any more
    CLOSED = "closed"
    TIMED_OUT = "timed_out"
    LINE_TOO_LONG = "line_too_long"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One question to a container. seconds: from the question to what is heard, by the worker's clock."""

    heard: Heard
    seconds: float
    line: str = ""
    #: when it was heard, unix seconds
    at: float = field(default_factory=time.time)


@dataclass(frozen=True, kw_only=True)
class Archive:
    """Regular files of a dead container or of a team's ZIP, copied out and named by their hash."""

    files: Mapping[str, ArchivedFile]
    #: path -> when it was last written, moved or linked, unix seconds of the engine's kernel; empty for a ZIP
    changed: Mapping[str, float]
    #: expected path -> MISSING_FILE or FORBIDDEN_FILE
    failures: Mapping[str, FailureNote]
    #: how many other files lay there (counting stops early on a huge tree)
    unexpected: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class ScorerLimits:
    """What the scorer container may use."""

    memory: int = 4 * 2**30
    tmp: int = 256 * 2**20
    cpus: float = 2
    pids: int = 128
    #: longest line it may print, bytes
    line: int = 2**20


class ScorerEnding(StrEnum):
    """Why no more lines come."""

    EXITED = "exited"
    #: it was silent for too long and was killed
    TIMED_OUT = "timed_out"
    #: it printed a line longer than allowed and was killed
    LINE_TOO_LONG = "line_too_long"
    #: the session was closed before its end
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True)
class ScorerEnd:
    """How the scorer container ended."""

    ending: ScorerEnding
    exit_code: int | None
    oom_killed: bool
    #: the end of its stderr: ours, for the worker's own log
    log: str


class ScorerSession(Protocol):
    """A running scorer container. One line goes in, many come out."""

    def send(self, line: str) -> None:
        """Write one line to its stdin. Raises EngineFailure when it is gone."""

    def lines(self, *, timeout: float) -> Iterator[str]:
        """Lines of its stdout without the line end, until it ends or is silent for `timeout` seconds (then it is killed)."""

    def end(self) -> ScorerEnd:
        """How it ended; kills it when it still runs."""


class Talk(Protocol):
    """A submitted container that runs and is asked line by line."""

    @property
    def memory(self) -> int | None:
        """Bytes in use when it was last looked at."""

    def ask(self, line: str, *, timeout: float) -> Turn:
        """Write one line to its stdin and wait for the next line of its stdout; the container lives on, whatever is heard."""

    def end(self) -> RunOutcome:
        """How it ended; kills it when it still runs."""


class Sandbox(Protocol):
    """A container engine. Every verb raises EngineFailure for what is the engine's fault."""

    def facts(self) -> EngineFacts:
        """Engine, kernel and hardware."""

    def find_image(self, *, config_digest: str) -> ImageInfo | None:
        """The submitted image of this digest (64 hex digits), if the engine has it."""

    def own_image(self, *, name: str) -> ImageInfo:
        """One of our images by its tag, such as `assay/scorer:latest`. Raises EngineFailure saying how to build it."""

    def load_image(self, *, archive: Iterable[bytes], config_digest: str, limit: int) -> ImageInfo:
        """Stream a `docker save` or OCI archive into the engine, without its tags; the same image is loaded once.

        limit: bytes of the unpacked image. Raises LoadFailure (IMAGE_PULL, IMAGE_ARCH, IMAGE_SIZE).
        """

    def remove_image(self, *, config_digest: str) -> None:
        """Forget a submitted image; nothing happens when it is not there or in use."""

    def output_volume(self, *, owner: Owner, limits: Limits) -> AbstractContextManager[OutputVolume]:
        """A fresh /output, capped in bytes and inodes, kept alive until the context ends; then everything is gone."""

    def run(
        self,
        *,
        owner: Owner,
        request: RunRequest,
        observe: Callable[[Observation], None] = lambda _: None,
        every: float = 5.0,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> RunOutcome:
        """Run to the end, the wall limit, or `cancelled`; then destroy the container.

        observe is called about every `every` seconds from the same thread; cancelled is asked several times a second.
        """

    def talk(
        self, *, owner: Owner, request: RunRequest, cancelled: Callable[[], bool] = lambda: False
    ) -> AbstractContextManager[Talk]:
        """Start a submitted image that is asked line by line; it is gone when the context ends.

        The wall limit is the caller's to keep. cancelled is asked several times a second while an answer is waited for.
        """

    def archive(
        self, *, owner: Owner, output: OutputVolume, expected: Sequence[str], store: Path, max_file_bytes: int
    ) -> Archive:
        """Copy the expected regular files of a dead container into `store`/<sha256>; links and devices are refused.

        store: an existing folder of the worker, private to it. max_file_bytes: a larger file is FORBIDDEN_FILE.
        """

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
        """Let the scorer's image write the perfect answer of every case into `store`/<sha256>; see evaluators/rehearsal.

        question: the line on its stdin. references: as the scorer gets them. expected: a path for every case.
        """

    def unpack(self, *, owner: Owner, archive: Path, limits: Limits, expected: Sequence[str], store: Path) -> Archive:
        """Unpack the expected files of a team's ZIP into `store`/<sha256>, as if a container had written them to /output.

        archive: alone in a folder of the worker. limits: `output` and `output_files` bound what it may become. Raises
        UnpackFailure (PROTOCOL, OUTPUT_TOO_LARGE) where the whole archive is refused.
        """

    def scorer(
        self, *, owner: Owner, image: ImageInfo, outputs: Path, references: Path, limits: ScorerLimits
    ) -> AbstractContextManager[ScorerSession]:
        """Start the scorer over read-only folders (/outputs, /references); it is gone when the context ends."""

    def owned(self, *, worker: str) -> list[OwnedObject]:
        """Every container, volume and loop device of this worker, containers first."""

    def remove(self, *, objects: Iterable[OwnedObject]) -> None:
        """Remove them; what is gone already is no error."""

    def tidy(self, *, worker: str, keep: Collection[tuple[str, int]], now: int) -> list[OwnedObject]:
        """Remove own objects that are past their deadline or belong to no (evaluation, attempt) in `keep`; says which."""
