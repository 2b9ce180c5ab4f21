"""An organiser's pages: a challenge from a file, its values as forms, last year's under a new name. One way of writing."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assay.accounts.models import User
from assay.challenges import review
from assay.challenges.clone import EDITOR_LINE
from assay.challenges.marked_yaml import load
from assay.challenges.models import Challenge, Phase, Task
from assay.datasets.models import Dataset
from tests.unit.assay.conftest import NOW
from tests.unit.assay.samples import CHALLENGE, upload_dataset

PHASE = "tasks-0-phases-0"
pytestmark = pytest.mark.usefixtures("sealed_dataset", "sample_dataset")


@pytest.fixture
def browser(organiser: User) -> Client:
    client = Client()
    client.force_login(organiser)
    return client


def _fields(browser: Client) -> dict[str, str]:
    """What a browser would send back of the form as it is shown."""
    form = browser.get("/organise/c/cine-demo").context["form"]
    return {name: form[name].value() for name in form.fields} | {"base": review.version_of(Challenge.objects.get())}


def _rows() -> list[object]:
    return [list(model.objects.order_by("pk").values()) for model in (Challenge, Task, Phase)]


def test_a_file_is_looked_at_before_anything_is_made_and_then_applied(browser: Client) -> None:
    shown = browser.post("/organise/new", {"file": SimpleUploadedFile("cine.yaml", CHALLENGE.encode())})
    assert shown.status_code == 200
    assert shown.context["review"].base == review.NEW
    assert not Challenge.objects.exists()

    sent = {"yaml": shown.context["text"].replace("\n", "\r\n"), "base": review.NEW, "do": "apply"}
    applied = browser.post("/organise/file", sent, follow=True)
    assert applied.redirect_chain == [("/organise/c/cine-demo", 302)]
    assert "Applied: cine-demo created" in applied.content.decode()
    assert Challenge.objects.get().source == CHALLENGE


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("timezone: AoE", "timezome: AoE", "unknown key &quot;timezome&quot;"),
        ("metric: ssim,", "metric: ssmi,", "did you mean &quot;ssim&quot;?"),
        ("ranked: cine-demo-test@1", "ranked: cine-demo-tset@1", "did you mean &quot;cine-demo-test@1&quot;?"),
    ],
)
def test_a_file_with_a_mistake_is_shown_with_its_line_and_nothing_is_made(
    browser: Client, old: str, new: str, message: str
) -> None:
    text = CHALLENGE.replace(old, new, 1)
    for address, more in (("/organise/new", {}), ("/organise/file", {"do": "apply", "base": review.NEW})):
        answer = browser.post(address, {"yaml": text, **more})
        assert answer.status_code == 422
        assert message in answer.content.decode()
        assert f"{text[: text.index(new)].count(chr(10)) + 1}:" in answer.content.decode()
        assert answer.context["text"] == text
    assert not Challenge.objects.exists()


@pytest.mark.usefixtures("challenge")
def test_what_is_typed_into_the_form_is_a_change_of_the_file_and_of_nothing_else(browser: Client) -> None:
    typed = _fields(browser) | {
        "title": "Cine: another year", f"{PHASE}-quota-submissions": "60", f"{PHASE}-open-until": "2030-12-31 12:00",
        f"{PHASE}-data-sample": "", "tasks-0-limits-time": "1h",
    }  # fmt: skip
    before = _rows()
    shown = browser.post("/organise/c/cine-demo", typed)
    assert shown.status_code == 200
    assert {(each.path, each.after) for each in shown.context["review"].differences} == {
        ("title", "Cine: another year"),
        ("tasks[cine-multicoil].limits.time", "1h"),
        ("tasks[cine-multicoil].phases[test].quota.submissions", "60"),
        ("tasks[cine-multicoil].phases[test].open.until", "2030-12-31 12:00"),
        ("tasks[cine-multicoil].phases[test].data.sample", None),
    }
    assert _rows() == before
    text = shown.context["text"]
    assert text.count("#") == CHALLENGE.count("#")

    # an open phase gets an end: that is asked about twice
    sent = {"yaml": text, "base": shown.context["review"].base, "do": "apply"}
    asked = browser.post("/organise/file", sent)
    assert asked.status_code == 409
    assert "would close 1 Jan 2031" in asked.content.decode()
    assert _rows() == before
    assert browser.post("/organise/file", {**sent, "confirm": "cine-demo"}).status_code == 302
    phase = Phase.objects.get()
    assert (phase.quota["submissions"], phase.sample, phase.limits["time"]) == (60, None, 3600)
    assert Challenge.objects.get().source == text
    assert load(text).data["title"] == "Cine: another year"


@pytest.mark.usefixtures("challenge")
def test_a_form_with_a_wrong_value_names_the_line_and_changes_nothing(browser: Client) -> None:
    before = _rows()
    shown = browser.post("/organise/c/cine-demo", _fields(browser) | {f"{PHASE}-open-until": "soon"})
    assert shown.status_code == 422
    assert "&#x27;soon&#x27; is no date" in shown.content.decode()
    assert _rows() == before


@pytest.mark.usefixtures("challenge")
def test_saving_the_form_as_it_is_shown_changes_nothing(browser: Client) -> None:
    shown = browser.post("/organise/c/cine-demo", _fields(browser))
    assert shown.context["text"] == CHALLENGE
    assert "The same as what stands" in shown.content.decode()


@pytest.mark.usefixtures("challenge")
def test_two_organisers_do_not_overwrite_each_other(browser: Client, organiser: User) -> None:
    typed = _fields(browser) | {"title": "Mine"}
    theirs = CHALLENGE.replace("title: Cine rec", "title: Their cine rec")
    looked = browser.post("/organise/new", {"yaml": theirs})
    browser.post("/organise/file", {"yaml": theirs, "base": looked.context["review"].base, "do": "apply"})

    assert browser.post("/organise/c/cine-demo", typed).status_code == 409
    late = browser.post(
        "/organise/file",
        {"yaml": theirs.replace("Their", "My"), "base": looked.context["review"].base, "do": "apply"},
    )
    assert late.status_code == 409
    assert "was changed since you looked" in late.content.decode()
    assert Challenge.objects.get().title == "Their cine reconstruction, demo"


@pytest.mark.usefixtures("challenge")
def test_last_years_challenge_under_a_new_name_is_shown_as_a_file(browser: Client) -> None:
    sent = {"name": "cine-2027", "title": "Cine 2027", "start": "2027-05-03"}
    shown = browser.post("/organise/c/cine-demo/clone", sent)
    assert shown.status_code == 200
    data = load(shown.context["text"]).data
    assert (data["challenge"], data["title"]) == ("cine-2027", "Cine 2027")
    assert data["tasks"][0]["phases"][0]["open"] == {"from": "2027-05-03"}
    assert "# REPLACE: data of cine-demo" in shown.context["text"]
    assert browser.post("/organise/c/cine-demo/clone", {**sent, "name": "Not An Address"}).status_code == 422
    assert Challenge.objects.count() == 1


@pytest.mark.usefixtures("challenge")
def test_the_file_is_downloaded_as_it_stands_with_the_line_for_editors(browser: Client) -> None:
    got = browser.get("/organise/c/cine-demo/challenge.yaml")
    first, _, rest = got.content.decode().partition("\n")
    assert first.startswith(EDITOR_LINE)
    assert rest == CHALLENGE
    assert 'filename="cine-demo.yaml"' in got.headers["Content-Disposition"]


@pytest.mark.usefixtures("challenge")
def test_data_are_told_with_their_strata_and_every_case_that_a_task_cannot_score(
    browser: Client, organiser: User, sealed_dataset: Dataset
) -> None:
    listed = browser.get("/organise/data").content.decode()
    assert "cine-demo-test@1" in listed
    shown = browser.get("/organise/data/cine-demo-test/1")
    assert (shown.context["subjects"], len(shown.context["cases"])) == (2, 12)
    assert dict(shown.context["strata"])["af"] == [("10", 4), ("4", 4), ("8", 4)]
    assert "Every case has what this task needs" in shown.content.decode()

    task = Task.objects.get()
    task.spec = {**task.spec, "strata": {**task.spec["strata"], "af": {"title": "AF", "values": {"4": "4", "8": "8"}}}}
    task.save()
    wrong = browser.get("/organise/data/cine-demo-test/1").context["fits"][0].misfits
    assert len(wrong) == 4
    assert all('"10" for the stratum "af"' in each.message for each in wrong)

    upload_dataset(
        owner=User.objects.create_user(username="rival", email="rival@example.org", is_staff=True),
        name="theirs", version=1, subjects=1, public=False, now=NOW,
    )  # fmt: skip
    assert browser.get("/organise/data/theirs/1").status_code == 404


@pytest.mark.usefixtures("challenge")
@pytest.mark.parametrize(
    "address",
    [
        "/organise", "/organise/new", "/organise/data", "/organise/data/cine-demo-test/1", "/organise/c/cine-demo",
        "/organise/c/cine-demo/edit", "/organise/c/cine-demo/clone", "/organise/c/cine-demo/challenge.yaml",
        "/organise/c/cine-demo/dry-run/cine-multicoil/test",
    ],
)  # fmt: skip
def test_only_its_organisers_open_them(browser: Client, captain: User, address: str) -> None:
    assert browser.get(address).status_code == 200
    assert Client().get(address).status_code == 302
    theirs = Client()
    theirs.force_login(captain)
    assert theirs.get(address).status_code == 403
    rival = Client()
    rival.force_login(User.objects.create_user(username="rival", email="rival@example.org", is_staff=True))
    if "cine-demo" in address:
        assert rival.get(address).status_code in {403, 404}
