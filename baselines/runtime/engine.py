"""The few things the build asks of Docker: is an image there, build one from a small context, name it by its content."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from baselines.runtime.console import BuildFailed, output_of, say, tail


def image_id(reference: str) -> str | None:
    """The engine's id of a local image, `sha256:...`, or None."""
    try:
        return output_of(["docker", "image", "inspect", "--format", "{{.Id}}", reference])
    except BuildFailed:
        return None


def size_of(reference: str) -> int:
    """Bytes of a local image, unpacked."""
    return int(json.loads(output_of(["docker", "image", "inspect", "--format", "{{.Size}}", reference])))


def content_hash(*, parts: Sequence[str], files: Mapping[str, Path]) -> str:
    """64 hex digits over `parts` and over the names and bytes of `files`."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{len(part)}:{part}\n".encode())
    for name in sorted(files):
        content = files[name].read_bytes()
        digest.update(f"{name}:{len(content)}\n".encode() + content)
    return digest.hexdigest()


def tag_latest(*, name: str, content: str) -> str:
    """Let NAME:latest be the image of this content; returns NAME:<12 digits>."""
    exact = f"{name}:{content[:12]}"
    tag(exact, f"{name}:latest")
    return exact


def tag(exact: str, other: str) -> None:
    """Let `other` be the image that `exact` names."""
    if image_id(other) != image_id(exact):
        output_of(["docker", "tag", exact, other])


def build(
    *,
    name: str,
    content: str,
    dockerfile: Path,
    files: Mapping[str, Path],
    arguments: Mapping[str, str],
    labels: Mapping[str, str],
) -> str:
    """Build NAME:<12 digits of content> unless it is there, and move NAME:latest to it. Returns NAME:<12 digits>.

    files: name inside the build context -> file; nothing else is sent to the engine. Raises BuildFailed.
    """
    exact = f"{name}:{content[:12]}"
    if image_id(exact):
        say(f"{exact}  there already")
        return tag_latest(name=name, content=content)
    started = time.monotonic()
    command = ["docker", "build", "--tag", exact, "--file", "Dockerfile"]
    for key, value in arguments.items():
        command += ["--build-arg", f"{key}={value}"]
    for key, value in {**labels, "assay.content": content}.items():
        command += ["--label", f"{key}={value}"]
    # the log goes to a file: a pipe that nobody reads while the context is sent would block both
    with tempfile.TemporaryFile("w+") as log:
        with subprocess.Popen([*command, "-"], stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT) as process:
            assert process.stdin is not None  # noqa: S101 - asked for with PIPE
            try:
                _send_context(process=process, dockerfile=dockerfile, files=files)
                process.stdin.close()
            except BrokenPipeError:
                pass  # the engine refused early; its log says why
        if process.returncode:
            log.seek(0)
            raise BuildFailed(f"building {name} ended with {process.returncode}:\n{tail(log.read())}")
    tag_latest(name=name, content=content)
    output_of(["docker", "image", "prune", "--force", "--filter", "label=assay.stage=build"])
    say(f"{exact}  built in {time.monotonic() - started:.0f} s, {size_of(exact) / 1e6:.0f} MB")
    return exact


def _send_context(*, process: subprocess.Popen[bytes], dockerfile: Path, files: Mapping[str, Path]) -> None:
    with tarfile.open(fileobj=process.stdin, mode="w|") as tar:
        for arcname, path in {**files, "Dockerfile": dockerfile}.items():
            # fixed owner and time: the same content makes the same layers
            entry = tarfile.TarInfo(arcname)
            entry.size = path.stat().st_size
            entry.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            entry.mtime = 1_700_000_000
            with path.open("rb") as stream:
                tar.addfile(entry, stream)
