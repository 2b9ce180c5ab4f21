"""Resolves the wheels of an image once, on the host, for the image's own Python; kept in var/wheels."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from baselines.runtime.console import BuildFailed, output_of, say, succeeds, tail
from baselines.runtime.engine import image_id

#: named in full: a bare `torch` brings 3 GB of CUDA
TORCH = "torch==2.13.0+cpu"
TORCH_ANY = "torch==2.13.0"


def pip_of(root: Path) -> list[str]:
    """The pip to resolve with: the project's own environment, else this Python's, else a throw-away one. Raises BuildFailed."""
    own = root / ".venv" / "bin" / "python"
    candidates = [[str(own), "-m", "pip"], [sys.executable, "-m", "pip"]]
    for candidate in candidates:
        if succeeds([*candidate, "--version"]):
            return candidate
    raise BuildFailed("no pip found: run `make setup`, or install python3-venv and python3-pip")


def wheels_for(
    *, root: Path, name: str, requirements: Sequence[str], pinned: Sequence[str], python: str, torch: bool
) -> Path:
    """A folder with every wheel that `requirements` need on that Python, pip's own among them, and requirements.txt.

    python: "3.11". pinned: versions that lower layers hold already. torch: add PyTorch, the CPU build where one is found.
    Made once per content; TORCH_INDEX (an index URL) is searched besides pip's own. Raises BuildFailed.
    """
    index = os.environ.get("TORCH_INDEX", "")
    key = "\n".join(
        [python, platform.machine(), *requirements, "--", *pinned, str(torch), index if torch else "", TORCH]
    )
    folder = root / "var" / "wheels" / f"{name}-py{python}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    if (folder / "requirements.txt").exists():
        return folder
    choices = [TORCH, TORCH_ANY] if torch else [""]
    problem = ""
    for choice in choices:
        wanted = [*requirements, *([choice] if choice else [])]
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        say(f"wheels for {name} (Python {python}): {' '.join(wanted)}")
        problem = _download(
            root=root, folder=folder, wanted=wanted, pinned=pinned, python=python, index=index if torch else ""
        )
        if not problem:
            # written last: its presence says that the folder is whole
            (folder / "requirements.txt").write_text("\n".join(wanted) + "\n")
            return folder
        if choice == TORCH:
            say(
                f"no {TORCH} for Python {python}; trying {TORCH_ANY} (set TORCH_INDEX to an index that has the CPU build)"
            )
    raise BuildFailed(f"the wheels of {name} could not be resolved:\n{problem}")


def _download(
    *, root: Path, folder: Path, wanted: Sequence[str], pinned: Sequence[str], python: str, index: str
) -> str:
    """The end of pip's error, empty when all is well."""
    constraints = folder / "pinned.txt"
    constraints.write_text("\n".join(pinned) + "\n")
    command = [*pip_of(root), "download", "--quiet", "--disable-pip-version-check", "--dest", str(folder)]
    command += [
        "--only-binary=:all:",
        "--python-version",
        python,
        "--implementation",
        "cp",
        "--constraint",
        str(constraints),
    ]
    command += [word for tag in _platform_tags() for word in ("--platform", tag)]
    command += ["--extra-index-url", index] if index else []
    done = subprocess.run([*command, "pip", *wanted], capture_output=True, text=True, check=False)
    return tail(done.stderr or done.stdout) or "pip gave no reason" if done.returncode else ""


def _platform_tags() -> list[str]:
    machine = platform.machine()
    # up to glibc 2.36, which Debian 12 has; newest first
    return [f"manylinux_2_{minor}_{machine}" for minor in range(36, 16, -1)] + [
        f"manylinux2014_{machine}",
        f"linux_{machine}",
    ]


def python_of(*, root: Path, image: str) -> str:
    """The Python version inside an image, such as "3.11"; asked once per image id, since starting a container takes a second."""
    note = root / "var" / "wheels" / f"python-of-{(image_id(image) or '').removeprefix('sha256:')[:12]}"
    if not note.exists():
        show = "import sys; print('%d.%d' % sys.version_info[:2])"
        found = output_of(["docker", "run", "--rm", "--network=none", image, "python3", "-c", show])
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(found)
    return note.read_text()
