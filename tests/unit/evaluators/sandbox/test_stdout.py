"""Who in a container still holds its stdout, from folders as the kernel shows processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluators.sandbox.stdout import is_given_up

PIPE, OTHER = "pipe:[4711]", "/dev/null"
INIT, MAIN, CHILD = 100, 107, 108


def process(proc: Path, number: int, *descriptors: str, ends: bool = False) -> None:
    folder = proc / str(number) / "fd"
    folder.mkdir(parents=True)
    for place, target in enumerate(descriptors):
        (folder / str(place)).symlink_to(target)
    if not ends:
        (folder.parent / "exe").symlink_to("/usr/bin/python3")


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    process(tmp_path, INIT, OTHER, PIPE, "pipe:[4712]")
    return tmp_path


def given_up(proc: Path) -> bool:
    # one more had ended when it was looked at
    return is_given_up(processes=[INIT, MAIN, CHILD, 109], init=INIT, proc=proc)


def test_nobody_but_init_holds_it(proc: Path) -> None:
    process(proc, MAIN, OTHER, OTHER, "pipe:[4712]")
    process(proc, CHILD)
    assert given_up(proc)


def test_a_child_holds_it_or_the_main_process_under_another_number(proc: Path) -> None:
    process(proc, MAIN, OTHER, OTHER, OTHER)
    process(proc, CHILD, OTHER, OTHER, OTHER, PIPE)
    assert not given_up(proc)


def test_a_process_that_is_ending_has_not_closed_it_on_purpose(proc: Path) -> None:
    process(proc, MAIN, ends=True)
    assert not given_up(proc)


def test_before_the_command_has_started_nothing_is_said(proc: Path) -> None:
    assert not given_up(proc)


def test_where_the_processes_cannot_be_seen_nothing_is_said(tmp_path: Path) -> None:
    process(tmp_path, MAIN, OTHER)
    assert not given_up(tmp_path)
