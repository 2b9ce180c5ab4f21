"""Front, boards, challenge, task, status, help, errors, display."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client, override_settings

from assay.challenges.models import Challenge, Phase
from assay.datasets.models import CaseFile
from assay.evaluations.models import Worker
from evaluators.contract.failures import HELP
from tests.unit.assay.web.reading import read


def test_the_front_page_shows_open_challenges_the_queue_and_the_way_in(busy_world, client):
    page = read(client.get("/"))
    assert "Containers in, fair rankings out." in page.text
    assert "1 running, 1 queued" in page.text
    assert "6 methods · Open, without an end." in page.text
    assert f"assay submit my-method --phase {busy_world.address} --wait" in page.text
    assert page.row("1")[1] == "PromptNet"


def test_a_site_without_a_challenge_says_how_to_apply_one(db, client):
    assert "assay challenge apply cine-demo.yaml" in read(client.get("/")).text
    assert "There is no challenge on this site yet." in read(client.get("/boards")).text


def test_the_front_page_tells_no_methods_before_the_board_is_public(world, client):
    Phase.objects.update(board_from=world.now + timedelta(days=1))
    text = read(client.get("/")).text
    assert "board not public yet" in text
    assert "PromptNet" not in text


def test_a_queue_without_workers_is_said_on_every_page(busy_world, client):
    Worker.objects.update(seen_at=busy_world.now - timedelta(hours=3))
    cache.clear()
    for address in ("/", "/help", "/status"):
        text = read(client.get(address)).text
        assert "No cpu worker since" in text
        assert "1 entry waits, no quota is lost." in text


def test_status_counts_workers_and_queue_by_class_and_has_a_twin(busy_world, client):
    row = read(client.get("/status")).row("cpu")
    assert row[1:5] == ["✓ working", "1", "1", "1"]
    twin = client.get("/status.json").json()
    assert twin["classes"][0] | {"hardware": "cpu", "alive": 1, "running": 1, "queued": 1} == twin["classes"][0]
    assert "box-1" not in client.get("/status").content.decode()


def test_status_without_workers_shows_the_command_that_starts_one(db, client):
    assert "assay evaluator" in read(client.get("/status")).text


def test_healthz_answers_in_plain_text(db, client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_a_challenge_names_who_leads_and_the_best_baseline(world, client):
    page = read(client.get("/c/cine-demo"))
    row = page.row("Cine, multi-coil")
    assert row[3:] == ["6 methods", "PromptNet", "◆ E2E-VarNet"]
    assert "organiser" in page.text


def test_a_challenge_without_tasks_says_who_adds_them(db, client, django_user_model):
    now = "2026-01-01T00:00:00Z"
    Challenge.objects.create(slug="bare", title="Bare", summary="-", source="", created_at=now, updated_at=now)
    assert "This challenge has no task yet." in read(client.get("/c/bare")).text


def test_a_task_shows_both_trees_and_one_case_opened_out(world, client):
    content = client.get("/c/cine-demo/cine-multicoil").content.decode()
    text = read(client.get("/c/cine-demo/cine-multicoil")).text
    assert "AccFactor04/\n          P001/\n            cine_lax.mat" in content
    assert "img4ranking , float32" in text
    assert "x 96 × y 72 × slice 2 × frame 8" in text
    assert "{name}" not in content


def test_a_task_ranks_its_worked_example_by_its_own_rule(world, client):
    rows = {row[0]: row for row in read(client.get("/c/cine-demo/cine-multicoil")).rows if row}
    assert [rows[name][-2:] for name in "ABC"] == [["3", "1"], ["9", "3"], ["6", "2"]]


def test_a_task_without_a_sample_says_whom_to_ask(world, client):
    CaseFile.objects.all().delete()
    text = read(client.get("/c/cine-demo/cine-multicoil")).text
    assert "no public sample yet: ask its organiser" in text
    assert "MultiCoil/Cine/{set}" in text


@pytest.mark.parametrize("code", sorted(HELP))
def test_every_failure_code_has_a_page_with_meaning_causes_fix_and_whether_it_counts(code, db, client):
    page = read(client.get(f"/help/{code}"))
    assert HELP[code].sentence in page.text
    for words in (HELP[code].causes, HELP[code].fix):
        assert " ".join(words.replace("`", " ").split())[:30] in page.text
    assert ("Does not count" in page.text) is (HELP[code].fault.value == "platform")


def test_every_code_and_every_refusal_stands_in_the_index(db, client):
    links = read(client.get("/help")).links()
    for code in [*HELP, "QUOTA", "PHASE_CLOSED", "NOT_YOUR_TEAM", "BOARD_HIDDEN"]:
        assert f"/help/{code}" in links
        assert client.get(f"/help/{code}").status_code == 200


def test_help_forgives_small_letters_and_knows_no_other_code(db, client):
    assert client.get("/help/oom_ram").headers["Location"] == "/help/OOM_RAM"
    answer = client.get("/help/FLAT_BATTERY")
    assert answer.status_code == 404
    assert "Every code is listed on the help page" in read(answer).text


def test_a_wrong_address_offers_the_nearest_one_above(world, client):
    answer = client.get("/c/cine-demo/cine-multicoil/test/board/nonsense")
    assert answer.status_code == 404
    assert "/c/cine-demo/cine-multicoil/test/board" in read(answer).links()


def test_a_broken_page_takes_the_blame_and_gives_an_id_to_quote(world, monkeypatch, caplog):
    monkeypatch.setattr("assay.web.views.shelf", lambda **_: 1 / 0)
    answer = Client(raise_request_exception=False).get("/")
    text = read(answer).text
    assert answer.status_code == 500
    quote = text.split("quote ")[1].split(" ")[0]
    assert f"quoted as {quote}" in caplog.text
    assert "This page broke on our side." in text


def test_an_expired_form_says_so(world):
    answer = Client(enforce_csrf_checks=True).post("/account/sign-in", {"username": "captain", "password": "x"})
    assert answer.status_code == 403
    assert "This form has expired" in read(answer).text


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_display_choice_is_in_the_first_byte_of_the_next_page(theme, db, client):
    answer = client.post("/theme", {"theme": theme, "next": "/help"})
    assert answer.headers["Location"] == "/help"
    page = read(client.get("/help"))
    assert page.all("html")[0].attrs["data-bs-theme"] == theme
    client.post("/theme", {"theme": "system", "next": "/help"})
    assert "data-bs-theme" not in read(client.get("/help")).all("html")[0].attrs


def test_the_display_choice_never_leads_off_the_site(db, client):
    assert client.post("/theme", {"theme": "dark", "next": "https://elsewhere.example/"}).headers["Location"] == "/"


@override_settings(CONTACT="help@site.example", SOURCE_URL="https://source.example")
def test_the_footer_names_version_health_source_and_contact(db, client):
    page = read(client.get("/help"))
    assert "Assay " in page.text
    assert {"/status", "/api/docs", "mailto:help@site.example", "https://source.example"} <= set(page.links())


def test_pages_answer_in_json_to_those_who_ask_for_it(world, client):
    for address in (
        "/boards",
        "/c/cine-demo",
        "/c/cine-demo/cine-multicoil",
        f"/c/{world.address}",
        f"/c/{world.address}/board",
        "/status",
    ):
        by_header = client.get(address, headers={"accept": "application/json"})
        by_ending = client.get(f"{address}.json")
        assert by_header.headers["Content-Type"] == by_ending.headers["Content-Type"] == "application/json"
        assert by_header.json().keys() == by_ending.json().keys()
    assert client.get("/c/nothing.json").json()["error"] == "NOT_FOUND"
