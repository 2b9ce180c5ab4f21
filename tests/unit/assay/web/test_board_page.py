"""The board as its readers use it: order, filters, missing values, links, exports."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from assay.challenges.models import Phase
from assay.leaderboards.services import judge
from tests.unit.assay.web.reading import Page, read
from tests.unit.assay.web.world import add_scored


@pytest.fixture
def board(world, client):
    def open_board(query=""):
        return read(client.get(f"/c/{world.address}/board{query}"))

    return open_board


def ranks_and_methods(page: Page) -> list[tuple[str, str]]:
    return [(row[0], row[1].removeprefix("◆ ").split(" ")[0]) for row in page.rows if row and row[0].isdigit()]


def test_methods_stand_in_the_order_of_the_rule_with_their_means(board):
    page = board()
    assert [method for _, method in ranks_and_methods(page)] == [
        "PromptNet", "VarNet-XL", "E2E-VarNet", "KT-net", "U-Net", "Zero-filled",
    ]  # fmt: skip
    assert page.row("5")[:3] == ["5", "◆ U-Net baseline Assay baselines", "Assay baselines"]
    assert [len(cell.split(".")[1]) for cell in page.row("5")[3:6]] == [3, 2, 4]


def test_hiding_baselines_renumbers_nobody(board):
    page = board("?baselines=hide")
    assert ranks_and_methods(page) == [("1", "PromptNet"), ("2", "VarNet-XL"), ("4", "KT-net")]
    assert "3 rows hidden, places unchanged" in page.text


def test_missing_cases_are_named_with_their_reason_and_what_they_count(board):
    page = board()
    assert "70/72" in page.row("4")
    assert "KT-net: 2 of 72 cases missing ( MISSING_FILE 2). Each counts as SSIM 0, PSNR 0 dB, NMSE 1;" in page.text
    assert "/help/MISSING_FILE" in page.links()


def test_a_stratum_without_any_value_shows_a_dash_and_why(world, board):
    everything_at_af_10 = tuple(case.index for case in world.cases if case.strata["af"] == "10")
    add_scored(world, "Gave up", team="leeds", ssim=0.9, at=world.now, missing=everything_at_af_10)
    row = next(row for row in board("?stratum=af%3D10").rows if "Gave up" in " ".join(row))
    assert row[3] == "– no case of this set has a value"


def test_the_stratum_in_the_address_averages_and_ranks_over_its_cases_alone(board):
    everything, hardest = board(), board("?stratum=af%3D10")
    assert "on 24 cases (12 subjects): Acceleration 10 alone" in hardest.text
    assert float(hardest.row("6")[3]) < float(everything.row("6")[3])


def test_an_unknown_stratum_names_those_that_exist(world, client):
    answer = client.get(f"/c/{world.address}/board?stratum=af%3D7")
    assert answer.status_code == 404
    assert "af=4" in read(answer).text


def test_all_columns_adds_the_metrics_that_do_not_rank(board):
    assert len(board("?columns=all").row("1")) == len(board().row("1")) + 3


def test_a_column_sorts_by_its_address_and_says_so(board):
    worst_first = board("?sort=-ssim")
    assert ranks_and_methods(worst_first)[0] == ("6", "Zero-filled")
    sorted_heads = [head.attrs["aria-sort"] for head in worst_first.all("th") if "aria-sort" in head.attrs]
    assert sorted_heads == ["ascending"]
    fastest = board("?sort=pace")
    assert ranks_and_methods(fastest)[0] == ("6", "Zero-filled")


def test_time_and_memory_are_rounded_on_hidden_data_the_same_on_page_csv_and_json(world, client, board):
    run = world.submissions["PromptNet"].evaluation.run
    assert (run["seconds"], run["peak_memory"]) == (pytest.approx(302.4), 1_932_735_283)
    assert board().row("1")[-3:] == ["4.19", "1.8", "72/72"]
    told = client.get(f"/c/{world.address}/board.json").json()["rows"][0]
    assert (told["seconds"], told["seconds_a_case"]) == (302, 302 / 72)
    assert told["peak_memory"] == round(18 * 2**30 / 10)
    (line,) = [
        row
        for row in csv.DictReader(io.StringIO(client.get(f"/c/{world.address}/board.csv").content.decode()))
        if row["method"] == "PromptNet"
    ]
    assert (float(line["seconds_a_case"]), int(line["peak_memory"])) == (told["seconds_a_case"], told["peak_memory"])


def test_a_run_too_short_to_be_measured_has_dashes_and_sorts_last(world, board):
    evaluation = world.submissions["Zero-filled"].evaluation
    evaluation.run = {**evaluation.run, "peak_memory": None}
    evaluation.save()
    assert board().row("6")[-3:] == ["0.10", "–", "72/72"]
    assert ranks_and_methods(board("?sort=memory"))[-1] == ("6", "Zero-filled")
    assert ranks_and_methods(board("?sort=-memory"))[-1] == ("6", "Zero-filled")


def test_the_figure_puts_numbers_to_scale_in_their_order_and_words_side_by_side(world, client):
    task = world.phase.task
    task.spec["strata"]["af"]["values"] = {"10": "tenfold", "4": "fourfold", "8": "eightfold"}
    task.save()

    def drawn(query: str) -> dict[str, Any]:
        content = client.get(f"/c/{world.address}/board?{query}").content.decode()
        text = content.split('<script id="figure-data" type="application/json">')[1].split("</script>")[0]
        payload: dict[str, Any] = json.loads(text)
        return payload

    to_scale, words = drawn("chart=psnr&by=af"), drawn("chart=psnr&by=view")
    assert to_scale["positions"] == [4, 8, 10]
    assert to_scale["labels"] == ["fourfold", "eightfold", "tenfold"]
    told = client.get(f"/c/{world.address}/board.json").json()["rows"][0]["strata"]
    first = next(series for series in to_scale["series"] if series["name"] == "PromptNet")
    assert first["values"] == [told[f"af={factor}"]["psnr"] for factor in (4, 8, 10)]
    assert words["positions"] is None
    assert words["labels"] == ["short axis", "long axis"]


def test_nonsense_in_the_address_gives_the_plain_board(board):
    plain = board()
    assert board("?sort=colour&columns=none&metric=x&chart=y&by=z&baselines=maybe").rows == plain.rows


def test_searching_finds_a_method_or_says_that_nothing_matches(board):
    assert ranks_and_methods(board("?find=varnet")) == [("2", "VarNet-XL"), ("3", "E2E-VarNet")]
    assert "Nothing matches “<script>”" in board("?find=%3Cscript%3E").text


def test_own_rows_are_marked_in_words(world, as_role):
    page = read(as_role(world, "member").get(f"/c/{world.address}/board"))
    assert page.row("2")[1].split("Gdańsk")[0].strip().endswith("you")
    assert "you" not in page.row("1")[1]


def test_failed_methods_stand_below_with_their_codes(busy_world, client):
    page = read(client.get(f"/c/{busy_world.address}/board"))
    assert "Not ranked (3) · OOM_RAM 1 · TIMEOUT 1 · SCORER 1" in page.text
    assert page.row("Slow diffusion")[2] == "TIMEOUT The container was still running when its time was up."


def test_how_it_is_scored_stands_there_in_words_with_worst_values_and_sources(board):
    page = board()
    assert "the sum of a method's ranks over the metrics decides, lowest first" in page.text
    ssim = page.row("SSIM ↑ ssim")
    assert ssim[1:4] == ["higher is better", "-1 to 1", "0"]
    assert "Wang et al. 2004" in ssim[5]


def test_baselines_without_a_number_stay_in_place_with_a_dash(world, client):
    world.phase.task.baselines_ranked = False
    world.phase.task.save()
    page = read(client.get(f"/c/{world.address}/board"))
    assert ranks_and_methods(page) == [("1", "PromptNet"), ("2", "VarNet-XL"), ("3", "KT-net")]
    assert page.row("◆ U-Net")[0] == "–"


def test_an_empty_board_invites_the_first_team_with_its_command(world, client):
    world.phase.submissions.all().delete()
    page = read(client.get(f"/c/{world.address}/board"))
    assert "No method has been scored yet." in page.text
    assert f"assay submit my-method --phase {world.address}" in page.text


def test_a_board_before_its_date_says_when_it_is_published(world, client):
    Phase.objects.update(board_from="2100-01-01T00:00:00Z")
    answer = client.get(f"/c/{world.address}/board")
    assert "It is published on 2100-01-01 00:00 UTC." in read(answer).text


def test_the_figure_and_the_table_below_it_hold_the_same_numbers(world, client):
    response = client.get(f"/c/{world.address}/board?chart=nmse&by=view")
    content = response.content.decode()
    payload = json.loads(content.split('<script id="figure-data" type="application/json">')[1].split("</script>")[0])
    rows = read(response).rows
    table = rows[next(n for n, row in enumerate(rows) if row == ["Method", "View short axis", "View long axis"]) + 1 :]
    drawn = [[f"{value:.4f}" for value in series["values"]] for series in payload["series"]]
    assert payload["y"] == "NMSE ↓"
    assert drawn == [row[1:] for row in table[: len(drawn)]]


def test_csv_and_json_hold_the_rows_of_the_page(world, client):
    told = client.get(f"/c/{world.address}/board.json").json()
    table = list(csv.DictReader(io.StringIO(client.get(f"/c/{world.address}/board.csv").content.decode())))
    assert [row["method"] for row in table] == [row["method"] for row in told["rows"]]
    assert float(table[0]["ssim af=4"]) == told["rows"][0]["strata"]["af=4"]["ssim"]
    narrowed = client.get(f"/c/{world.address}/board.json?stratum=af%3D4").json()
    assert narrowed["cases"] == 24


def test_a_phone_shows_one_metric_at_a_time_chosen_by_the_address(board):
    page = board("?metric=psnr")
    heads = [cell.attrs["class"].split() for cell in page.all("th") if "number" in cell.attrs.get("class", "")][:6]
    # SSIM PSNR NMSE time memory cases
    assert ["more" in head for head in heads] == [True, False, True, True, True, True]
    assert page.all("table")[0].attrs["class"] == "data board one"
    assert board("?wide=yes").all("table")[0].attrs["class"] == "data board all"


def test_rows_of_an_older_scorer_are_announced_and_not_ranked(world, client):
    evaluation = world.submissions["PromptNet"].evaluation
    evaluation.scorer = "0" * 64
    evaluation.save()
    page = read(client.get(f"/c/{world.address}/board"))
    assert "1 method awaits re-scoring by the current scorer" in page.text
    assert "PromptNet" not in [method for _, method in ranks_and_methods(page)]


def test_a_board_of_baselines_alone_invites_the_first_team(world, client):
    world.phase.submissions.filter(is_baseline=False).delete()
    assert "Baselines alone so far: be the first team." in read(client.get(f"/c/{world.address}/board")).text


def test_until_they_are_computed_the_page_says_so_and_shows_the_ranks(board):
    page = board()
    assert "how sure they are is being computed for these scores" in page.text
    assert "Range of ranks" not in [head for row in page.rows for head in row]
    assert [rank for rank, _ in ranks_and_methods(page)] == ["1", "2", "3", "4", "5", "6"]


def test_ranges_and_groups_stand_on_the_page_with_what_they_are(world, board, client):
    judge(phase=world.phase, now=world.now)
    page, told = board(), client.get(f"/c/{world.address}/board.json").json()
    heads = next(row for row in page.rows if row[0] == "Rank")
    assert heads[2:5] == ["Team", "Range of ranks", "Group letters"]
    for row in told["rows"]:
        low, high = f"{row['rank_low']:g}", f"{row['rank_high']:g}"
        assert page.row(f"{row['rank']:g}")[3:5] == [low if low == high else f"{low}–{high}", row["group"]]
    assert told["certainty"]["intervals"] in page.text
    assert told["certainty"]["groups"] in page.text
    assert page.row("6")[3] == "6"
    first = [row["method"] for row in told["rows"] if told["rows"][0]["group"][0] in row["group"]]
    assert f"The first {len(first)} are not told apart." in page.text
    (line, *_) = csv.DictReader(io.StringIO(client.get(f"/c/{world.address}/board.csv").content.decode()))
    assert [line["rank_low"], line["rank_high"], line["group"]] == [
        "1",
        f"{told['rows'][0]['rank_high']:g}",
        told["rows"][0]["group"],
    ]


def test_an_entrys_page_says_how_sure_its_place_is(world, as_role, client):
    judge(phase=world.phase, now=world.now)
    rows = client.get(f"/c/{world.address}/board.json").json()["rows"]
    own = next(row for row in rows if row["team"] == "gdansk")
    alike = sum(bool(set(row["group"]) & set(own["group"])) for row in rows) - 1
    text = read(as_role(world, "member").get(f"/s/{own['submission']}")).text
    assert (
        f"Rank {own['rank']:g} of 6, could be {own['rank_low']:g} to {own['rank_high']:g} in 95 % of the resamples"
        in text
    )
    assert f"; not told apart from {alike} other" in text
