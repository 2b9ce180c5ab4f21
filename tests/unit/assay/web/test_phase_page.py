"""A phase: limits, the docker line, quota, dates; and the page that says how to enter."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assay.challenges.models import Phase
from evaluators.contract.docker_line import printed_line
from tests.unit.assay.web.reading import read


def test_the_docker_line_is_byte_for_byte_the_contracts(world, client):
    answer = client.get(f"/c/{world.address}")
    line = printed_line(limits=world.phase.parsed_limits())
    assert line in read(answer).text
    assert client.get(f"/c/{world.address}.json").json()["docker_line"] == line


def test_a_rehearsal_at_home_is_offered_where_there_is_a_sample(world, client):
    command = f"assay check my-image --phase {world.address}"
    assert command in read(client.get(f"/c/{world.address}")).text
    assert client.get(f"/c/{world.address}.json").json()["sample"] == str(world.phase.sample)
    Phase.objects.update(sample=None)
    assert command not in read(client.get(f"/c/{world.address}")).text


def test_limits_are_written_in_units_that_people_use(world, client):
    page = read(client.get(f"/c/{world.address}"))
    assert page.row("Wall time")[1] == "30 min"
    assert page.row("Memory")[1] == "4 GiB"
    assert page.row("Output")[1] == "512 MiB, 10,000 files"
    assert page.row("User")[1] == "root, without any capability"


def test_a_team_reads_what_its_last_run_used_rounded_for_hidden_data(world, as_role):
    page = read(as_role(world, "member").get(f"/c/{world.address}"))
    assert page.row("Wall time")[2] == "7 min 12 s"
    assert page.row("Memory")[2] == "1.8 GiB"
    assert page.row("Output")[2] == ""


def test_a_team_reads_its_quota_and_when_it_comes_back(busy_world, as_role):
    text = read(as_role(busy_world, "captain").get(f"/c/{busy_world.address}")).text
    assert "Gdańsk Heart Lab" in text
    assert "left, back at" in text
    assert "00:00 UTC" in text


def test_somebody_without_a_team_is_told_to_found_one(world, as_role):
    world.people["outsider"].membership_set.all().delete()
    page = read(as_role(world, "outsider").get(f"/c/{world.address}"))
    assert "You are in no team yet" in page.text
    assert "/account/teams" in page.links()


def test_dates_stand_in_utc_and_aoe(world, client):
    Phase.objects.update(closes_at="2100-09-26T11:59:00Z")
    text = read(client.get(f"/c/{world.address}")).text
    assert "26 Sep 2100 11:59 UTC = 25 Sep 23:59 AoE" in text


@pytest.mark.parametrize(("field", "shift", "sentence"), [("closes_at", -1, "Closed since"), ("opens_at", 1, "Opens")])
def test_a_phase_that_is_not_open_says_so_and_offers_no_command(field, shift, sentence, world, client):
    Phase.objects.update(**{field: world.now + timedelta(days=shift)})
    text = read(client.get(f"/c/{world.address}")).text
    assert sentence in text
    assert "Entries are refused now" in text
    assert "assay submit" not in text


def test_three_commands_lead_to_the_board(world, client):
    text = read(client.get(f"/c/{world.address}")).text
    for command in (
        "docker build --platform linux/amd64",
        "assay login http",
        f"assay submit my-method --phase {world.address}",
    ):
        assert command in text


def test_the_submit_page_lists_open_phases_and_own_submissions_alone(busy_world, as_role):
    page = read(as_role(busy_world, "captain").get("/submit"))
    assert page.row(busy_world.address)[2] == "72"
    assert page.row(busy_world.submissions["Cascade-12"].code)[4].endswith("Running: files present 44 of 72.")
    assert "Slow diffusion" not in page.text


def test_an_unknown_phase_is_a_page_that_says_where_to_look(world, client):
    answer = client.get("/c/cine-demo/cine-multicoil/nothing")
    assert answer.status_code == 404
    assert "There is no such phase." in read(answer).text
