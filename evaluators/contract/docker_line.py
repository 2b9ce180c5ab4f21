"""The one `docker` line: printed on the phase page, run by the worker, shown by `assay check`. Nobody else writes a sandbox flag."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from evaluators.contract.limits import EXTRA_TMPFS_BYTES, Limits

#: stands for the host folder or volume in the printed line
INPUT_PLACEHOLDER = "$PWD/input"
OUTPUT_PLACEHOLDER = "$PWD/output"
IMAGE_PLACEHOLDER = "IMAGE"
GPU_PLACEHOLDER = "GPU-UUID"


def sandbox_flags(
    *,
    limits: Limits,
    input_mount: str,
    output_mount: str,
    gpu_uuids: Sequence[str] = (),
    interactive: bool = False,
) -> list[str]:
    """Every flag that seals a submitted container off, in a fixed order.

    input_mount, output_mount: host folder or volume name; /input is mounted read-only.
    gpu_uuids: as nvidia-smi names them; empty on a machine without. interactive: its stdin is open, as per_case mode needs.
    """
    memory = limits.engine_memory
    flags = [
        "--network=none",
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        f"--pids-limit={limits.pids}",
        f"--memory={memory}",
        f"--memory-swap={memory}",
        f"--cpus={limits.cpus:g}",
        f"--shm-size={limits.shm}",
        f"--user={limits.uid}:{limits.uid}",
        "--init",
        "--ipc=private",
        "--log-driver=json-file",
        "--log-opt=max-size=1m",
        "--log-opt=max-file=1",
        "--env=HOME=/tmp",
        "--env=USER=team",
        "--env=LOGNAME=team",
        # exec stays allowed: torch and numba compile into /tmp
        f"--tmpfs=/tmp:rw,exec,nosuid,nodev,size={limits.tmp},mode=1777",
    ]
    if interactive:
        flags.insert(0, "--interactive")
    flags += [
        f"--tmpfs={path}:rw,nosuid,nodev,size={EXTRA_TMPFS_BYTES},mode=1777" for path in sorted(limits.extra_tmpfs)
    ]
    if gpu_uuids:
        # docker parses the value as CSV: several devices need the inner quotes
        flags.append('--gpus="device={}"'.format(",".join(gpu_uuids)))
    else:
        # where NVIDIA's runtime is the engine's default, the image's own ENV could ask for every card
        flags.append("--env=NVIDIA_VISIBLE_DEVICES=void")
    flags += [f"--volume={input_mount}:/input:ro", f"--volume={output_mount}:/output:rw"]
    return flags


def create_argv(
    *,
    limits: Limits,
    image: str,
    input_mount: str,
    output_mount: str,
    gpu_uuids: Sequence[str] = (),
    name: str,
    labels: Mapping[str, str],
    interactive: bool = False,
) -> list[str]:
    """What the worker executes: `docker create` with the sandbox flags and our own name and labels before the image."""
    flags = sandbox_flags(
        limits=limits,
        input_mount=input_mount,
        output_mount=output_mount,
        gpu_uuids=gpu_uuids,
        interactive=interactive,
    )
    if not output_mount.startswith("/"):
        # a named volume would first be filled with what the image has at /output, owner and mode included; a folder never is
        flags[-1] += ",nocopy"
    own = [f"--name={name}", *(f"--label={key}={value}" for key, value in sorted(labels.items()))]
    return ["docker", "create", *flags, *own, image]


def printed_line(*, limits: Limits, image: str = IMAGE_PLACEHOLDER, interactive: bool = False) -> str:
    """What a person pastes: the same flags behind `docker run --rm`, with placeholders for folders and GPU."""
    flags = sandbox_flags(
        limits=limits,
        input_mount=INPUT_PLACEHOLDER,
        output_mount=OUTPUT_PLACEHOLDER,
        gpu_uuids=[GPU_PLACEHOLDER] if limits.gpus else (),
        interactive=interactive,
    )
    # double quotes keep $PWD alive in the shell
    words = [f'"{flag}"' if "$" in flag else shlex.quote(flag) for flag in flags]
    return " ".join(["docker", "run", "--rm", *words, image])
