"""Result files as people see them: on the phase that takes them, on the board, on the entry's own page."""

from __future__ import annotations

import csv
import io

import pytest

from assay.datasets.models import Case
from assay.evaluations.models import Evaluation
from assay.predictions.models import Predictions
from assay.submissions.models import Submission
from tests.unit.assay.web.conftest import ROLES
from tests.unit.assay.web.reading import read
from tests.unit.assay.web.world import digest_of

METHOD = "VarNet-XL with learned coil sensitivities"


@pytest.fixture
def taking(world):
    """The world's phase takes result files, and one team sent some; another method of that team stays a container."""
    Case.objects.filter(dataset=world.phase.ranked).update(given_as="P003")
    world.phase.predictions = "given-out"
    world.phase.save()
    submission = world.submissions[METHOD]
    sent = Predictions.objects.create(
        team=submission.team, sha256=digest_of("zip"), archive_bytes=9, created_at=world.now, ready_at=world.now
    )
    Evaluation.objects.filter(pk=submission.evaluation_id).update(image=None, predictions=sent)
    Submission.objects.filter(pk=submission.pk).update(image=None, predictions=sent)
    return world


def test_the_phase_says_that_it_takes_them_in_which_layout_and_how(taking, client):
    page = read(client.get(f"/c/{taking.address}"))
    assert "the organisers gave its inputs to the teams" in page.text
    assert taking.phase.task.spec["input"] in page.text
    assert f"assay submit --predictions predictions.zip --method my-method --phase {taking.address}" in page.text
    (listing,) = [link for link in page.links() if link.endswith(f"/{taking.address}/predictions")]
    assert len(client.get(listing[listing.index("/api/") :]).json()["paths"]) == len(taking.cases)


def test_a_phase_of_containers_says_nothing_of_them(world, client):
    assert "Result files" not in read(client.get(f"/c/{world.address}")).text
    assert client.get(f"/api/v1/phases/{world.address}/predictions").status_code == 409


def test_the_board_marks_them_where_seconds_and_memory_would_stand(taking, client):
    page = read(client.get(f"/c/{taking.address}/board"))
    theirs = next(row for row in page.rows if row and "VarNet-XL" in " ".join(row))
    assert theirs[-3:-1] == ["result files", "–"]
    assert "made elsewhere, not measured here" in page.text
    assert sum("result files" in row for row in page.rows) == 1


def test_a_board_without_them_does_not_speak_of_them(world, client):
    assert "esult files" not in read(client.get(f"/c/{world.address}/board")).text


def test_the_table_for_other_programs_says_which_they_are(taking, client):
    text = client.get(f"/c/{taking.address}/board.csv").content.decode()
    rows = {row["method"]: row for row in csv.DictReader(io.StringIO(text))}
    assert (rows[METHOD]["result_files"], rows[METHOD]["seconds"]) == ("true", "")
    assert (rows["PromptNet"]["result_files"], rows["PromptNet"]["seconds"] != "") == ("false", True)


def test_its_own_page_names_the_archive_and_measures_nothing(taking, as_role):
    submission = taking.submissions[METHOD]
    page = read(as_role(taking, "member").get(f"/s/{submission.code}"))
    assert f"sha256:{digest_of('zip')}" in page.text
    assert "at the peak" not in page.text


@pytest.mark.parametrize("page", ["/s/{code}", "/s/{code}.json", "/s/{code}/live"])
def test_each_role_opens_such_an_entry_as_it_opens_any_other(page, taking, as_role):
    address = page.format(code=taking.submissions[METHOD].code)
    got = {role: as_role(taking, role).get(address).status_code for role in ROLES}
    assert got == {"anonymous": 404, "outsider": 404, "member": 200, "captain": 200, "organiser": 200}


def test_the_limits_tell_of_the_last_run_of_a_container(taking, as_role):
    page = read(as_role(taking, "member").get(f"/c/{taking.address}"))
    assert "Your last run used" not in page.text


def test_such_a_phase_costs_no_more_queries_than_any_other(taking, client, django_assert_num_queries):
    with django_assert_num_queries(5):
        client.get(f"/c/{taking.address}")
    with django_assert_num_queries(2):  # the phase, first inputs with their cases
        client.get(f"/api/v1/phases/{taking.address}/predictions")
