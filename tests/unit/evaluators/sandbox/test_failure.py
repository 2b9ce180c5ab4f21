"""From what was measured to what a team is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evaluators.contract.limits import Limits
from evaluators.sandbox.failure import failure_of
from evaluators.sandbox.interface import RunOutcome, Usage

LIMITS = Limits(time=60, memory="96MiB", output="16MiB", output_files=100)
USAGE = Usage(present=3, bytes_used=2**20, bytes_total=2**24, inodes_used=4, inodes_total=101)
GOOD = RunOutcome(
    exit_code=0, oom_killed=False, timed_out=False, cancelled=False, seconds=5.0, peak_memory=2**20, usage=USAGE
)
FULL = replace(USAGE, bytes_used=2**24)
CROWDED = replace(USAGE, inodes_used=101)


def code(**changes: object) -> str | None:
    note = failure_of(outcome=replace(GOOD, **changes), limits=LIMITS)  # type: ignore[arg-type]
    return None if note is None else note.code


def test_a_run_that_ended_well_with_files_is_no_failure() -> None:
    assert code() is None


def test_a_full_output_comes_before_anything_else() -> None:
    assert code(usage=FULL, exit_code=1) == "OUTPUT_TOO_LARGE"
    assert code(usage=CROWDED, timed_out=True, exit_code=137) == "OUTPUT_TOO_LARGE"
    assert code(usage=FULL, oom_killed=True, exit_code=137) == "OUTPUT_TOO_LARGE"
    assert code(usage=replace(FULL, present=0)) == "OUTPUT_TOO_LARGE"


def test_a_rest_smaller_than_a_failed_write_leaves_counts_as_full_and_a_larger_one_does_not() -> None:
    assert code(usage=replace(USAGE, bytes_used=2**24 - 4096)) == "OUTPUT_TOO_LARGE"
    assert code(usage=replace(USAGE, bytes_used=2**24 - 2**17)) is None


def test_time_comes_before_memory_and_memory_before_the_exit_code() -> None:
    assert code(timed_out=True, oom_killed=True, exit_code=137) == "TIMEOUT"
    assert code(oom_killed=True, exit_code=137) == "OOM_RAM"


def test_killed_for_memory_is_oom_ram_although_it_exits_with_0() -> None:
    assert code(oom_killed=True, exit_code=0) == "OOM_RAM"


def test_137_without_the_engines_mark_is_only_an_exit_code() -> None:
    assert code(exit_code=137) == "EXIT_CODE"


@pytest.mark.parametrize(
    ("exit_code", "words"),
    [
        (3, "exit code 3"),
        (127, "exit code 127: its command was not found in the image"),
        (126, "exit code 126: its command could not be executed"),
        (139, "exit code 139 (SIGSEGV)"),
    ],
)
def test_the_exit_code_is_told_with_its_number(exit_code: int, words: str) -> None:
    note = failure_of(outcome=replace(GOOD, exit_code=exit_code), limits=LIMITS)
    assert note is not None
    assert note.detail == words


def test_nothing_written_is_no_output_only_after_a_good_end() -> None:
    assert code(usage=replace(USAGE, present=0)) == "NO_OUTPUT"
    assert code(usage=replace(USAGE, present=0), exit_code=1) == "EXIT_CODE"


def test_a_cancelled_run_is_nobodys_failure_whatever_it_left() -> None:
    assert code(cancelled=True, exit_code=137, usage=FULL) is None
