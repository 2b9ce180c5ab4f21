"""What a team reads on its submission's page, in every state."""

from __future__ import annotations

import pytest

from tests.unit.assay.web.reading import read

CASES = [
    ("Cascade-12", "Running: files present 44 of 72."),
    ("Cascade-8", "Failed: OOM_RAM"),
    ("Our fault", "Ours: SCORER"),
    ("Called off", "Cancelled"),
    ("VarNet-XL with learned coil sensitivities", "Scored: 72 of 72 cases."),
]


@pytest.fixture
def page_of(busy_world, as_role):
    def open_page(method, role="captain"):
        return read(as_role(busy_world, role).get(f"/s/{busy_world.submissions[method].code}"))

    return open_page


@pytest.mark.parametrize(("method", "sentence"), CASES)
def test_one_sentence_says_the_state_and_it_is_the_apis(method, sentence, page_of, busy_world, as_role):
    told = as_role(busy_world, "captain").get(f"/s/{busy_world.submissions[method].code}.json").json()
    assert told["sentence"].startswith(sentence)
    assert told["sentence"] in page_of(method).text


def test_a_running_one_shows_files_and_refreshes_itself_every_two_seconds(page_of):
    page = page_of("Cascade-12")
    bar = next(element for element in page.elements if element.attrs.get("role") == "progressbar")
    assert (bar.attrs["aria-valuenow"], bar.attrs["aria-valuemax"]) == ("44", "72")
    live = next(element for element in page.elements if element.attrs.get("id") == "live")
    assert live.attrs["hx-trigger"] == "every 2s"
    assert any(element.attrs.get("http-equiv") == "refresh" for element in page.all("meta"))


def test_a_queued_one_says_its_place_and_asks_every_ten_seconds(page_of):
    page = page_of("KT-net 2", role="outsider")
    assert "Queued: 1st in line." in page.text
    live = next(element for element in page.elements if element.attrs.get("id") == "live")
    assert live.attrs["hx-trigger"] == "every 10s"


def test_an_ended_one_asks_no_more_and_reloads_a_page_that_still_does(busy_world, as_role, page_of):
    page = page_of("Cascade-8")
    assert not [element for element in page.elements if "hx-get" in element.attrs]
    assert not [script for script in page.all("script") if "htmx" in script.attrs.get("src", "")]
    answer = as_role(busy_world, "captain").get(f"/s/{busy_world.submissions['Cascade-8'].code}/live")
    assert answer.headers["HX-Refresh"] == "true"


def test_a_failure_says_what_happened_the_causes_the_fix_and_that_it_counts(page_of):
    page = page_of("Cascade-8")
    assert "The container asked for more memory than the phase allows." in page.text
    assert "Usual causes: Results kept in memory between cases" in page.text
    assert "To do: Free each case before the next" in page.text
    assert "It counts against the quota." in page.text
    assert "/help/OOM_RAM" in page.links()
    assert "present 31 of 72" in page.text


def test_our_failure_says_that_it_does_not_count(page_of):
    assert "It does not count against the quota." in page_of("Our fault").text


def test_case_failures_are_counted_by_code_with_help_and_never_look_green(page_of):
    page = page_of("KT-net", role="outsider")
    assert "Scored with 2 case failures: MISSING_FILE 2 of 72." in page.text
    assert "MISSING_FILE 2 of 72: The expected file of this case is not there." in page.text
    sentence = next(n for n, element in enumerate(page.elements) if element.attrs.get("aria-live") == "polite")
    assert "is-ours" in page.elements[sentence + 1].attrs["class"]


def test_a_scored_one_shows_its_place_and_the_means_of_every_stratum(page_of, busy_world, client):
    page = page_of("VarNet-XL with learned coil sensitivities")
    assert "Rank 2 of 6." in page.text
    row = next(row for row in client.get(f"/c/{busy_world.address}/board.json").json()["rows"] if row["rank"] == 2)
    rival = next(one for one in client.get(f"/c/{busy_world.address}/board.json").json()["rows"] if one["baseline"])

    def cell(own: float, other: float) -> str:
        return f"{own:.3f} ◆ {other:.3f}, {own - other:+.3f}".replace(", -", ", −")

    assert page.row("All cases")[1] == cell(row["metrics"]["ssim"], rival["metrics"]["ssim"])
    for title, key in (("8", "af=8"), ("real", "anatomy=real")):
        assert page.row(title)[2] == cell(row["strata"][key]["ssim"], rival["strata"][key]["ssim"])
    assert f"the baseline ◆ {rival['method']}, and the difference to it" in page.text


def test_steps_carry_the_time_that_each_took(page_of):
    text = page_of("VarNet-XL with learned coil sensitivities").text
    assert "queued 2 min 10 s" in text
    assert "running 6 min 5 s" in text


def test_history_and_provenance_tell_who_ran_what(page_of, busy_world):
    page = page_of("VarNet-XL with learned coil sensitivities")
    submission = busy_world.submissions["VarNet-XL with learned coil sensitivities"]
    assert any(row[1:4] == ["preparing → running", "1", "box-1"] for row in page.rows)
    for digest in (submission.image.config_digest, submission.evaluation.output_digest, submission.evaluation.scorer):
        assert digest in page.text


def test_a_method_name_cannot_smuggle_markup_into_a_page(busy_world, as_role):
    submission = busy_world.submissions["Cascade-8"]
    submission.method = "<script>alert(1)</script>"
    submission.save()
    client = as_role(busy_world, "captain")
    for address in (f"/s/{submission.code}", "/submit", f"/c/{busy_world.address}", f"/c/{busy_world.address}/board"):
        page = read(client.get(address))
        assert not page.inline_scripts
        assert "<script>alert(1)</script>" in page.text


def test_withdrawn_means_off_the_board(busy_world, as_role):
    submission = busy_world.submissions["VarNet-XL with learned coil sensitivities"]
    submission.withdrawn_at = busy_world.now
    submission.save()
    text = read(as_role(busy_world, "captain").get(f"/s/{submission.code}")).text
    assert "Withdrawn: it does not stand on the board." in text
