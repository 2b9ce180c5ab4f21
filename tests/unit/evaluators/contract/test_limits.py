"""Limits as an organiser writes them, and what the engine is told."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from evaluators.contract.limits import EXTRA_TMPFS_BYTES, TEAM_UID, TMPFS_OUTPUT_CEILING, Limits, RunUser

GIB = 2**30


@pytest.mark.parametrize(
    ("written", "counted"),
    [
        ("64GiB", 64 * GIB),
        ("1.5GiB", 3 * GIB // 2),
        ("512 MiB", 512 * 2**20),
        ("10KiB", 10240),
        ("7B", 7),
        (4096, 4096),
    ],
)
def test_bytes_are_written_with_units(written: str | int, counted: int) -> None:
    assert Limits(memory=written).memory == counted


@pytest.mark.parametrize(
    ("written", "counted"), [("20h", 72_000), ("90min", 5400), ("30s", 30), ("2d", 172_800), (60, 60)]
)
def test_time_is_written_with_units(written: str | int, counted: int) -> None:
    assert Limits(time=written).time == counted


@pytest.mark.parametrize("written", ["64 gigs", "64GB", "GiB", "-1GiB", "", "0GiB", 0, -5])
def test_what_is_no_quantity_is_refused_with_an_example(written: str | int) -> None:
    with pytest.raises(ValidationError, match=r"GiB|greater than 0"):
        Limits(memory=written)


def test_unknown_limits_are_refused() -> None:
    with pytest.raises(ValidationError, match="swap"):
        Limits(swap="1GiB")  # type: ignore[call-arg]


def test_memory_for_the_engine_counts_every_page_that_lies_in_a_tmpfs() -> None:
    limits = Limits(memory=4 * GIB, shm=GIB, tmp=GIB, output=GIB, extra_tmpfs=("/root/.cache", "/opt/run"))
    assert limits.engine_memory == 7 * GIB + 2 * EXTRA_TMPFS_BYTES


def test_a_large_output_lies_on_a_disk_and_counts_no_memory() -> None:
    small, large = Limits(output=TMPFS_OUTPUT_CEILING), Limits(output=TMPFS_OUTPUT_CEILING + 1)
    assert small.output_in_memory
    assert not large.output_in_memory
    assert small.engine_memory - large.engine_memory == TMPFS_OUTPUT_CEILING


def test_the_user_of_a_run_owns_its_output() -> None:
    assert Limits().uid == 0
    assert Limits(user=RunUser.TEAM).uid == TEAM_UID
