"""The image assay/tools on this machine's engine: what keeps /output mounted and copies it out, as beside every run of a worker.

It is built from the installed kit once a release, on any image with Python: no registry of ours is needed.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import docker
import docker.errors
import requests

import evaluators
from assay_kit.rehearsal.errors import CheckBroken

_REPOSITORY = "assay/tools"
#: the project's own base where it is there, else the public image that it is made from
_BASES = ("assay/base:latest", "python:3.11-slim-bookworm")


def bring_tools(client: docker.DockerClient) -> str:
    """The tag of the image for this release of the kit, built where the engine has none. Raises CheckBroken."""
    context = _context()
    # the time stamps inside are fixed: the same release makes the same name
    tag = f"{_REPOSITORY}:kit-{hashlib.sha256(context).hexdigest()[:12]}"
    try:
        if not _has(client, tag):
            base = next((name for name in _BASES if _has(client, name)), _BASES[-1])
            client.images.build(
                fileobj=io.BytesIO(context), custom_context=True, tag=tag, buildargs={"BASE": base}, rm=True
            )
    except (docker.errors.DockerException, requests.RequestException) as error:
        raise CheckBroken(
            f"the engine cannot build {tag}: {error}",
            code="TOOLS_IMAGE",
            next=f"docker pull {_BASES[-1]}, then try again",
        ) from error
    return tag


def _has(client: docker.DockerClient, name: str) -> bool:
    try:
        client.images.get(name)
    except docker.errors.ImageNotFound:
        return False
    return True


def _context() -> bytes:
    """Dockerfile and sources as a tar, the same bytes every time."""
    root = Path(evaluators.__file__).parent
    folder = root / "sandbox" / "tools"
    sources = [root / "__init__.py", root / "sandbox" / "__init__.py", *sorted(folder.glob("*.py"))]
    files = {"Dockerfile": folder / "Dockerfile"}
    files |= {path.relative_to(root.parent).as_posix(): path for path in sources}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, path in files.items():
            member = tarfile.TarInfo(name)
            member.size = path.stat().st_size
            member.mode = 0o644
            with path.open("rb") as file:
                tar.addfile(member, file)
    return packed.getvalue()
