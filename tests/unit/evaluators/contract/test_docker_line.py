"""The one docker line: printed, run and shown from the same function."""

from __future__ import annotations

import shlex
from typing import Any

from evaluators.contract.docker_line import create_argv, printed_line, sandbox_flags
from evaluators.contract.limits import Limits, RunUser

LIMITS = Limits(memory="4GiB", shm="64MiB", tmp="256MiB", output="1GiB", cpus=2, pids=512)


def argv(limits: Limits = LIMITS, **more: Any) -> list[str]:
    return create_argv(
        limits=limits,
        image="a" * 64,
        input_mount="/in",
        output_mount="vol",
        name="n",
        labels={"b": "2", "a": "1"},
        **more,
    )


def test_a_container_gets_no_network_no_capability_no_writable_root() -> None:
    line = argv()
    for flag in (
        "--network=none",
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        "--pids-limit=512",
    ):
        assert line.count(flag) == 1
    assert not [
        word
        for word in line
        if word.startswith(("--privileged", "--cap-add", "--device", "--pid=", "--security-opt=sec"))
    ]


def test_swap_never_adds_memory() -> None:
    memory = str(LIMITS.engine_memory)
    assert f"--memory={memory}" in argv()
    assert f"--memory-swap={memory}" in argv()


def test_input_is_read_only_and_nothing_else_is_mounted() -> None:
    mounts = [word for word in argv() if word.startswith(("--volume", "--mount", "--tmpfs"))]
    assert [mount.split(":size")[0] for mount in mounts] == [
        "--tmpfs=/tmp:rw,exec,nosuid,nodev,size=268435456,mode=1777",
        "--volume=/in:/input:ro",
        "--volume=vol:/output:rw,nocopy",
    ]


def test_the_run_line_is_the_printed_line_with_its_placeholders_filled() -> None:
    for limits in (LIMITS, Limits(user=RunUser.TEAM, extra_tmpfs=("/b", "/a"), gpus=1)):
        gpus = ["GPU-UUID"] if limits.gpus else []
        printed = shlex.split(printed_line(limits=limits))
        assert printed[:3] == ["docker", "run", "--rm"]
        assert printed[-1] == "IMAGE"
        run = argv(limits, gpu_uuids=gpus)
        own = [word for word in run if word.startswith(("--name=", "--label="))]
        assert own == ["--name=n", "--label=a=1", "--label=b=2"]
        filled = [word.replace("$PWD/input", "/in").replace("$PWD/output", "vol") for word in printed[3:-1]]
        filled[-1] += ",nocopy"  # a folder at home is never filled from the image, a volume would be
        assert [word for word in run[2:-1] if word not in own] == filled
        assert run[:2] == ["docker", "create"]
        assert run[-1] == "a" * 64


def test_a_container_that_is_asked_has_its_stdin_open_in_both_lines_and_no_other() -> None:
    assert shlex.split(printed_line(limits=LIMITS, interactive=True))[:4] == ["docker", "run", "--rm", "--interactive"]
    assert argv(interactive=True)[:3] == ["docker", "create", "--interactive"]
    assert [word for word in argv(interactive=True) if word != "--interactive"] == argv()


def test_one_gpu_is_asked_for_by_uuid_and_none_without() -> None:
    assert '--gpus="device=GPU-1"' in sandbox_flags(
        limits=LIMITS, input_mount="i", output_mount="o", gpu_uuids=["GPU-1"]
    )
    assert not [flag for flag in argv() if "gpu" in flag]


def test_the_uid_without_a_name_has_a_user_and_a_home() -> None:
    line = argv(Limits(user=RunUser.TEAM))
    assert {"--user=65532:65532", "--env=HOME=/tmp", "--env=USER=team", "--env=LOGNAME=team"} <= set(line)
