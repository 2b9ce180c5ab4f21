"""A real engine, tiny images built once a session, and a guard that nothing is left behind by any test."""

from __future__ import annotations

import io
import json
import secrets
import tarfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest

from evaluators.contract.failures import FailureNote
from evaluators.contract.limits import Limits
from evaluators.sandbox.docker_sandbox import DockerSandbox
from evaluators.sandbox.failure import failure_of
from evaluators.sandbox.interface import Archive, ImageInfo, Owner, RunOutcome, RunRequest

MIB = 2**20
LABEL = "assay.test=sandbox"
_SCRIPT = Path(__file__).with_name("behaviours.py")


def small(**changes: Any) -> Limits:
    """Limits that a test container stays under, unless it is meant not to."""
    sizes = {"memory": 96 * MIB, "shm": 8 * MIB, "tmp": 8 * MIB, "output": 16 * MIB, "output_files": 200}
    return Limits(**{"time": 60, "cpus": 1, "pids": 64, **sizes, **changes})


@dataclass(kw_only=True)
class Ran:
    """How one run ended and what was copied out."""

    outcome: RunOutcome
    failure: FailureNote | None
    archive: Archive
    store: Path

    def content(self, path: str) -> bytes:
        """Of an archived file."""
        return (self.store / self.archive.files[path].sha256).read_bytes()

    def report(self) -> Any:
        """What the container wrote to report.json."""
        return json.loads(self.content("report.json"))


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.DockerClient]:
    client = docker.from_env()
    yield client
    for image in client.images.list(filters={"label": LABEL}):
        client.images.remove(str(image.id), force=True)
    client.close()


@pytest.fixture(scope="session")
def build(engine: docker.DockerClient) -> Callable[..., ImageInfo]:
    """build(behaviour, *more Dockerfile lines): the image that behaves so, built from assay/tools."""
    built: dict[tuple[str, ...], ImageInfo] = {}

    def build_one(behaviour: str, *lines: str) -> ImageInfo:
        key = (behaviour, *lines)
        if key not in built:
            command = f'ENTRYPOINT ["python3", "/app/behaviours.py", "{behaviour}"]'
            label = LABEL.replace("=", '="') + '"'
            text = "\n".join(["FROM assay/tools", f"LABEL {label}", "COPY behaviours.py /app/", command, *lines])
            context = tar_of({"Dockerfile": text.encode(), "behaviours.py": _SCRIPT.read_bytes()})
            image, _ = engine.images.build(fileobj=io.BytesIO(context), custom_context=True, rm=True)
            built[key] = ImageInfo(
                reference=str(image.id),
                config_digest=str(image.id).removeprefix("sha256:"),
                size=1,
                volumes=tuple(image.attrs["Config"]["Volumes"] or ()),
            )
        return built[key]

    return build_one


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[DockerSandbox]:
    sandbox = DockerSandbox(work_root=tmp_path / "work")
    yield sandbox
    sandbox.close()


@pytest.fixture
def owner(sandbox: DockerSandbox) -> Iterator[Owner]:
    """A worker of this test alone; the test fails when anything of it stays in the engine."""
    owner = Owner(worker=f"test-{secrets.token_hex(4)}", evaluation="e1", attempt=1, deadline=int(time.time()) + 600)
    yield owner
    left = sandbox.owned(worker=owner.worker)
    sandbox.remove(objects=left)
    assert left == []


@pytest.fixture
def run(sandbox: DockerSandbox, owner: Owner, build: Callable[..., ImageInfo], tmp_path: Path) -> Callable[..., Ran]:
    """run(behaviour or image, expected=..., limits=..., **how): through the sandbox, and the copies out."""

    def run_one(
        what: str | ImageInfo,
        *,
        expected: Sequence[str] = ("a.bin", "deep/er/b.bin"),
        limits: Limits | None = None,
        log_bytes: int = 0,
        **how: Any,
    ) -> Ran:
        image = build(what) if isinstance(what, str) else what
        limits = limits or small()
        inputs, store = tmp_path / "input", tmp_path / "store"
        inputs.mkdir(exist_ok=True)
        (inputs / "case.txt").write_text("input")
        store.mkdir(mode=0o700, exist_ok=True)
        with sandbox.output_volume(owner=owner, limits=limits) as output:
            request = RunRequest(
                image=image,
                limits=limits,
                input_folder=inputs,
                output=output,
                expected=expected,
                log_bytes=log_bytes,
            )
            outcome = sandbox.run(owner=owner, request=request, **how)
            archive = sandbox.archive(
                owner=owner, output=output, expected=expected, store=store, max_file_bytes=limits.output
            )
        return Ran(outcome=outcome, failure=failure_of(outcome=outcome, limits=limits), archive=archive, store=store)

    return run_one


def tar_of(files: dict[str, bytes]) -> bytes:
    """A plain tar with these members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
