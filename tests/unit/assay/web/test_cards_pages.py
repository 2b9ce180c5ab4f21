"""Method cards on the site: on an entry's page, in its form, and as a table beside the board."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from assay.leaderboards.latex import latex_text
from assay.submissions.models import Submission
from tests.unit.assay.web.reading import read

MINE = "VarNet-XL with learned coil sensitivities"
CARD = {
    "backbone": "VarNet, 12 cascades",
    "parameters": "30000000",
    "training_data": "fastMRI & ours",
    "paper": "arXiv:2004.06688",
}


@pytest.fixture
def carded(busy_world):
    write(busy_world, MINE, CARD)
    write(busy_world, "U-Net", {"backbone": "U-Net", "code": "see https://code.example/unet."})
    return busy_world


def write(world: Any, method: str, card: dict[str, str]) -> None:
    Submission.objects.filter(pk=world.submissions[method].pk).update(card=card)


def table(world: Any, query: str = "") -> str:
    return f"/c/{world.address}/board/cards{query}"


def form_of(world: Any) -> str:
    return f"/s/{world.submissions[MINE].code}/card"


def test_everybody_reads_every_card_of_a_public_board_in_its_order(carded, client):
    page = read(client.get(table(carded)))
    assert "2 of 6 methods on the board have a card" in page.text
    row = page.row(MINE) if page.row(MINE)[0] == MINE else page.row("2")
    assert row[2] == "VarNet, 12 cascades"
    assert "30.00 million" in row
    assert page.row("5")[2] == "U-Net"
    assert [line[0] for line in page.rows[1:]] == ["1", "2", "3", "4", "5", "6"]


def test_all_columns_words_and_baselines_are_chosen_in_the_address(carded, client):
    assert "Licence" not in read(client.get(table(carded))).text
    assert "Licence" in read(client.get(table(carded, "?columns=all"))).text
    found = read(client.get(table(carded, "?find=12+cascades"))).rows[1:]
    assert [MINE in row[1] for row in found] == [True]
    assert "◆" not in read(client.get(table(carded, "?baselines=hide"))).text
    assert "Nothing matches" in read(client.get(table(carded, "?find=nowhere"))).text


def test_the_exports_hold_what_the_address_shows(carded, client):
    told = client.get(f"/c/{carded.address}/board/cards.json?find=cascades").json()
    assert [(row["method"], row["card"]) for row in told["rows"]] == [(MINE, CARD)]
    lines = list(csv.DictReader(io.StringIO(client.get(f"/c/{carded.address}/board/cards.csv").content.decode())))
    assert [line["rank"] for line in lines] == ["1", "2", "3", "4", "5", "6"]
    assert {key: value for key, value in lines[1].items() if key in CARD} == CARD
    text = client.get(f"/c/{carded.address}/board/cards.tex?find=cascades").content.decode()
    assert r"fastMRI \& ours" in text
    assert text.count(r"\\") == 2
    assert "arXiv" not in text
    assert "arXiv:2004.06688" in client.get(f"/c/{carded.address}/board/cards.tex?columns=all").content.decode()


def test_latex_prints_every_sign_as_it_is_written():
    assert latex_text("50 % of {x_1} & \\y\n^2 ~ $3 #4 <5>") == (
        r"50 \% of \{x\_1\} \& \textbackslash{}y \textasciicircum{}2 \textasciitilde{} \$3 \#4 \textless{}5\textgreater{}"
    )


def test_a_cell_that_a_spreadsheet_would_run_is_text(carded, client):
    write(carded, MINE, {"backbone": "=cmd()"})
    assert "'=cmd()" in client.get(f"/c/{carded.address}/board/cards.csv").content.decode()


def test_cards_are_seen_when_the_board_is(carded, client, as_role):
    carded.phase.board_from = carded.now + timedelta(days=1)
    carded.phase.save()
    for ending in ("", ".json", ".csv", ".tex"):
        assert client.get(f"/c/{carded.address}/board/cards{ending}").status_code == 403
    assert as_role(carded, "organiser").get(table(carded)).status_code == 200


def test_the_page_of_an_entry_shows_its_card_with_links(carded, as_role):
    page = read(as_role(carded, "captain").get(f"/s/{carded.submissions[MINE].code}"))
    assert "Backbone VarNet, 12 cascades" in page.text
    assert "https://arxiv.org/abs/2004.06688" in page.links()
    assert form_of(carded) in page.links()
    other = read(as_role(carded, "outsider").get(f"/s/{carded.submissions['U-Net'].code}"))
    assert "https://code.example/unet" in other.links()
    assert not [link for link in other.links() if link.endswith("/card")]


def test_an_answer_is_text_whatever_it_holds(carded, as_role, client):
    write(
        carded,
        "U-Net",
        {"backbone": '<b class=injected>x</b> https://a.example/"><script>y</script>', "code": "javascript:alert(1)"},
    )
    for address in (table(carded, "?columns=all"), f"/s/{carded.submissions['U-Net'].code}"):
        page = read(client.get(address))
        assert "<b class=injected>" in page.text
        assert page.inline_scripts == []
        assert not [link for link in page.links() if link.startswith("javascript")]


def test_a_member_changes_the_card_in_a_form(carded, as_role):
    client = as_role(carded, "member")
    page = read(client.get(form_of(carded)))
    assert {box.attrs["name"]: box.attrs.get("value") for box in page.all("input")}["parameters"] == "30000000"
    sent = client.post(form_of(carded), {**CARD, "parameters": "31 million", "licence": "MIT", "loss": ""})
    assert sent.status_code == 302
    card = Submission.objects.get(pk=carded.submissions[MINE].pk).card
    assert card == {**CARD, "parameters": "31000000", "licence": "MIT"}


def test_a_form_that_cannot_be_taken_keeps_what_was_written(carded, as_role):
    carded.phase.task.card_required = ["backbone"]
    carded.phase.task.save()
    answer = as_role(carded, "member").post(form_of(carded), {"parameters": "many", "backbone": "x"})
    assert answer.status_code == 422
    page = read(answer)
    assert "Parameters: 'many' is no number" in page.text
    assert "many" in [box.attrs.get("value") for box in page.all("input")]
    short = as_role(carded, "member").post(form_of(carded), {"licence": "MIT"})
    assert "This task asks every entry for: Backbone." in read(short).text
    assert Submission.objects.get(pk=carded.submissions[MINE].pk).card == CARD


@pytest.mark.parametrize(("role", "status"), [("anonymous", 302), ("outsider", 404), ("organiser", 200)])
def test_the_form_is_its_teams_and_the_organisers(role, status, carded, as_role):
    assert as_role(carded, role).get(form_of(carded)).status_code == status


def test_a_baselines_card_is_written_by_nobody_who_only_reads_it(carded, as_role):
    address = f"/s/{carded.submissions['U-Net'].code}/card"
    assert as_role(carded, "captain").get(address).status_code == 403
    assert as_role(carded, "captain").post(address, {"backbone": "mine"}).status_code == 403


def test_it_costs_two_queries_more_than_reading_the_scores(carded, client, django_assert_num_queries):
    with django_assert_num_queries(6):  # the phase, cases, submissions, values, how sure the ranks are, the cards
        client.get(f"/c/{carded.address}/board/cards.json")
