"""What every test of the whole path holds: a running site with its command, and images that it built."""

from __future__ import annotations

import io
import shutil
import socket
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import docker

from compose.native import BIN, ROOT, Stack


@dataclass(kw_only=True)
class Served:
    """A stack and the token of its organiser."""

    stack: Stack
    token: str
    built: list[str] = field(default_factory=list)

    def assay(self, *words: str, stdin: str = "", codes: tuple[int, ...] = (0,)) -> str:
        """The command as a person types it; its stdout."""
        done = subprocess.run(
            [str(BIN / "assay"), "--site", self.stack.url, *words],
            env={**self.stack.env(), "ASSAY_TOKEN": self.token},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            timeout=300,
        )
        assert done.returncode in codes, f"assay {words} gave {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def build(self, tag: str, *, dockerfile: str, container: Path) -> str:
        """`tag`, of an image made once from a Dockerfile and the one script that it copies as container.py."""
        if tag not in self.built:
            context = io.BytesIO()
            with tarfile.open(fileobj=context, mode="w") as tar:
                for name, content in (("Dockerfile", dockerfile.encode()), ("container.py", container.read_bytes())):
                    member = tarfile.TarInfo(name)
                    member.size = len(content)
                    tar.addfile(member, io.BytesIO(content))
            context.seek(0)
            docker.from_env().images.build(fileobj=context, custom_context=True, tag=tag, rm=True)
            self.built.append(tag)
        return tag

    def remove_images(self) -> None:
        """Those that were built here."""
        engine = docker.from_env()
        for tag in self.built:
            engine.images.remove(tag, force=True)


@contextmanager
def site_in(folder: Path, *, team: str, title: str, **environment: str) -> Iterator[tuple[Stack, str]]:
    """A running site with all that it keeps below `folder`, no evaluator yet, and the token of its organiser, who leads `team`."""
    stack = Stack(
        var=folder / "site",
        work_root=folder / "evaluator",
        port=free_port(),
        environment={"ASSAY_DATABASE_URL": f"sqlite:///{folder / 'site' / 'site.sqlite3'}", **environment},
    )
    with kept_small(stack):
        stack.prepare()
        token = stack.manage(
            "assay_user", "--username", "organiser", "--email", "organiser@assay.example", "--organiser",
            "--team", team, "--team-name", title, "--token-name", "tests",
        )  # fmt: skip
        stack.start_site()
        yield stack, token


@contextmanager
def kept_small(stack: Stack) -> Iterator[None]:
    """The stack, and afterwards no images: gigabytes a site would fill the disk of a whole run. Logs and results stay."""
    try:
        with stack:
            yield
    finally:
        shutil.rmtree(stack.var / "images", ignore_errors=True)


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
