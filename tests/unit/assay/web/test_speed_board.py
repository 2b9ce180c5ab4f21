"""A board of speed as its readers see it: who passes the gate by seconds, the others below with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from assay.leaderboards.services import judge
from tests.unit.assay.web.reading import Page, read
from tests.unit.assay.web.world import World

#: seconds of every case but the warm-up
PACE = {
    "E2E-VarNet": 5.1,
    "PromptNet": 4.2,
    "VarNet-XL with learned coil sensitivities": 6.0,
    "KT-net": 3.9,
    "U-Net": 1.4,
}


@pytest.fixture
def track(world: World) -> World:
    """The world as a speed track; Zero-filled ran before its cases were timed."""
    task = world.phase.task
    gate = {"metric": "ssim", "better_than": "u-net"}
    task.spec = {
        **task.spec,
        "mode": "per_case",
        "ranking": {"rule": "speed", "gate": gate, "strata": "cases", "ties": "min", "missing": "worst"},
        "metrics": [{**use, "ranks": use["metric"] == use["as"] == "ssim"} for use in task.spec["metrics"]],
    }
    task.save()
    for method, pace in PACE.items():
        evaluation = world.submissions[method].evaluation
        timed = {str(case.index): pace for case in world.cases[1:]}
        evaluation.run = {**(evaluation.run or {}), "case_seconds": timed}
        evaluation.save()
    return world


@pytest.fixture
def page(track: World, client: Any) -> Page:
    return read(client.get(f"/c/{track.address}/board"))


def test_the_fastest_that_passes_the_gate_is_first_and_the_others_stand_below_without_a_rank(page: Page) -> None:
    rows = [(row[0], row[1]) for row in page.rows if len(row) > 6 and row[0] in {"1", "2", "3", "4", "–"}]
    assert [(rank, name.removeprefix("◆ ").split(" ")[0]) for rank, name in rows] == [
        ("1", "KT-net"), ("2", "PromptNet"), ("3", "E2E-VarNet"), ("4", "VarNet-XL"), ("–", "U-Net"), ("–", "Zero-filled"),
    ]  # fmt: skip
    assert (
        "below the gate: SSIM 0.875, with missing cases at their worst; better than u-net, 0.875 passes" in rows[4][1]
    )


def test_the_seconds_on_the_board_leave_the_warm_up_out(page: Page) -> None:
    # 71 timed cases of 3.9 s, whole seconds in sum: the run as a whole would say 3.90
    assert page.row("1")[-3] == f"{round(71 * 3.9) / 71:.2f}"


def test_a_method_that_was_not_timed_says_so(track: World, client: Any) -> None:
    track.phase.task.spec["ranking"]["gate"] = {"metric": "ssim", "no_worse_than": 0.5}
    track.phase.task.save()
    told = client.get(f"/c/{track.address}/board.json").json()
    notes = {row["method"]: row["note"] for row in told["rows"]}
    assert notes["Zero-filled"].startswith("no case of it was timed: it ran in another mode")
    assert notes["U-Net"] == ""
    assert told["rows"][0]["method"] == "U-Net"


@pytest.mark.parametrize(
    ("first", "ranks", "told"),
    [
        (3, 3, "6 methods stand here, 3 of them pass the gate."),
        # Zero-filled passes as the rest does, and has no rank since it was not timed
        (10, 5, "The gate bars nobody yet: the first 10 by ssim pass, and 6 methods stand here."),
    ],
)
def test_a_board_says_how_many_pass_the_gate_and_why_where_all_do(
    track: World, client: Any, first: int, ranks: int, told: str
) -> None:
    track.phase.task.spec["ranking"]["gate"] = {"metric": "ssim", "first": first}
    track.phase.task.save()
    page = read(client.get(f"/c/{track.address}/board"))
    assert f"Places follow the seconds a case of the methods that pass the quality gate. {told}" in page.text
    assert f"so that all pass while no more than {first} stand here" in page.text
    board = client.get(f"/c/{track.address}/board.json").json()
    assert board["gate"] == told
    assert sum(row["rank"] is not None for row in board["rows"]) == ranks


def test_the_panel_and_the_task_page_tell_the_gate_and_the_clock(page: Page, track: World, client: Any) -> None:
    told = "Places follow the seconds a case of the methods that pass the quality gate. 6 methods stand here, 4 of them pass the gate."
    assert told in page.text
    rule = "A method passes the gate whose mean of ssim is better than that of the baseline u-net; all others stand without a rank."
    assert rule in page.text
    assert "a case without an answer counts its whole time limit" in page.text
    task = read(client.get("/c/cine-demo/cine-multicoil"))
    assert rule in task.text
    assert "the container gets one case at a time, and each is timed" in task.text
    assert task.row("C")[-2:] == ["0.3 s", "below the gate"]
    assert '{"done":1}' in task.text


def test_baselines_without_a_number_leave_the_ranks_to_the_teams(track: World, client: Any) -> None:
    track.phase.task.baselines_ranked = False
    track.phase.task.save()
    told = client.get(f"/c/{track.address}/board.json").json()["rows"]
    assert [(row["rank"], row["method"].split(" ")[0], row["note"] != "") for row in told] == [
        (1, "KT-net", False), (2, "PromptNet", False), (3, "VarNet-XL", False), (None, "E2E-VarNet", False),
        (None, "U-Net", True), (None, "Zero-filled", True),
    ]  # fmt: skip


def test_a_stratum_ranks_by_the_seconds_of_its_own_cases(track: World, client: Any) -> None:
    evaluation = track.submissions["KT-net"].evaluation
    slow = {str(case.index): 9.0 for case in track.cases if case.strata["af"] == "10"}
    run = evaluation.run or {}
    evaluation.run = {**run, "case_seconds": {**run["case_seconds"], **slow}}
    evaluation.save()
    for stratum, first in (("af=4", "KT-net"), ("af=10", "PromptNet")):
        rows = client.get(f"/c/{track.address}/board.json?stratum={stratum}").json()["rows"]
        assert rows[0]["method"] == first


def test_a_result_says_why_it_has_no_rank(track: World, client: Any) -> None:
    page = read(client.get(f"/s/{track.submissions['U-Net'].code}"))
    assert "It stands on the board without a rank, below the gate: SSIM 0.875" in page.text


def test_a_phone_shows_the_seconds_first_and_a_metric_by_link(page: Page, track: World, client: Any) -> None:
    def on_a_phone(shown: Page) -> list[str]:
        heads = [head for head in shown.all("th") if "number" in head.attrs.get("class", "")][:6]
        names = ["ssim", "psnr", "nmse", "time", "memory", "cases"]
        return [name for name, head in zip(names, heads, strict=True) if "more" not in head.attrs["class"].split()]

    assert on_a_phone(page) == ["time"]
    assert on_a_phone(read(client.get(f"/c/{track.address}/board?metric=ssim"))) == ["ssim"]


def test_a_board_of_seconds_says_why_it_has_no_ranges_and_still_compares_quality(track: World, client: Any) -> None:
    judge(phase=track.phase, now=track.now)
    assert "Ranks follow the seconds of one run each" in read(client.get(f"/c/{track.address}/board")).text
    codes = [track.submissions[method].code for method in ("PromptNet", "U-Net")]
    pair = client.get(f"/c/{track.address}/board/compare.json?a={codes[0]}&b={codes[1]}").json()
    assert "are not tested against each other on this board" in pair["verdict"]
    assert pair["metrics"][0]["p"] < 0.05
    assert pair["metrics"][0]["wins"] > pair["metrics"][0]["losses"]
