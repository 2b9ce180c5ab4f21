"""A served site and a person with an empty home, for every test of the command."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from assay_kit import follow, http
from assay_kit.main import execute
from tests.unit.assay_kit.site import TOKEN, Server, Site

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, kw_only=True)
class Ran:
    code: int
    out: str
    err: str


@dataclass(kw_only=True)
class Person:
    """Somebody with a home, a working folder and an environment of their own."""

    home: Path
    work: Path
    environment: dict[str, str] = field(default_factory=dict)

    def process(self, *arguments: str) -> tuple[list[str], dict[str, str]]:
        """Command and environment of the real process."""
        kept = {key: os.environ[key] for key in ("PATH", "DOCKER_HOST", "TMPDIR") if key in os.environ}
        paths = os.pathsep.join(str(ROOT / part) for part in (".", "platform", "submissions"))
        environment = {**kept, "HOME": str(self.home), "PYTHONPATH": paths, "LANG": "C.UTF-8", **self.environment}
        return [sys.executable, "-m", "assay_kit", *arguments], environment

    def types(self, *arguments: str, stdin: str = "") -> Ran:
        """Run the command as a process of its own, with pipes in place of a terminal."""
        command, environment = self.process(*arguments)
        done = subprocess.run(
            command,
            env=environment,
            cwd=self.work,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(code=done.returncode, out=done.stdout, err=done.stderr)

    def runs(self, *arguments: str, stdin: str = "") -> Ran:
        """The same in this process: quicker, for what does not depend on being a process."""
        with pytest.MonkeyPatch.context() as patch:
            for name in [key for key in os.environ if key.startswith(("ASSAY_", "XDG_")) or key == "NO_COLOR"]:
                patch.delenv(name)
            patch.setenv("HOME", str(self.home))
            for name, value in self.environment.items():
                patch.setenv(name, value)
            patch.chdir(self.work)
            out, err = io.StringIO(), io.StringIO()
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            # waiting for a real site is not what these tests are about
            patch.setattr(follow, "RUNNING_EVERY", 0.01)
            patch.setattr(follow, "QUEUED_EVERY", 0.01)
            patch.setattr(http, "PAUSES", (0.0, 0.0, 0.0))
            code = execute(arguments)
        return Ran(code=code, out=out.getvalue(), err=err.getvalue())


@pytest.fixture
def site() -> Iterator[Site]:
    served = Server(Site())
    yield served.site
    served.stop()


@pytest.fixture
def stranger(tmp_path: Path) -> Person:
    """Has never signed in anywhere."""
    for name in ("home", "work"):
        (tmp_path / name).mkdir()
    return Person(home=tmp_path / "home", work=tmp_path / "work")


@pytest.fixture
def alice(stranger: Person, site: Site) -> Person:
    """A member of the team leeds, with the token in her environment."""
    stranger.environment = {"ASSAY_SITE": site.address, "ASSAY_TOKEN": TOKEN}
    return stranger


def lines(text: str) -> Sequence[str]:
    return [line.rstrip() for line in text.splitlines()]
