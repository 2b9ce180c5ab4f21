"""Two rows of a board against each other: what is told, and what hidden data keep to themselves."""

from __future__ import annotations

from typing import Any

import pytest

from assay.challenges.models import Phase
from assay.leaderboards.services import judge
from tests.unit.assay.web.reading import read


@pytest.fixture
def judged(world):
    judge(phase=world.phase, now=world.now)
    return world


def address(world: Any, first: str, second: str, ending: str = "") -> str:
    codes = [world.submissions[method].code for method in (first, second)]
    return f"/c/{world.address}/board/compare{ending}?a={codes[0]}&b={codes[1]}"


def told(world: Any, client: Any, first: str, second: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(address(world, first, second, ".json")).json()
    return answer


def test_differences_wins_and_chances_of_a_pair_stand_in_a_table(judged, client):
    page, pair = (
        read(client.get(address(judged, "PromptNet", "Zero-filled"))),
        told(judged, client, "PromptNet", "Zero-filled"),
    )
    ssim = pair["metrics"][0]
    row = page.row("SSIM ↑")
    assert float(row[1]) - float(row[2]) == pytest.approx(float(row[3]), abs=0.0011)
    assert row[5:8] == [str(ssim[key]) for key in ("wins", "ties", "losses")] == ["72", "0", "0"]
    assert ssim["low"] < ssim["difference"] < ssim["high"]
    assert ssim["p"] < ssim["p_holm"] < 0.05
    assert row[10] == "PromptNet"
    assert page.text.count("PromptNet is told apart from Zero-filled: better in SSIM, PSNR, NMSE.") == 1
    assert pair["words"] in page.text


def test_the_verdict_is_the_one_of_the_boards_groups(judged, client):
    letters = {row["method"]: row["group"] for row in client.get(f"/c/{judged.address}/board.json").json()["rows"]}
    assert set(letters["PromptNet"]) & set(letters["VarNet-XL with learned coil sensitivities"])
    pair = told(judged, client, "PromptNet", "VarNet-XL with learned coil sensitivities")
    assert "are not told apart" in pair["verdict"]
    assert not set(letters["PromptNet"]) & set(letters["U-Net"])
    assert "PromptNet is told apart from U-Net" in told(judged, client, "U-Net", "PromptNet")["verdict"]


def test_the_other_way_round_everything_is_turned(judged, client):
    one, other = told(judged, client, "KT-net", "U-Net"), told(judged, client, "U-Net", "KT-net")
    for a, b in zip(one["metrics"], other["metrics"], strict=True):
        assert (a["wins"], a["ties"], a["losses"]) == (b["losses"], b["ties"], b["wins"])
        assert a["difference"] == pytest.approx(-b["difference"])
        assert (a["p"], a["p_holm"]) == pytest.approx((b["p"], b["p_holm"])) if a["p"] is not None else b["p"] is None
    assert one["metrics"][0]["both"] == 70


def test_before_the_job_has_run_the_pair_alone_is_told(world, client):
    pair = told(world, client, "PromptNet", "U-Net")
    assert "is being computed for these scores" in pair["verdict"]
    assert (pair["metrics"][0]["p_holm"], pair["metrics"][0]["better"]) == (None, "")
    assert pair["metrics"][0]["p"] < 0.05


@pytest.mark.parametrize("role", ["anonymous", "outsider", "captain"])
def test_hidden_data_tell_no_single_case(role, judged, as_role):
    client = as_role(judged, role)
    pair, answer = told(judged, client, "PromptNet", "U-Net"), client.get(address(judged, "PromptNet", "U-Net"))
    assert pair["per_case"] is None
    assert {metric["spread"] for metric in pair["metrics"]} == {None}
    assert "This phase shows no single cases" in read(answer).text
    assert "Single cases" not in read(answer).text


def test_an_interval_of_few_subjects_would_be_their_differences_and_is_kept_back(judged, client, as_role):
    # the real anatomies are now of three subjects
    for case in judged.phase.ranked.cases.filter(strata__anatomy="real"):
        case.unit = f"subject-{case.index % 3}"
        case.save()

    def strata(reader: Any) -> dict[str, tuple[float | None, float | None]]:
        metrics = told(judged, reader, "PromptNet", "U-Net")["metrics"]
        return {one["key"]: (one["low"], one["high"]) for one in metrics[0]["strata"]}

    hidden, seen = strata(client), strata(as_role(judged, "organiser"))
    assert hidden.pop("anatomy=real") == (None, None)
    assert None not in seen.pop("anatomy=real")
    assert hidden == seen
    assert (
        "intervals of fewer than 4 subjects are not shown"
        in read(client.get(address(judged, "PromptNet", "U-Net"))).text
    )


def test_organisers_and_readers_of_public_data_see_every_case(judged, as_role, client):
    found = told(judged, as_role(judged, "organiser"), "PromptNet", "KT-net")
    assert [case["case"] for case in found["per_case"]] == list(range(1, 73))
    assert found["per_case"][5]["second"]["ssim"] is None
    judged.phase.ranked.is_public = True
    judged.phase.ranked.save()
    page = read(client.get(address(judged, "PromptNet", "KT-net") + "&metric=psnr"))
    cases = [row for row in page.rows if len(row) == 5 and row[0].isdigit()]
    assert len(cases) == 72
    assert cases[5][3:] == ["–", "–"]
    assert cases[0][1] == "af 4, view sax, anatomy phantom"


def test_names_of_cases_and_subjects_are_never_there(judged, as_role):
    for ending in ("", ".json"):
        content = as_role(judged, "organiser").get(address(judged, "PromptNet", "U-Net", ending)).content.decode()
        assert "subject-" not in content
        assert judged.submissions["U-Net"].evaluation.pseudonym_seed not in content


def test_the_figure_holds_the_numbers_of_the_table_below(judged, client):
    page = read(client.get(address(judged, "PromptNet", "U-Net") + "&metric=nmse"))
    assert "Difference in NMSE ↓ by group of cases" in page.text
    nmse = next(
        each for each in told(judged, client, "PromptNet", "U-Net")["metrics"] if each["column"]["key"] == "nmse"
    )
    for stratum in nmse["strata"]:
        assert page.row(stratum["title"])[1] == f"{stratum['difference']:+.4f}".replace("-", "−")


def test_a_difference_that_rounds_to_zero_has_no_sign(judged, client):
    for row in judged.submissions["U-Net"].evaluation.scores.all():
        other = judged.submissions["PromptNet"].evaluation.scores.get(key=row.key)
        # an interval that begins below zero must not look as if it began above
        row.values = [value + 1e-9 for value in other.values]
        row.save()
    row = read(client.get(address(judged, "PromptNet", "U-Net"))).row("SSIM ↑")
    assert row[3:5] == ["0.000", "0.000 to 0.000"]


def test_the_board_offers_the_comparison_and_the_page_another(judged, client, as_role):
    board = read(as_role(judged, "member").get(f"/c/{judged.address}/board"))
    assert any(form.attrs.get("action", "").endswith("/board/compare") for form in board.all("form"))
    selected = [option.attrs["value"] for option in board.all("option") if "selected" in option.attrs]
    assert selected[0] == judged.submissions["VarNet-XL with learned coil sensitivities"].code
    page = read(client.get(f"/c/{judged.address}/board/compare"))
    assert "Two rows of this board against each other" in page.text
    assert len(page.all("select")) == 2


def test_what_cannot_be_compared_says_why(judged, client):
    same = client.get(address(judged, "U-Net", "U-Net"))
    assert (same.status_code, "Choose two different methods." in read(same).text) == (422, True)
    gone = client.get(f"/c/{judged.address}/board/compare?a=NOPE&b={judged.submissions['U-Net'].code}")
    assert gone.status_code == 404
    assert "Choose two methods on the board" in read(gone).text


def test_the_twin_asks_for_two_entries(judged, client):
    answer = client.get(f"/c/{judged.address}/board/compare.json")
    assert (answer.status_code, answer.json()["error"]) == (404, "ROW_UNKNOWN")


def test_a_board_that_is_not_public_is_not_compared(judged, client, as_role):
    Phase.objects.update(board_from="2100-01-01T00:00:00Z")
    assert client.get(address(judged, "PromptNet", "U-Net")).status_code == 403
    assert as_role(judged, "organiser").get(address(judged, "PromptNet", "U-Net")).status_code == 200


def test_it_costs_no_more_queries_than_the_board(judged, client, django_assert_num_queries):
    with django_assert_num_queries(5):  # the phase, cases, submissions, values, how sure the ranks are
        client.get(address(judged, "PromptNet", "U-Net", ".json"))
