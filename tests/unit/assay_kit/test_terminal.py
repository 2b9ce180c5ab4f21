"""The same command on a terminal and in a pipe."""

from __future__ import annotations

import os
import pty
import subprocess
import time
from pathlib import Path

import pytest

from assay_kit.console import Output
from tests.unit.assay_kit.conftest import Person
from tests.unit.assay_kit.site import Site, board, board_row, failed

ADDRESS = "demo/cine-multicoil/test"


def on_a_terminal(person: Person, *arguments: str, typed: str = "") -> str:
    """What a person sees: stdout and stderr of the command together, as bytes for the terminal."""
    command, environment = person.process(*arguments)
    ours, theirs = pty.openpty()
    environment = {**environment, "TERM": "xterm-256color", "COLUMNS": "200"}
    started = subprocess.Popen(
        command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, cwd=person.work, close_fds=True
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    seen = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end was closed
            break
        if not part:
            break
        seen += part
    os.close(ours)
    started.wait(timeout=30)
    return seen.decode()


@pytest.fixture
def ranked(site: Site) -> Site:
    site.boards[ADDRESS] = board(board_row(1.0, "promptnet"), board_row(2.0, "\x1b]0;evil\x07", baseline=True))
    return site


def test_a_terminal_gets_a_drawn_table(alice: Person, ranked: Site) -> None:
    seen = on_a_terminal(alice, "board", ADDRESS)

    assert "\x1b[1m" in seen
    assert "promptnet" in seen


def test_a_hostile_name_is_made_harmless_on_a_terminal_too(alice: Person, ranked: Site) -> None:
    seen = on_a_terminal(alice, "board", ADDRESS)

    assert "\x1b]0;" not in seen
    assert "␛]0;evil" in seen


@pytest.mark.parametrize("how", ["flag", "environment"])
def test_no_color_means_no_color(alice: Person, site: Site, ranked: Site, how: str) -> None:
    flags = ["--no-color"] if how == "flag" else []
    if how == "environment":
        alice.environment["NO_COLOR"] = "1"
    site.submission(**failed())

    assert "\x1b[" not in on_a_terminal(alice, "board", ADDRESS, *flags)
    assert "\x1b[" not in on_a_terminal(alice, "status", "4F7Q", *flags)


@pytest.mark.parametrize(
    "arguments", [("board", ADDRESS), ("phases",), ("status", "4F7Q", "--wait"), ("show", "nope"), ("-h",)]
)
def test_a_pipe_never_gets_ansi_even_when_colour_is_forced(
    alice: Person, site: Site, ranked: Site, arguments: tuple[str, ...]
) -> None:
    site.submission(**failed())
    alice.environment |= {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1", "TERM": "xterm-256color"}

    ran = alice.types(*arguments)

    assert "\x1b" not in ran.out + ran.err


def test_a_terminal_shows_the_sentence_while_it_waits(alice: Person, site: Site) -> None:
    site.submission()
    site.script = [{}, {"state": "running", "sentence": "files present 4 of 6"}, failed()]

    seen = on_a_terminal(alice, "status", "4F7Q", "--wait")

    assert "waits for a worker" in seen
    assert "failed: OOM_RAM" in seen


@pytest.mark.parametrize(("typed", "applied"), [("y\n", 1), ("n\n", 0)])
def test_a_person_is_asked_before_a_challenge_is_applied(alice: Person, site: Site, typed: str, applied: int) -> None:
    (alice.work / "demo.yaml").write_text("challenge: demo\n")

    seen = on_a_terminal(alice, "challenge", "apply", "demo.yaml", typed=typed)

    assert f"Apply demo.yaml at {site.address}?" in seen
    assert len(site.applied) == applied


def test_a_person_is_not_asked_when_that_is_forbidden(alice: Person, site: Site) -> None:
    (alice.work / "demo.yaml").write_text("challenge: demo\n")

    assert "say --yes" in on_a_terminal(alice, "challenge", "apply", "demo.yaml", "--no-input")
    assert not site.applied


def test_without_a_terminal_progress_is_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter(range(0, 100, 3))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))

    with Output().progress(label="sent", total=10 * 2**20) as progress:
        for _ in range(10):
            progress.advance(2**20)

    assert capsys.readouterr().err == "sent: 4 MiB of 10 MiB\nsent: 8 MiB of 10 MiB\n"


def test_a_reader_that_has_seen_enough_is_no_crash(alice: Person, ranked: Site, tmp_path: Path) -> None:
    command, environment = alice.process("board", ADDRESS)
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.close()
        assert b"Traceback" not in run.stderr.read()
