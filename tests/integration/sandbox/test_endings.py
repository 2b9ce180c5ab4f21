"""How a run can end, each through the real engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from evaluators.sandbox.interface import ImageInfo, Observation
from tests.integration.sandbox.conftest import MIB, Ran, small

Run = Callable[..., Ran]
pytestmark = pytest.mark.engine


def test_a_good_container_has_no_failure_and_its_files_are_copied_out(run: Run) -> None:
    ran = run("good")
    assert ran.failure is None
    assert ran.content("a.bin") == b"a.bin" * 1000
    assert ran.content("deep/er/b.bin") == b"deep/er/b.bin" * 1000
    assert ran.archive.unexpected == 1
    assert ran.outcome.usage.present == 2
    assert ran.outcome.seconds > 0
    assert ran.outcome.peak_memory is not None


def test_the_same_files_have_the_same_digest_and_others_another_one(run: Run) -> None:
    first, second, fewer = run("good"), run("good"), run("good", expected=["a.bin"])
    assert first.archive.digest == second.archive.digest != fewer.archive.digest


def test_exit_code_3_is_told_with_its_number(run: Run) -> None:
    ran = run("exits_3", log_bytes=4096)
    assert ran.failure is not None
    assert (ran.failure.code, ran.failure.detail) == ("EXIT_CODE", "exit code 3")
    assert "about to fail" in ran.outcome.log


def test_a_hidden_phase_keeps_no_word_of_the_container(run: Run) -> None:
    assert run("exits_3").outcome.log == ""


def test_writing_nothing_is_no_output(run: Run) -> None:
    ran = run("writes_nothing")
    assert ran.failure is not None
    assert ran.failure.code == "NO_OUTPUT"
    assert {note.code for note in ran.archive.failures.values()} == {"MISSING_FILE"}


def test_a_container_that_ignores_sigterm_is_stopped_when_its_time_is_up(run: Run) -> None:
    ran = run("never_ends", limits=small(time=2))
    assert ran.failure is not None
    assert ran.failure.code == "TIMEOUT"
    assert 2 <= ran.outcome.seconds < 20


def test_a_cancelled_run_ends_at_once_and_is_nobodys_failure(run: Run) -> None:
    seen: list[Observation] = []
    ran = run("never_ends", observe=seen.append, every=0.2, cancelled=lambda: bool(seen))
    assert ran.outcome.cancelled
    assert ran.failure is None


def test_eating_memory_is_oom_ram(run: Run) -> None:
    ran = run("eats_memory")
    assert ran.failure is not None
    assert ran.failure.code == "OOM_RAM"


def test_a_child_killed_for_memory_is_oom_ram_although_the_container_exits_with_0(run: Run) -> None:
    ran = run("child_eats_memory")
    assert ran.outcome.exit_code == 0
    assert ran.failure is not None
    assert ran.failure.code == "OOM_RAM"


@pytest.mark.parametrize("behaviour", ["fills_bytes", "fills_inodes"])
def test_filling_output_is_output_too_large_by_bytes_and_by_files(run: Run, behaviour: str) -> None:
    ran = run(behaviour)
    assert ran.failure is not None
    assert ran.failure.code == "OUTPUT_TOO_LARGE"
    assert ran.outcome.exit_code != 0


def test_a_full_output_that_is_cleared_again_was_full_all_the_same(run: Run) -> None:
    ran = run("fills_bytes_and_hides_it", every=0.5)
    assert ran.outcome.exit_code == 0
    assert ran.failure is not None
    assert ran.failure.code == "OUTPUT_TOO_LARGE"


def test_output_pages_count_as_memory_but_filling_it_is_not_out_of_memory(run: Run) -> None:
    ran = run("fills_bytes", limits=small(memory=48 * MIB, output=256 * MIB))
    assert ran.failure is not None
    assert ran.failure.code == "OUTPUT_TOO_LARGE"


def test_files_are_counted_from_outside_while_it_runs(run: Run) -> None:
    seen: list[Observation] = []
    run("writes_one_by_one", expected=["a.bin", "b.bin", "c.bin", "d.bin"], observe=seen.append, every=0.3)
    counts = [observation.usage.present for observation in seen]
    assert counts == sorted(counts)
    assert {1, 2, 3} <= set(counts)
    assert all(observation.memory for observation in seen)


def test_a_command_that_is_not_in_the_image_is_exit_code_127(run: Run, build: Callable[..., ImageInfo]) -> None:
    ran = run(build("good", 'ENTRYPOINT ["/app/not-there"]'))
    assert ran.failure is not None
    assert ran.failure.detail == "exit code 127: its command was not found in the image"


def test_an_image_that_names_no_command_is_told_so_without_being_run(run: Run, build: Callable[..., ImageInfo]) -> None:
    nameless = ImageInfo(reference=build("good").reference, config_digest="0" * 64, size=1, has_command=False)
    ran = run(nameless)
    assert not ran.outcome.started
    assert ran.failure is not None
    assert ran.failure.code == "EXIT_CODE"
