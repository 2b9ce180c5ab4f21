"""The leaderboard in a terminal's words."""

from __future__ import annotations

import json
import subprocess

import pytest

from evaluators.contract.boards import BoardCertainty
from tests.unit.assay_kit.conftest import Person
from tests.unit.assay_kit.site import Site, board, board_row

ADDRESS = "demo/cine-multicoil/test"


@pytest.fixture
def ranked(site: Site) -> Site:
    site.boards[ADDRESS] = board(
        board_row(1.0, "promptnet"),
        board_row(2.5, "varnet", cases=4, failures={"MISSING_FILE": 2}),
        board_row(2.5, "unet", baseline=True, metrics={"ssim": None, "nmse": 0.0}),
        board_row(None, "late", seconds=None, seconds_a_case=None, peak_memory=None),
    )
    return site


def test_every_method_has_a_line_with_the_columns_own_digits(alice: Person, ranked: Site) -> None:
    out = alice.runs("board", ADDRESS).out.splitlines()

    assert out[0].split("  ")[0] == "RANK"
    assert "SSIM ↑" in out[0]
    assert "NMSE ↓" in out[0]
    assert out[1].split() == ["1", "promptnet", "leeds", "0.962", "0.0061", "6/6", "2.07", "0.75"]


def test_missing_is_shown_as_missing_and_zero_as_zero(alice: Person, ranked: Site) -> None:
    unet = next(line for line in alice.runs("board", ADDRESS).out.splitlines() if "unet" in line)

    assert unet.split() == ["2.5", "◆", "unet", "leeds", "–", "0.0000", "6/6", "2.07", "0.75"]


def test_missing_cases_and_unranked_methods_are_told_with_their_reason(alice: Person, ranked: Site) -> None:
    out = alice.runs("board", ADDRESS).out

    assert "4/6" in out
    assert "† varnet: MISSING_FILE 2" in out
    assert "not ranked: broken, delft: OOM_RAM" in out


@pytest.mark.parametrize("typed", ["AF=10", "af = 10"])
def test_the_site_ranks_over_a_stratum_that_is_named_in_any_case(alice: Person, ranked: Site, typed: str) -> None:
    ranked.boards[f"{ADDRESS}?af=10"] = board(board_row(1.0, "varnet", metrics={"ssim": 0.91, "nmse": None}))

    out = alice.runs("board", ADDRESS, "--stratum", typed).out.splitlines()

    assert out[1].split() == ["1", "varnet", "leeds", "0.910", "–", "6/6", "2.07", "0.75"]


def test_an_unknown_stratum_is_exit_code_5_with_a_suggestion(alice: Person, ranked: Site) -> None:
    ran = alice.runs("board", ADDRESS, "--stratum", "af=11")

    assert ran.code == 5
    assert "did you mean af=10?" in ran.err


def test_a_run_that_was_not_measured_has_dashes_for_time_and_memory(alice: Person, ranked: Site) -> None:
    late = next(line for line in alice.runs("board", ADDRESS).out.splitlines() if "late" in line)

    assert late.split()[-3:] == ["6/6", "–", "–"]


def test_the_site_decides_about_a_stratum_while_nobody_stands_there(alice: Person, site: Site) -> None:
    site.boards[ADDRESS] = site.boards[f"{ADDRESS}?af=10"] = board()

    assert alice.runs("board", ADDRESS, "--stratum", "AF=10").code == 0
    assert alice.runs("board", ADDRESS, "--stratum", "AF=11").code == 5


def test_json_rows_have_the_form_of_the_demos_leaderboard(alice: Person, ranked: Site) -> None:
    told = json.loads(alice.runs("board", ADDRESS, "--json").out)

    assert told["phase"] == ADDRESS
    assert told["rows"][0] == {
        "rank": 1,
        "rank_low": None,
        "rank_high": None,
        "group": "",
        "change": None,
        "team": "leeds",
        "method": "promptnet",
        "baseline": False,
        "metrics": {"ssim": 0.9618, "nmse": 0.00612},
        "strata": {"af=4": {"ssim": 0.98, "nmse": 0.004}, "af=10": {"ssim": 0.91, "nmse": None}},
        "cases": 6,
        "failures": {},
        "seconds_a_case": 12.4 / 6,
        "peak_memory": 805306368,
        "predictions": False,
        "note": "",
    }
    assert [row["rank"] for row in told["rows"]] == [1, 2.5, 2.5, None]


def test_json_tells_of_how_many_cases_and_in_which_units_as_the_page_does(alice: Person, ranked: Site) -> None:
    told = json.loads(alice.runs("board", ADDRESS, "--json").out)

    assert (told["dataset"], told["cases"], told["units"]) == ("cine-test@1", 6, 2)
    assert (told["rule"], told["gate"]) == ("sum_of_ranks", "")
    assert told["columns"][1] == {"key": "nmse", "title": "NMSE", "unit": "1", "better": "lower", "ranks": True}


def test_how_many_pass_the_gate_of_a_board_of_speed_is_told_behind_the_rule(alice: Person, site: Site) -> None:
    gate = "6 methods stand here, 4 of them pass the gate."
    site.boards[ADDRESS] = board(board_row(1.0, "promptnet")).model_copy(update={"gate": gate})

    assert f"sum_of_ranks {gate}" in alice.runs("board", ADDRESS).err
    assert json.loads(alice.runs("board", ADDRESS, "--json").out)["gate"] == gate


def test_ranges_and_groups_stand_beside_the_ranks_with_what_they_mean(alice: Person, site: Site) -> None:
    told = board(
        board_row(1.0, "promptnet", rank_low=1.0, rank_high=2.0, group="a"),
        board_row(2.0, "varnet", rank_low=1.0, rank_high=2.0, group="ab"),
        board_row(3.0, "unet", rank_low=3.0, rank_high=3.0, group="b"),
        board_row(None, "zero-filled", baseline=True),
    )
    told.certainty = BoardCertainty(state="ready", intervals="in 1,000 resamples", groups="level .05, Holm")
    site.boards[ADDRESS] = told

    ran = alice.runs("board", ADDRESS)

    lines = ran.out.splitlines()
    assert lines[0].split()[:4] == ["RANK", "RANGE", "GROUP", "METHOD"]
    assert [line.split()[:3] for line in lines[1:4]] == [["1", "1-2", "a"], ["2", "1-2", "ab"], ["3", "3", "b"]]
    assert lines[4].split()[:3] == ["–", "–", "–"]
    assert "RANGE: in 1,000 resamples" in ran.err
    assert "GROUP: level .05, Holm" in ran.err


def test_a_board_whose_ranges_are_being_computed_says_so_and_shows_the_ranks(alice: Person, site: Site) -> None:
    told = board(board_row(1.0, "promptnet"), board_row(2.0, "varnet"))
    told.certainty = BoardCertainty(state="waiting")
    site.boards[ADDRESS] = told

    ran = alice.runs("board", ADDRESS)

    assert "are being computed for these scores" in ran.err
    assert [line.split()[:2] for line in ran.out.splitlines()[1:3]] == [["1", "promptnet"], ["2", "varnet"]]


def test_an_organiser_publishes_a_board_that_is_read_by_its_name_ever_after(alice: Person, ranked: Site) -> None:
    ran = alice.runs("challenge", "publish", ADDRESS)
    assert ran.out.split() == ["2026-10-01-1", f"https://assay.example/c/{ADDRESS}/board/2026-10-01-1"]
    ranked.boards[ADDRESS] = board(board_row(1.0, "newcomer"))

    assert "promptnet" in alice.runs("board", ADDRESS, "--snapshot", "2026-10-01-1").out
    assert alice.runs("board", ADDRESS, "--snapshot", "2026-10-02-1").code == 5
    assert alice.runs("board", ADDRESS, "--snapshot", "2026-10-01-1", "--stratum", "af=10").code == 2


def test_places_won_since_the_snapshot_have_a_column(alice: Person, site: Site) -> None:
    told = board(board_row(1.0, "up", change=2.0), board_row(2.0, "same", change=0.0), board_row(3.0, "late", new=True))
    told.since = "2026-10-01-1"
    site.boards[ADDRESS] = told

    ran = alice.runs("board", ADDRESS)

    assert [line.split()[1] for line in ran.out.splitlines()[:4]] == ["CHANGE", "+2", "=", "new"]
    assert "places won since the snapshot 2026-10-01-1" in ran.err


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        (["--csv"], f"boards/{ADDRESS}.csv {{}}"),
        (["--latex"], f"boards/{ADDRESS}.tex {{}}"),
        (["--latex", "--stratum", "AF=10"], f"boards/{ADDRESS}.tex {{'stratum': 'af=10'}}"),
        (["--csv", "--snapshot", "2026-10-01-1"], f"boards/{ADDRESS}/snapshots/2026-10-01-1.csv {{}}"),
    ],
)
def test_a_file_is_the_sites_own_byte_for_byte(alice: Person, ranked: Site, given: list[str], asked: str) -> None:
    ranked.boards[f"{ADDRESS}@2026-10-01-1"] = ranked.boards[ADDRESS]
    command, environment = alice.process("board", ADDRESS, *given)

    done = subprocess.run(command, env=environment, cwd=alice.work, capture_output=True, timeout=120, check=True)

    assert done.stdout == f"{asked}\r\nGdańsk,1\r\n".encode()


def test_two_forms_at_once_are_wrong_usage(alice: Person, ranked: Site) -> None:
    assert alice.runs("board", ADDRESS, "--csv", "--latex").code == 2


def test_quiet_prints_submissions_in_order(alice: Person, ranked: Site) -> None:
    assert alice.runs("board", ADDRESS, "-q").out.split() == ["PROM", "VARN", "UNET", "LATE"]


def test_a_board_is_public(stranger: Person, ranked: Site) -> None:
    assert stranger.runs("board", ADDRESS, "--site", ranked.address).code == 0


def test_an_empty_board_says_so(alice: Person, site: Site) -> None:
    site.boards[ADDRESS] = board()

    assert "Nobody stands here yet" in alice.runs("board", ADDRESS).err


def test_a_name_chosen_by_a_stranger_cannot_steer_the_terminal(alice: Person, site: Site) -> None:
    site.boards[ADDRESS] = board(board_row(1.0, "\x1b[2Jevil\x9b31m\u202e"))

    out = alice.types("board", ADDRESS).out

    assert "␛[2Jevil" in out
    assert not {"\x1b", "\x9b", "\u202e"} & set(out)
