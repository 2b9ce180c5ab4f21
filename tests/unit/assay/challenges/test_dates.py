"""Dates as organisers write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assay.challenges.dates import parse_moment, parse_zone


@pytest.mark.parametrize(
    ("text", "zone", "wanted"),
    [
        ("2026-05-01 00:00", "UTC", "2026-05-01 00:00"),
        ("2026-05-01", "UTC", "2026-05-01 00:00"),
        ("2026-09-25 23:59", "AoE", "2026-09-26 11:59"),
        ("2026-09-25 23:59 AoE", "UTC", "2026-09-26 11:59"),
        ("2026-09-25T23:59:30Z", "AoE", "2026-09-25 23:59:30"),
        ("2026-09-25 23:59+02:00", "AoE", "2026-09-25 21:59"),
        ("2026-09-25 23:59 -0530", "AoE", "2026-09-26 05:29"),
        ("2026-07-01 12:00", "Europe/Zurich", "2026-07-01 10:00"),
        ("2026-12-01 12:00", "Europe/Zurich", "2026-12-01 11:00"),
        ("2026-07-01 12:00", "+05:30", "2026-07-01 06:30"),
    ],
)
def test_a_date_is_the_moment_that_its_writer_means(text: str, zone: str, wanted: str) -> None:
    assert parse_moment(text, zone=parse_zone(zone)) == datetime.fromisoformat(wanted).replace(tzinfo=UTC)


def test_until_a_day_means_until_its_end() -> None:
    assert parse_moment("2026-09-25", zone=parse_zone("AoE"), end=True) == datetime(2026, 9, 26, 12, tzinfo=UTC)
    assert parse_moment("2026-09-25 00:00", zone=UTC, end=True) == datetime(2026, 9, 25, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "2026-02-30", "25.09.2026", "2026-09-25 24:01", "2026"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no date|not in the calendar"):
        parse_moment(text, zone=UTC)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "+99:00", "../../etc/passwd", "/etc/passwd", "EU"])
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"no time zone|no offset"):
        parse_zone(name)


def test_a_date_at_the_edge_of_the_calendar_is_refused() -> None:
    with pytest.raises(ValueError, match="out of range"):
        parse_moment("9999-12-31", zone=parse_zone("AoE"), end=True)
