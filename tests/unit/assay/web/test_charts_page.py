"""The charts of a board: what they hold, and what hidden data keep to themselves."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import numpy as np
import pytest

from assay.challenges.case_show import read_case_show
from assay.leaderboards.charts.distribution import BINS, FEWEST_BINNED, MOST_POINTS, distribution_chart
from assay.leaderboards.charts.read import MOST_METHODS
from assay.leaderboards.services import judge
from evaluators.contract.boards import BoardColumn
from evaluators.contract.charts import ChartMethod
from tests.unit.assay.web.reading import read
from tests.unit.assay.web.world import add_scored

MINE = "VarNet-XL with learned coil sensitivities"
SSIM = BoardColumn(key="ssim", title="SSIM", unit="1", better="higher", digits=3, ranks=True, options={})


@pytest.fixture
def judged(world):
    judge(phase=world.phase, now=world.now)
    return world


def told(world: Any, client: Any, query: str = "") -> dict[str, Any]:
    answer: dict[str, Any] = client.get(f"/c/{world.address}/board/charts.json{query}").json()
    return answer


def open_data(world: Any) -> None:
    world.phase.ranked.is_public = True
    world.phase.ranked.save()


def spread(values: list[float | None], *, sight: Any) -> Any:
    method = ChartMethod(submission="A", method="A", team="Leeds", baseline=False, rank=1)
    return distribution_chart(
        column=SSIM,
        title="SSIM",
        methods=[method],
        pairs={"A": list(enumerate(values))},
        sights={"A": sight},
        sight=sight,
    )


def test_rank_stability_holds_the_share_of_the_draws_at_each_rank(judged, client):
    board = {line["method"]: line for line in client.get(f"/c/{judged.address}/board.json").json()["rows"]}
    rows = told(judged, client)["stability"]["rows"]
    assert [one["method"]["method"] for one in rows] == list(board)
    for one in rows:
        line = board[one["method"]["method"]]
        assert sum(share["share"] for share in one["shares"]) == pytest.approx(1)
        assert (one["low"], one["high"]) == (line["rank_low"], line["rank_high"])
        draws = np.repeat([s["rank"] for s in one["shares"]], [round(1000 * s["share"]) for s in one["shares"]])
        assert one["median"] == np.sort(draws)[499]


def test_until_they_are_judged_the_page_says_so(world, client):
    assert told(world, client)["stability"]["state"] == "waiting"
    assert "is being computed for these scores" in read(client.get(f"/c/{world.address}/board/charts")).text


def test_of_hidden_data_nothing_is_told_of_single_cases(judged, client, as_role):
    found = told(judged, client)["distribution"]
    assert (found["sight"], found["rows"], found["edges"]) == ("never", [], [])
    assert "is not shown for this phase" in read(client.get(f"/c/{judged.address}/board/charts")).text
    # an organiser holds the references anyway
    assert told(judged, as_role(judged, "organiser"))["distribution"]["sight"] == "table"


def test_of_public_data_each_case_is_a_point(judged, client):
    open_data(judged)
    found = told(judged, client)["distribution"]
    lossy = next(one for one in found["rows"] if one["method"]["method"] == "KT-net")
    assert (lossy["cases"], lossy["missing"]) == (70, 2)
    assert {5 + 1, 31 + 1}.isdisjoint(point["case"] for point in lossy["points"])
    values = [point["value"] for point in lossy["points"]]
    assert lossy["quantiles"] == pytest.approx(np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95]))
    assert sum(lossy["counts"]) == 70


def show(world: Any, **rules: Any) -> None:
    """As the phase's file would: `team="table"`, `public={"table": a day}`."""
    world.phase.case_show = {who: read_case_show(rule, zone=UTC) for who, rule in rules.items()}
    world.phase.save()


def sights(found: dict[str, Any]) -> dict[str, str]:
    return {one["method"]["method"]: one["sight"] for one in found["rows"]}


def test_a_team_sees_its_own_cases_where_the_phase_lets_it_and_no_others(judged, client, as_role):
    show(judged, team="table")
    mine = told(judged, as_role(judged, "captain"))["distribution"]
    assert sights(mine) == {MINE: "table"}
    assert len(mine["rows"][0]["points"]) == 72
    assert mine["reason"] == "Of the methods of others it is not shown how their scores are spread over single cases."
    assert told(judged, client)["distribution"]["rows"] == []
    assert sights(told(judged, as_role(judged, "outsider"))["distribution"]) == {"KT-net": "table"}


def test_everybody_sees_how_scores_are_spread_where_the_phase_says_so_and_a_team_its_cases(judged, client, as_role):
    show(judged, public="distribution", team="table")
    everybody = told(judged, client)["distribution"]
    assert set(sights(everybody).values()) == {"distribution"}
    assert all(one["points"] is None for one in everybody["rows"])
    mine = told(judged, as_role(judged, "captain"))["distribution"]
    assert [name for name, sight in sights(mine).items() if sight == "table"] == [MINE]
    assert [one["method"]["method"] for one in mine["rows"] if one["points"] is not None] == [MINE]
    page = read(client.get(f"/c/{judged.address}/board/charts"))
    assert "Single cases of the methods of others are not shown." in page.text
    # of a comparison single cases are told where they are of the board
    codes = [judged.submissions[name].code for name in ("U-Net", "KT-net")]
    pair = f"/c/{judged.address}/board/compare.json?a={codes[0]}&b={codes[1]}"
    assert client.get(pair).json()["per_case"] is None
    show(judged, public="table")
    assert len(client.get(pair).json()["per_case"]) == 72


def test_a_day_that_has_not_come_shows_nothing(judged, client):
    show(judged, public={"table": f"{judged.now.year + 1}-01-01"})
    assert told(judged, client)["distribution"]["sight"] == "never"
    show(judged, public={"table": f"{judged.now.year - 1}-01-01"})
    assert told(judged, client)["distribution"]["sight"] == "table"


def test_an_organiser_may_keep_the_cases_of_public_data_back(judged, client):
    open_data(judged)
    show(judged, public="never")
    assert told(judged, client)["distribution"]["rows"] == []
    assert "scores of single cases: never" in read(client.get(f"/c/{judged.address}")).text


def test_a_distribution_holds_neither_cases_nor_their_values():
    values: list[float | None] = [0.1 * step + 0.0123 for step in range(9)]
    found = spread(values, sight="distribution").rows[0]
    assert found.points is None
    assert len(found.quantiles) == 5
    assert len(found.counts) == BINS
    assert min(found.quantiles) > min(value for value in values if value is not None)
    assert max(found.quantiles) < max(value for value in values if value is not None)
    few = spread(values[: FEWEST_BINNED - 1], sight="distribution")
    assert few.rows == []
    assert "too few values" in few.reason


def test_thousands_of_cases_are_binned():
    many: list[float | None] = [step / MOST_POINTS for step in range(MOST_POINTS + 1)]
    assert spread(many, sight="table").rows[0].points is None
    assert sum(spread(many, sight="table").rows[0].counts) == MOST_POINTS + 1
    assert spread(many[1:], sight="table").rows[0].points is not None


def test_score_stands_beside_time_and_memory_where_they_were_measured(judged, client):
    found = told(judged, client)["tradeoff"]
    line = next(one for one in found["rows"] if one["method"]["method"] == "U-Net")
    assert line["seconds_a_case"] == pytest.approx(1.4, abs=0.01)
    assert line["peak_memory"] >= 1_932_735_283
    assert found["not_measured"] == 0


def test_metric_and_stratum_live_in_the_address(judged, client):
    page = read(client.get(f"/c/{judged.address}/board/charts?chart=nmse&stratum=af%3D10"))
    assert "NMSE against time and memory" in page.text
    assert "Acceleration 10 alone" in page.text
    found = told(judged, client, "?chart=nmse&stratum=af%3D10")
    assert (found["stratum"], found["tradeoff"]["key"]) == ("af=10", "nmse")


def test_a_long_board_is_cut_and_own_methods_and_baselines_stay(world, client, as_role):
    for number in range(MOST_METHODS):
        add_scored(world, f"Strong {number}", team="leeds", ssim=0.97, at=world.now)
    judge(phase=world.phase, now=world.now)
    mine = told(world, as_role(world, "captain"))
    names = [one["method"]["method"] for one in mine["stability"]["rows"]]
    assert len(names) == MOST_METHODS
    assert mine["left_out"] == 6
    assert {"VarNet-XL with learned coil sensitivities", "U-Net", "Zero-filled", "E2E-VarNet"} <= set(names)
    assert "KT-net" not in names
    pinned = told(world, client, f"?pin={world.submissions['KT-net'].code}")
    assert "KT-net" in [one["method"]["method"] for one in pinned["stability"]["rows"]]
    assert "6 methods further down the board left out" in read(client.get(f"/c/{world.address}/board/charts")).text


def test_charts_are_public_when_the_board_is(world, client):
    world.phase.board_from = world.now.replace(year=world.now.year + 1)
    world.phase.save()
    assert client.get(f"/c/{world.address}/board/charts.json").status_code == 403
    assert client.get(f"/c/{world.address}/board/charts.json?stratum=af%3D3").status_code == 403


def test_a_stratum_that_is_not_there_is_refused(world, client):
    answer = client.get(f"/c/{world.address}/board/charts.json?stratum=af%3D3")
    assert answer.status_code == 404
    assert "af=4" in answer.json()["next"]


def test_it_costs_four_queries_however_long_the_board_is(judged, client, django_assert_num_queries):
    open_data(judged)
    for number in range(MOST_METHODS + 5):
        add_scored(judged, f"Method {number}", team="leeds", ssim=0.9, at=judged.now)
    judge(phase=judged.phase, now=judged.now)
    # the board with its phase, stored or not; its document; the draws, and values of one metric of those that are shown
    with django_assert_num_queries(4):
        client.get(f"/c/{judged.address}/board/charts.json")
