"""What a container cannot reach, and what it cannot make us read."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docker
import pytest

from evaluators.contract.docker_line import create_argv, printed_line, sandbox_flags
from evaluators.contract.limits import RunUser
from evaluators.sandbox.docker_sandbox import DockerSandbox
from evaluators.sandbox.errors import EngineFailure
from evaluators.sandbox.interface import ImageInfo, Owner
from evaluators.sandbox.self_check import CHECKS, build_probe, self_check
from tests.integration.sandbox.conftest import MIB, Ran, small

Run = Callable[..., Ran]
pytestmark = pytest.mark.engine


@pytest.mark.parametrize("user", list(RunUser))
@pytest.mark.parametrize("output", [32 * MIB, 2**31 + MIB])
def test_every_wall_of_the_conformance_list_stands(
    sandbox: DockerSandbox, tmp_path: Path, user: RunUser, output: int
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    limits = small(user=user, output=output)
    findings = self_check(sandbox=sandbox, image=build_probe(sandbox=sandbox), limits=limits, scratch=scratch)
    assert [finding.sentence for finding in findings if not finding.holds] == []
    assert len(findings) == len(CHECKS)


@pytest.mark.parametrize("user", list(RunUser))
def test_both_users_can_write_to_output_and_their_files_are_read_back(run: Run, user: RunUser) -> None:
    ran = run("good", limits=small(user=user))
    assert ran.failure is None
    assert len(ran.archive.files) == 2


def test_looking_for_a_network_finds_loopback_alone_and_the_run_goes_on(run: Run) -> None:
    ran = run("looks_for_network", expected=["report.json"])
    assert ran.failure is None
    assert ran.report()["interfaces"] == ["lo"]
    assert len(ran.report()["errors"]) == 2


def test_the_references_are_nowhere_in_its_file_system(
    run: Run, build: Callable[..., ImageInfo], tmp_path: Path
) -> None:
    (tmp_path / "references").mkdir()
    (tmp_path / "references" / "hidden-truth.npy").write_bytes(b"truth")
    ran = run(build("looks_for_references", "ENV WANTED=hidden-truth"), expected=["report.json"])
    assert ran.failure is None
    assert ran.report()["read"] > 100
    assert ran.report()["found"] == []
    own = [row.split()[1] for row in ran.report()["mounts"].splitlines()]
    assert {"/input", "/output", "/tmp"} <= set(own)


def test_nothing_but_output_takes_a_write(run: Run) -> None:
    ran = run("writes_everywhere", expected=["report.json"])
    assert ran.report() == ["/", "/etc", "/usr", "/root", "/input", "/opt", "/sys/fs/cgroup"]


def test_a_declared_volume_is_small_and_in_memory_not_a_folder_on_our_disk(
    run: Run, build: Callable[..., ImageInfo]
) -> None:
    ran = run(build("writes_to_its_volume", "VOLUME /scratch"), expected=["report.json"])
    assert ran.failure is None
    assert ran.report() == "No space left on device"


def test_only_real_files_are_copied_whatever_lies_there(run: Run) -> None:
    expected = [
        "real", "link", "secret", "twin", "other-twin", "pipe", "socket", "folder", "way/passwd", "way", "sparse",
        "private/file", "absent", "real/below",
    ]  # fmt: skip
    ran = run("hostile_files", expected=expected)
    assert ran.failure is None
    assert set(ran.archive.files) == {"real", "private/file"}
    codes = {path: note.code for path, note in ran.archive.failures.items()}
    assert codes == {
        "link": "FORBIDDEN_FILE",
        "secret": "FORBIDDEN_FILE",
        "twin": "FORBIDDEN_FILE",
        "other-twin": "FORBIDDEN_FILE",
        "pipe": "FORBIDDEN_FILE",
        "socket": "FORBIDDEN_FILE",
        "folder": "FORBIDDEN_FILE",
        "way": "FORBIDDEN_FILE",
        "way/passwd": "FORBIDDEN_FILE",
        "sparse": "FORBIDDEN_FILE",
        "absent": "MISSING_FILE",
        "real/below": "MISSING_FILE",
    }
    assert sorted(path.name for path in ran.store.iterdir()) == sorted(
        file.sha256 for file in ran.archive.files.values()
    )


def test_copies_can_be_read_and_deleted_by_a_worker_that_is_not_root(run: Run) -> None:
    ran = run("good")
    script = "import pathlib, sys\nfor path in pathlib.Path(sys.argv[1]).iterdir():\n    path.read_bytes()\n    path.unlink()"
    ran.store.parent.chmod(0o755)
    subprocess.run(["chmod", "o+x", *map(str, list(ran.store.parents)[:-1])], check=True)
    subprocess.run(["python3", "-c", script, str(ran.store)], user=65532, group=65532, check=True)
    assert list(ran.store.iterdir()) == []


def test_above_two_gibibytes_output_is_a_file_system_of_its_own_on_disk(run: Run, tmp_path: Path) -> None:
    limits = small(output=2**31 + MIB)
    ran = run("writes_large", expected=["a.bin", "report.json", "listing.json"], limits=limits)
    assert ran.failure is None
    assert ran.report() >= limits.output
    assert json.loads(ran.content("listing.json")) == ["a.bin", "report.json"]
    assert list((tmp_path / "work" / "loops").iterdir()) == []


def test_too_many_files_on_a_loop_device_are_output_too_large(run: Run) -> None:
    ran = run("fills_inodes", limits=small(output=2**31 + MIB))
    assert ran.failure is not None
    assert ran.failure.code == "OUTPUT_TOO_LARGE"


def test_a_disk_without_room_for_output_is_our_failure(sandbox: DockerSandbox, owner: Owner, tmp_path: Path) -> None:
    limits = small(output=shutil.disk_usage(tmp_path).total)
    with pytest.raises(EngineFailure, match="not enough disk"), sandbox.output_volume(owner=owner, limits=limits):
        pass


@pytest.fixture
def spied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """What `docker` was called with, written down by a `docker` that stands in front of the real one."""
    folder, note = tmp_path / "bin", tmp_path / "argv.json"
    folder.mkdir()
    spy = folder / "docker"
    write = f"import json, sys; json.dump(sys.argv[1:], open('{note}', 'w'))"
    spy.write_text(f'#!/bin/sh\npython3 -c "{write}" "$@"\nexec {shutil.which("docker")} "$@"\n')
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")

    def read() -> list[str]:
        argv: list[str] = json.loads(note.read_text())
        return argv

    return read


def test_the_printed_line_is_the_line_that_runs(run: Run, spied: Callable[[], list[str]]) -> None:
    assert run("good").failure is None
    argv = spied()
    own = ("--name=", "--label=")
    executed = [word for word in argv[1:-1] if not word.startswith((*own, "--volume="))]
    printed = printed_line(limits=small()).replace('"', "").split()
    assert argv[0] == "create"
    assert [word for word in printed[3:-1] if not word.startswith("--volume=")] == executed
    assert [word.split(":", 1)[1] for word in argv if word.startswith("--volume=")] == [
        "/input:ro",
        "/output:rw,nocopy",
    ]


@pytest.fixture
def created(engine: docker.DockerClient) -> Any:
    """create(argv) and inspect; removed afterwards, never started."""
    names: list[str] = []

    def create(argv: list[str]) -> Any:
        identity = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()
        names.append(identity)
        return engine.api.inspect_container(identity)

    yield create
    for name in names:
        engine.api.remove_container(name, force=True, v=True)


@pytest.mark.parametrize("uuids", [["GPU-1"], ["GPU-1", "GPU-2"]])
def test_a_gpu_is_asked_for_by_its_uuid(
    created: Any, build: Callable[..., ImageInfo], tmp_path: Path, uuids: list[str]
) -> None:
    argv = create_argv(
        limits=small(gpus=len(uuids)),
        image=build("good").reference,
        input_mount=str(tmp_path),
        output_mount=str(tmp_path),
        gpu_uuids=uuids,
        name=f"assay-test-gpu-{tmp_path.name}-{len(uuids)}",
        labels={"assay.test": "sandbox"},
    )
    [request] = created(argv)["HostConfig"]["DeviceRequests"]
    assert request["DeviceIDs"] == uuids
    assert request["Capabilities"] == [["gpu"]]
    assert request["Count"] == 0


def test_the_engine_was_told_every_wall(created: Any, build: Callable[..., ImageInfo], tmp_path: Path) -> None:
    limits = small(user=RunUser.TEAM, pids=33, extra_tmpfs=("/cache",))
    argv = create_argv(
        limits=limits,
        image=build("good").reference,
        input_mount=str(tmp_path),
        output_mount=str(tmp_path),
        name=f"assay-test-walls-{tmp_path.name}",
        labels={"assay.test": "sandbox"},
    )
    found = created(argv)
    host = found["HostConfig"]
    assert host["NetworkMode"] == "none"
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert host["Memory"] == host["MemorySwap"] == limits.engine_memory
    assert host["PidsLimit"] == 33
    assert set(host["Tmpfs"]) == {"/tmp", "/cache"}
    assert found["Config"]["User"] == "65532:65532"
    assert not host["DeviceRequests"]
    assert len(sandbox_flags(limits=limits, input_mount="i", output_mount="o")) == len(argv) - 5


@pytest.mark.parametrize(
    ("line", "user"),
    [
        ("RUN mkdir /output && chown 1000 /output && chmod 700 /output", RunUser.ROOT_WITHOUT_CAPABILITIES),
        ("RUN mkdir /output", RunUser.TEAM),
        ("RUN mkdir /output && head -c 20000000 /dev/zero > /output/left", RunUser.ROOT_WITHOUT_CAPABILITIES),
    ],
)
def test_what_an_image_has_at_output_neither_fills_the_volume_nor_changes_its_owner(
    run: Run, build: Callable[..., ImageInfo], line: str, user: RunUser
) -> None:
    ran = run(build("good", line), limits=small(user=user))
    assert ran.failure is None
    assert ran.archive.unexpected == run("good").archive.unexpected, "nothing of the image lies in /output"
