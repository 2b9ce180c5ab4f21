"""Memory numbers of both cgroup versions, from files as the kernel writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluators.sandbox.cgroup import memory_group

CONTAINER = "c0ffee" * 10


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    (tmp_path / "proc" / "7").mkdir(parents=True)
    return tmp_path


def group_of(machine: Path, line: str) -> object:
    (machine / "proc" / "7" / "cgroup").write_text(f"11:cpu,cpuacct:/docker/{CONTAINER}\n{line}\n0::/\n")
    return memory_group(pid=7, container=CONTAINER, proc=machine / "proc", root=machine / "cgroup")


def test_version_1_tells_use_peak_and_kills(machine: Path) -> None:
    folder = machine / "cgroup" / "memory" / "docker" / CONTAINER
    folder.mkdir(parents=True)
    (folder / "memory.usage_in_bytes").write_text("100\n")
    (folder / "memory.max_usage_in_bytes").write_text("300\n")
    (folder / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
    (machine / "proc" / "7" / "cgroup").write_text(f"9:memory:/docker/{CONTAINER}\n")
    group = memory_group(pid=7, container=CONTAINER, proc=machine / "proc", root=machine / "cgroup")
    assert group is not None
    reading = group.read()
    assert reading is not None
    assert (reading.used, reading.peak, reading.kills) == (100, 300, 2)


@pytest.mark.parametrize(("peak", "told"), [("300\n", 300), (None, None)])
def test_version_2_tells_the_same_and_no_peak_on_an_old_kernel(
    machine: Path, peak: str | None, told: int | None
) -> None:
    path = f"system.slice/docker-{CONTAINER}.scope"
    folder = machine / "cgroup" / path
    folder.mkdir(parents=True)
    (folder / "memory.current").write_text("100\n")
    (folder / "memory.events").write_text("low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\n")
    if peak:
        (folder / "memory.peak").write_text(peak)
    (machine / "proc" / "7" / "cgroup").write_text(f"0::/{path}\n")
    group = memory_group(pid=7, container=CONTAINER, proc=machine / "proc", root=machine / "cgroup")
    assert group is not None
    reading = group.read()
    assert reading is not None
    assert (reading.used, reading.peak, reading.kills) == (100, told, 1)


def test_a_process_of_another_container_with_the_same_number_is_not_taken_for_it(machine: Path) -> None:
    assert group_of(machine, "9:memory:/docker/another") is None


def test_a_container_that_is_gone_reads_as_nothing(machine: Path) -> None:
    assert memory_group(pid=8, container=CONTAINER, proc=machine / "proc", root=machine / "cgroup") is None
