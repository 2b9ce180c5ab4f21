"""How the image build talks: one line a step, and one kind of error that says what to do."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Sequence


class BuildFailed(RuntimeError):
    """A step of the build did not work; the message says which and what to do."""


def say(line: str) -> None:
    """One line of progress, on stderr, at once."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def output_of(command: Sequence[str], *, timeout: float | None = None) -> str:
    """The stripped stdout of a command. Raises BuildFailed with the end of its stderr."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    except FileNotFoundError as error:
        raise BuildFailed(f"`{command[0]}` is not installed") from error
    if done.returncode:
        raise BuildFailed(
            f"{shlex.join(command)[:300]}\nended with {done.returncode}:\n{tail(done.stderr or done.stdout)}"
        )
    return done.stdout.strip()


def succeeds(command: Sequence[str]) -> bool:
    """Whether a command exits with 0; False also where it is not installed."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def tail(text: str, *, lines: int = 25) -> str:
    """The last lines of a log."""
    return "\n".join(text.strip().splitlines()[-lines:])
