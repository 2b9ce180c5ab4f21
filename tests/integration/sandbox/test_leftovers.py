"""A killed worker leaves containers, volumes and loop devices; the next one finds and removes its own, and no others."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import docker
import pytest

from evaluators.sandbox.docker_sandbox import DockerSandbox
from evaluators.sandbox.interface import ObjectKind, OwnedObject, Owner
from tests.integration.sandbox.conftest import MIB, small

pytestmark = pytest.mark.engine
LARGE = 2**31 + MIB


@pytest.fixture
def worker(sandbox: DockerSandbox) -> Iterator[str]:
    name = f"test-{secrets.token_hex(4)}"
    yield name
    sandbox.remove(objects=sandbox.owned(worker=name))


def killed(worker: str, work_root: Path, *, output: int) -> None:
    """Another process opens an output volume as `worker` and is killed with SIGKILL while it holds it."""
    script = (
        "import sys, time, pathlib\n"
        "from evaluators.sandbox.docker_sandbox import DockerSandbox\n"
        "from evaluators.sandbox.interface import Owner\n"
        "from evaluators.contract.limits import Limits\n"
        "owner = Owner(worker=sys.argv[1], evaluation='e1', attempt=1, deadline=int(time.time()) + 600)\n"
        "sandbox = DockerSandbox(work_root=pathlib.Path(sys.argv[2]))\n"
        "with sandbox.output_volume(owner=owner, limits=Limits(output=int(sys.argv[3]), output_files=100)):\n"
        "    print('open', flush=True)\n"
        "    time.sleep(600)\n"
    )
    command = [sys.executable, "-c", script, worker, str(work_root), str(output)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        os.kill(process.pid, signal.SIGKILL)


def kinds(objects: list[OwnedObject]) -> list[ObjectKind]:
    return [thing.kind for thing in objects]


def loop_devices(folder: Path) -> str:
    return "\n".join(
        row for row in subprocess.run(["losetup", "-a"], capture_output=True, text=True, check=True).stdout.splitlines()
        if str(folder) in row
    )  # fmt: skip


def test_what_a_killed_worker_left_is_found_and_removed_loop_device_and_file_included(
    sandbox: DockerSandbox, worker: str, tmp_path: Path
) -> None:
    killed(worker, tmp_path / "work", output=LARGE)
    assert kinds(sandbox.owned(worker=worker)) == [ObjectKind.CONTAINER, ObjectKind.VOLUME, ObjectKind.LOOP]
    assert loop_devices(tmp_path) != ""

    gone = sandbox.tidy(worker=worker, keep=(), now=int(time.time()))
    assert kinds(gone) == [ObjectKind.CONTAINER, ObjectKind.VOLUME, ObjectKind.LOOP]
    assert sandbox.owned(worker=worker) == []
    assert loop_devices(tmp_path) == ""
    assert list((tmp_path / "work" / "loops").iterdir()) == []


def test_an_attempt_that_is_still_worked_on_is_kept_until_its_deadline(
    sandbox: DockerSandbox, worker: str, tmp_path: Path
) -> None:
    killed(worker, tmp_path / "work", output=MIB)
    now = int(time.time())
    assert sandbox.tidy(worker=worker, keep={("e1", 1)}, now=now) == []
    assert kinds(sandbox.tidy(worker=worker, keep={("e1", 1)}, now=now + 3600)) == [
        ObjectKind.CONTAINER,
        ObjectKind.VOLUME,
    ]


def test_a_fenced_attempt_is_removed_and_the_next_one_of_the_same_evaluation_kept(
    sandbox: DockerSandbox, worker: str
) -> None:
    first = Owner(worker=worker, evaluation="e1", attempt=1, deadline=int(time.time()) + 600)
    second = replace(first, attempt=2)
    with contextlib.ExitStack() as stack:
        for owner in (first, second):
            stack.enter_context(sandbox.output_volume(owner=owner, limits=small()))
        gone = sandbox.tidy(worker=worker, keep={("e1", 2)}, now=int(time.time()))
        assert {thing.owner.attempt for thing in gone} == {1}
        assert {thing.owner.attempt for thing in sandbox.owned(worker=worker)} == {2}


def test_another_workers_objects_are_left_alone(sandbox: DockerSandbox, worker: str) -> None:
    other = Owner(worker=f"{worker}-other", evaluation="e1", attempt=1, deadline=int(time.time()) - 10)
    with sandbox.output_volume(owner=other, limits=small()):
        assert sandbox.tidy(worker=worker, keep=(), now=int(time.time())) == []
        assert len(sandbox.owned(worker=other.worker)) == 2


def test_a_file_whose_volume_was_never_made_is_found_by_its_note(
    sandbox: DockerSandbox, worker: str, tmp_path: Path
) -> None:
    killed(worker, tmp_path / "work", output=LARGE)
    engine_objects = [thing for thing in sandbox.owned(worker=worker) if thing.kind is not ObjectKind.LOOP]
    [loop] = [thing for thing in sandbox.owned(worker=worker) if thing.kind is ObjectKind.LOOP]
    client = docker.from_env()
    for thing in engine_objects:
        if thing.kind is ObjectKind.CONTAINER:
            client.api.remove_container(thing.identity, force=True)
    for thing in engine_objects:
        if thing.kind is ObjectKind.VOLUME:
            client.api.remove_volume(thing.identity)
    client.close()
    assert sandbox.owned(worker=worker) == [loop]
    assert sandbox.tidy(worker=worker, keep=(), now=int(time.time())) == [loop]
    assert loop_devices(tmp_path) == ""


def test_removing_twice_is_no_error(sandbox: DockerSandbox, worker: str, tmp_path: Path) -> None:
    killed(worker, tmp_path / "work", output=MIB)
    objects = sandbox.owned(worker=worker)
    sandbox.remove(objects=objects)
    sandbox.remove(objects=objects)
    assert sandbox.owned(worker=worker) == []


def test_the_engine_and_its_machine_are_named_for_provenance(sandbox: DockerSandbox) -> None:
    facts = sandbox.facts()
    assert facts.engine
    assert facts.kernel == os.uname().release
    assert facts.cgroup_version in {"1", "2"}
    assert facts.cpus >= 1
    assert facts.memory > 2**30
    assert any("seccomp" in option for option in facts.security_options)
    assert all(isinstance(value, str) for value in facts.as_text().values())
