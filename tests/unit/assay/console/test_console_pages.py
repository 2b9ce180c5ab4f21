"""The console: what needs an organiser, how far teams have come, and the way through a re-score by hand."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from assay.audit.services import record
from assay.console.models import Rescore
from assay.evaluations.models import Evaluation, MetricScores, Worker
from assay.submissions.models import Submission
from evaluators.contract.catalogue import catalogue
from evaluators.contract.states import EvaluationState
from tests.unit.assay.web.conftest import _fresh_health, as_role, busy_world, world  # noqa: F401 -- fixtures
from tests.unit.assay.web.reading import read
from tests.unit.assay.web.world import World, add, add_scored

CONSOLE = "/c/cine-demo/console"
OLD = "0" * 64


@pytest.fixture
def organiser(busy_world: World, as_role) -> Client:  # noqa: F811
    client: Client = as_role(busy_world, "organiser")
    return client


def needs(client: Client) -> dict[str, str]:
    return {need["kind"]: need["text"] for need in client.get(f"{CONSOLE}.json").json()["needs"]}


def make_old(*methods: str) -> None:
    """Their scores are of an older scorer, and their outputs are kept."""
    entries = Submission.objects.filter(method__in=methods) if methods else Submission.objects.all()
    chosen = Evaluation.objects.filter(pk__in=entries.values("evaluation"), state=EvaluationState.SCORED.value)
    chosen.update(scorer=OLD, worker=Worker.objects.get())


def score(rescore, *, ssim: float = 0.0) -> None:
    """As the worker would: every entry gets its old values, the first one's SSIM plus `ssim`."""
    for number, row in enumerate(rescore.rows.select_related("before", "after")):
        for column in row.before.scores.all():
            shift = ssim if number == 0 and column.key == "ssim" else 0.0
            values = [None if value is None else value + shift for value in column.values]
            MetricScores.objects.create(
                evaluation=row.after, key=column.key, output_digest=row.before.output_digest, values=values
            )
        Evaluation.objects.filter(pk=row.after_id).update(
            state=EvaluationState.SCORED.value, outcomes=row.before.outcomes, run=row.before.run
        )


def test_what_we_broke_what_runs_too_long_and_who_is_gone_is_told(busy_world, organiser):  # noqa: F811
    assert "Our fault ended by a failure of ours (SCORER)" in needs(organiser)["ours"]
    assert "slow" not in needs(organiser)
    running = busy_world.submissions["Cascade-12"].evaluation
    Evaluation.objects.filter(pk=running.pk).update(started_at=busy_world.now - timedelta(hours=3))
    assert "has run for 3 h" in needs(organiser)["slow"]
    Worker.objects.update(seen_at=busy_world.now - timedelta(hours=1))
    assert needs(organiser)["worker"] == "Worker box-1 (cpu) does not answer."


def test_the_funnel_counts_teams_by_the_furthest_step_and_drop_outs_by_their_last_failure(busy_world, organiser):  # noqa: F811
    add(busy_world, "Never", team="leeds", state=EvaluationState.FAILED, at=busy_world.now, failure="OOM_RAM")
    Submission.objects.filter(method="PromptNet").delete()
    told = organiser.get(f"{CONSOLE}.json").json()["funnel"]
    stages = {team["team"]: team["stage"] for team in told["teams"]}
    assert stages == {"leeds": "failed", "gdansk": "scored", "delft": "scored"}
    assert told["steps"] == {"registered": 3, "image ready": 3, "submitted": 3, "scored": 2}
    assert told["drop_outs"] == {"OOM_RAM": 1}
    rows = list(csv.DictReader(io.StringIO(organiser.get(f"{CONSOLE}/funnel.csv").content.decode())))
    assert {row["team"]: row["stage"] for row in rows} == stages
    page = read(organiser.get(CONSOLE))
    assert "Without a score, by the last failure: OOM_RAM 1 team." in page.text


def test_a_team_name_is_no_formula_in_a_spreadsheet(busy_world, organiser):  # noqa: F811
    busy_world.teams["delft"].name = "=1+1"
    busy_world.teams["delft"].save()
    assert "'=1+1" in organiser.get(f"{CONSOLE}/funnel.csv").content.decode()


def test_queries_of_the_console_are_counted_and_do_not_grow(busy_world, organiser, django_assert_num_queries):  # noqa: F811
    cache.clear()
    with django_assert_num_queries(19) as counted:
        organiser.get(CONSOLE)
    for number in range(5):
        add_scored(busy_world, f"Method {number}", team="leeds", ssim=0.9, at=busy_world.now)
    cache.clear()
    with django_assert_num_queries(len(counted.captured_queries)):
        organiser.get(CONSOLE)


def test_before_the_first_entry_a_checklist_says_what_to_do_next(busy_world, organiser):  # noqa: F811
    Submission.objects.filter(is_baseline=False).delete()
    page = read(organiser.get(CONSOLE))
    assert "done: Upload the data" in page.text
    assert "to do: Tell the teams" in page.text
    ticks = organiser.get(f"{CONSOLE}.json").json()["checklist"]
    assert [tick["done"] for tick in ticks] == [True, True, True, True, False]


def test_the_refusal_names_the_role_that_is_needed(busy_world, as_role):  # noqa: F811
    answer = as_role(busy_world, "captain").get(CONSOLE)
    assert answer.status_code == 403
    assert "Role needed: organiser of this challenge" in read(answer).text


def test_the_audit_shows_the_challenges_own_deeds_and_no_others(busy_world, organiser):  # noqa: F811
    person, code = busy_world.people["organiser"], busy_world.submissions["U-Net"].code
    for target in ("challenge:cine-demo", f"submission:{code}", "challenge:cine-demo-2", "submission:ZZZZZ"):
        record(tag="organiser:challenge:apply", target=target, at=busy_world.now, actor=person, detail={"x": "created"})
    told = organiser.get(f"{CONSOLE}/audit.json").json()["entries"]
    assert {entry["on"] for entry in told} == {"challenge:cine-demo", f"submission:{code}"}
    assert code in read(organiser.get(f"{CONSOLE}/audit")).text


def test_the_file_is_shown_as_it_was_applied(organiser):
    answer = organiser.get(f"{CONSOLE}/challenge.yaml")
    assert (answer.content, answer.headers["Content-Type"]) == (b"schema: 1", "text/plain; charset=utf-8")


def test_an_organiser_scores_again_sees_both_ranks_and_publishes(busy_world, organiser, client):  # noqa: F811
    make_old()
    assert needs(organiser)["awaits"] == "Cine, multi-coil / Test: 6 entries await re-scoring."
    begun = organiser.post(
        f"{CONSOLE}/rescore", {"phase": "cine-multicoil/test", "note": "The crop was off by one."}, follow=True
    )
    here = begun.redirect_chain[-1][0]
    assert "0 of 6 entries scored again, 6 still to come." in read(begun).text
    assert "Publish" not in [button.attrs.get("value") for button in read(begun).all("button")]
    (rescore,) = Rescore.objects.all()
    score(rescore, ssim=0.3)
    assert "ready to be published" in needs(organiser)["ready"]
    page = read(organiser.get(here))
    assert "3 methods are as before" in page.text or "methods are as before" in page.text
    refused = organiser.post(f"{here}/publish", {"name": "cine", "note": ""})
    assert refused.status_code == 422
    done = organiser.post(f"{here}/publish", {"name": "cine-demo", "note": "The crop was off by one."}, follow=True)
    assert "the new scores count" in read(done).text
    news = read(client.get("/c/cine-demo/news"))
    assert "Cine, multi-coil / Test was scored again" in news.text
    assert "The crop was off by one." in news.text
    boards = [link for link in news.links() if "/board/" in link]
    assert [client.get(link).status_code for link in boards] == [200, 200]
    board = client.get(f"/c/{busy_world.address}/board.json").json()
    assert len(board["rows"]) == 6
    assert board["scorer"] == catalogue().scorer
    twin = organiser.get(f"{here}.json").json()
    assert (twin["state"], twin["before"] != twin["after"]) == ("published", True)


def test_queries_of_a_rescore_do_not_grow_with_its_rows(busy_world, organiser, django_assert_num_queries):  # noqa: F811
    for methods in (("U-Net",), ()):
        make_old(*methods)
        begun = organiser.post(f"{CONSOLE}/rescore", {"phase": "cine-multicoil/test"}, follow=True)
        here = begun.redirect_chain[-1][0]
        if not methods:
            score(Rescore.objects.get(dropped_at=None))
        cache.clear()
        with django_assert_num_queries(19):
            organiser.get(here)
        organiser.post(f"{here}/drop")


@pytest.mark.parametrize("verb", ["retry", "leave-out", "drop", "publish"])
def test_nobody_else_changes_a_rescore(verb, busy_world, organiser, as_role):  # noqa: F811
    make_old()
    here = organiser.post(f"{CONSOLE}/rescore", {"phase": "cine-multicoil/test"}).headers["Location"]
    for role, expected in (("captain", 403), ("anonymous", 302)):
        answer = as_role(busy_world, role).post(f"{here}/{verb}", {"name": "cine-demo"})
        assert answer.status_code == expected
    assert Rescore.objects.get().is_open
