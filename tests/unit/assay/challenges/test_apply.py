"""Applying a challenge file: all or nothing, idempotent, by its organisers alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from assay.accounts.errors import NotOrganiser
from assay.accounts.models import User
from assay.audit.models import Entry
from assay.challenges import selectors
from assay.challenges.errors import ChallengeFileRefused, NotYourChallenge
from assay.challenges.models import Challenge, Phase, Task
from assay.challenges.services import Applied, Change, apply_challenge
from assay.datasets import services as datasets
from assay.datasets.models import Dataset
from assay.datasets.selectors import first_inputs
from tests.unit.assay.conftest import NOW
from tests.unit.assay.samples import CHALLENGE, upload_dataset

ADDRESSES = ("cine-demo", "cine-demo/cine-multicoil", "cine-demo/cine-multicoil/test")


def _apply(text: str, actor: User, *, now: datetime = NOW, confirm: str | None = None) -> Applied:
    return apply_challenge(text=text, filename="cine.yaml", actor=actor, now=now, confirm=confirm)


def _complaint(text: str, actor: User) -> str:
    with pytest.raises(ChallengeFileRefused) as refused:
        _apply(text, actor)
    return refused.value.message


@pytest.fixture
def rival(db: None) -> User:
    """Another organiser of the site."""
    return User.objects.create_user(username="rival", email="rival@example.org", is_staff=True)


@pytest.fixture
def data(sealed_dataset: Dataset, sample_dataset: Dataset) -> None:
    """What the library's file names."""


def test_a_new_challenge_stands_as_its_file_says(organiser: User, data: None) -> None:
    done = _apply(CHALLENGE, organiser)

    assert done.changes == dict.fromkeys(ADDRESSES, Change.CREATED)
    phase = selectors.phase_by_address("cine-demo/cine-multicoil/test")
    assert (phase.title, phase.counts, str(phase.ranked)) == ("Test", "best", "cine-demo-test@1")
    assert phase.quota == {"submissions": 50, "every": "day", "attempts": 200}
    assert phase.is_open(NOW)
    assert phase.parsed_limits().hardware == "cpu"
    assert phase.task.parsed().ranking.missing == "worst"
    assert (phase.task.baselines_ranked, phase.task.baseline_methods) == (True, ["zero-filled", "unet", "e2e-varnet"])
    assert list(done.challenge.organisers.all()) == [organiser]
    assert Entry.objects.filter(tag="organiser:challenge:apply", actor=organiser).count() == 1


def test_applying_the_same_file_again_changes_nothing(organiser: User, challenge: Challenge) -> None:
    before = list(Task.objects.values()), list(Phase.objects.values()), list(Challenge.objects.values())
    entries = Entry.objects.count()

    done = _apply(CHALLENGE, organiser, now=NOW + timedelta(days=1))
    assert done.changes == dict.fromkeys(ADDRESSES, Change.SAME)
    assert before == (list(Task.objects.values()), list(Phase.objects.values()), list(Challenge.objects.values()))
    assert Entry.objects.count() == entries


@pytest.mark.parametrize(
    ("old", "new", "changed", "version"),
    [
        ("title: Cine rec", "title: Better cine rec", {ADDRESSES[0]}, 1),
        ("title: Cine, multi-coil", "title: Multi-coil cine", {ADDRESSES[1]}, 1),
        ("ties: min", "ties: average", {ADDRESSES[1]}, 2),
        ("digits: 3}", "digits: 4}", {ADDRESSES[1]}, 2),
        ("    baselines:", "    card: {required: [loss]}\n    baselines:", {ADDRESSES[1]}, 1),
        ("counts: best", "counts: last", {ADDRESSES[2]}, 1),
        ("time: 30min", "time: 1h", {ADDRESSES[2]}, 1),
        ("# in column order", "# another comment", set(), 1),
    ],
)
@pytest.mark.usefixtures("challenge")
def test_a_change_touches_what_it_is_about_and_the_version_rises_with_the_specification(
    organiser: User, old: str, new: str, changed: set[str], version: int
) -> None:
    assert old in CHALLENGE
    text = CHALLENGE.replace(old, new)

    done = _apply(text, organiser)
    assert {address for address, change in done.changes.items() if change is Change.CHANGED} == changed
    assert Task.objects.get().version == version
    assert Challenge.objects.get().source == text


def test_a_second_phase_and_a_second_task_are_added(organiser: User, challenge: Challenge) -> None:
    text = CHALLENGE.replace("counts: best", "counts: best\n        open: {until: 2027-01-01}")
    text += (
        "      - phase: final\n        open: {from: 2027-02-01}\n        data: {ranked: cine-demo-test@1}\n"
        "        quota: {submissions: 1, every: phase, attempts: 3}\n"
    )

    done = _apply(text, organiser, confirm="cine-demo")
    assert done.changes["cine-demo/cine-multicoil/final"] is Change.CREATED
    assert done.changes["cine-demo/cine-multicoil/test"] is Change.CHANGED
    assert [phase.slug for phase in selectors.all_phases()] == ["test", "final"]
    assert [phase.slug for phase in selectors.open_phases(now=NOW)] == ["test"]
    assert [phase.slug for phase in selectors.open_phases(now=datetime(2027, 1, 15, tzinfo=UTC))] == []
    assert Phase.objects.get(slug="final").title == "Final"


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("organisers: [organiser]", "organisers: [organiser, nobody]", '"nobody" has no account'),
        ("organisers: [organiser]", "organisers: [captain]", "you are not among the organisers"),
        (
            "cine-demo-test@1",
            "cine-demo-tset@1",
            'there is no dataset cine-demo-tset@1, did you mean "cine-demo-test@1"?',
        ),
        (
            "cine-demo-test@1",
            "cine-demo-test@7",
            'there is no dataset cine-demo-test@7, did you mean "cine-demo-test@1"?',
        ),
        ("cine-demo-test@1", "quite-other@1", "there is no dataset quite-other@1, upload and seal it first"),
        ("cine-demo-test@1", "draft@1", "draft@1 is still a draft, seal it first"),
        ("sample: cine-demo-sample@1", "sample: cine-demo-test@1", "cine-demo-test@1 is hidden, and a sample is for"),
        ("ranked: cine-demo-test@1", "ranked: rivals@1", "there is no dataset rivals@1"),
        ("values: [4, 8, 10]", "values: [4, 8]", 'case 05 has "10" for the stratum "af", the task knows 4, 8'),
        ("anatomy: {title: An", "centre: {title: An", 'case 01 has no value for the stratum "centre"'),
        ("axes: x y slice frame", "axes: x y frame", "case 01 has 4 axes, output names 3"),
        ("counts: best", "open: {from: 2026-05-01}", "2026-05-01 12:00 UTC is in the past, leave `from` out"),
        ("counts: best", "open: {until: 2026-05-01}", "2026-05-02 12:00 UTC is in the past, write a date to come"),
    ],
)
@pytest.mark.usefixtures("captain", "data")
def test_what_the_site_does_not_have_is_told_with_its_line(
    organiser: User, rival: User, old: str, new: str, wanted: str
) -> None:
    datasets.open_draft(actor=organiser, name="draft", version=1, now=NOW)
    upload_dataset(owner=rival, name="rivals", version=1, subjects=2, public=False, now=NOW)
    text = CHALLENGE.replace(old, new)

    complaint = _complaint(text, organiser)
    assert wanted in complaint
    if "axes" not in old and "values" not in old and "anatomy" not in old:
        assert complaint.startswith(f"cine.yaml:{text[: text.index(new)].count(chr(10)) + 1}:")
    assert not Challenge.objects.exists()


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (
            "{set}/AccFactor",
            "{set}/Factor",
            "maps@1: the paths of case 01 do not follow `input`, write `input` as its layout has it",
        ),
        ("kind: mapping", "kind: mapping", "maps@1: case 01 has no times of its contrasts, which the task needs"),
    ],
)
def test_data_that_the_task_cannot_be_scored_with_are_told_before_anybody_submits(
    organiser: User, data: None, old: str, new: str, wanted: str
) -> None:
    upload_dataset(
        owner=organiser, name="maps", version=1, subjects=1, public=False, now=NOW, layout="cmrxrecon-2023-mapping"
    )
    text = CHALLENGE.replace("kind: reconstruction", "kind: mapping").replace("x y slice frame", "x y slice contrast")
    text = text.replace("layout: cmrxrecon-2023 ", "layout: cmrxrecon-2023-mapping ")
    text = text.replace("cine-demo-test@1", "maps@1").replace(", sample: cine-demo-sample@1", "")
    text = text.replace("path: same-as-input", 'path: "{subject}/{view}_{af:02d}.mat"')

    assert wanted in _complaint(text.replace(old, new), organiser)
    assert not Challenge.objects.exists()


@pytest.mark.parametrize(
    ("ranked", "whence", "wanted"),
    [
        (
            "cine-demo-test@1",
            "public",
            "cine-demo-test@1 is hidden: teams do not hold its inputs, write `predictions: given",
        ),
        (
            "cine-demo-test@1",
            "given-out",
            "does not tell the names under which its inputs were given out, import it again",
        ),
        (
            "cine-demo-sample@1",
            "given-out",
            "cine-demo-sample@1 is public: everybody holds its inputs, write `predictions: pu",
        ),
    ],
)
@pytest.mark.usefixtures("data")
def test_result_files_are_taken_only_where_teams_hold_the_inputs(
    organiser: User, ranked: str, whence: str, wanted: str
) -> None:
    text = CHALLENGE.replace("ranked: cine-demo-test@1", f"ranked: {ranked}")
    text = text.replace("counts: best", f"predictions: {whence}")
    complaint = _complaint(text, organiser)
    assert wanted in complaint
    assert complaint.startswith(f"cine.yaml:{text[: text.index('predictions:')].count(chr(10)) + 1}:")
    assert not Challenge.objects.exists()


def test_a_public_version_takes_result_files_by_the_names_of_its_download(
    organiser: User, sample_dataset: Dataset
) -> None:
    text = CHALLENGE.replace("ranked: cine-demo-test@1", "ranked: cine-demo-sample@1").replace(
        "counts: best", "predictions: public"
    )
    assert _apply(text, organiser).changes["cine-demo/cine-multicoil/test"] is Change.CREATED
    assert Phase.objects.get().predictions == "public"


@pytest.mark.usefixtures("sample_dataset")
def test_a_hidden_version_that_was_given_out_takes_them_by_the_names_of_the_download(organiser: User) -> None:
    upload_dataset(owner=organiser, name="cine-demo-test", version=1, subjects=2, public=False, now=NOW, given_out=True)
    _apply(CHALLENGE.replace("counts: best", "predictions: given-out"), organiser)
    phase = selectors.phase_by_address("cine-demo/cine-multicoil/test")
    firsts = first_inputs(phase.ranked)
    assert len(firsts) == len(set(firsts)) == 12
    assert firsts[0] == "MultiCoil/Cine/TestSet/AccFactor04/P001/cine_sax.mat"


def test_an_organiser_is_named_by_address_too(organiser: User, data: None) -> None:
    done = _apply(CHALLENGE.replace("[organiser]", "[Organiser@Example.org]"), organiser)

    assert list(done.challenge.organisers.all()) == [organiser]


def test_another_organisers_public_dataset_may_be_used(organiser: User, rival: User, data: None) -> None:
    upload_dataset(owner=rival, name="open-data", version=1, subjects=1, public=True, now=NOW)

    assert _apply(CHALLENGE.replace("cine-demo-sample@1", "open-data@1"), organiser).changes[ADDRESSES[2]] == "created"


def test_a_date_that_has_passed_meanwhile_is_no_mistake(organiser: User, data: None) -> None:
    text = CHALLENGE.replace("counts: best", "open: {from: 2026-06-10, until: 2026-06-20}")
    _apply(text, organiser)

    assert _apply(text, organiser, now=NOW + timedelta(days=100)).changes[ADDRESSES[2]] is Change.SAME


def test_one_mistake_leaves_everything_as_it_was(organiser: User, challenge: Challenge) -> None:
    text = CHALLENGE.replace("title: Cine rec", "title: Better cine rec").replace("ties: min", "ties: max")
    _complaint(text.replace("cine-demo-test@1", "nowhere@1"), organiser)

    challenge.refresh_from_db()
    assert challenge.title == "Cine reconstruction, demo"
    assert challenge.source == CHALLENGE
    assert Task.objects.get().version == 1


def test_who_may_apply(organiser: User, rival: User, captain: User, challenge: Challenge) -> None:
    root = User.objects.create_superuser(username="root", email="root@example.org", password=None)
    change = CHALLENGE.replace("title: Cine rec", "title: Better cine rec")

    with pytest.raises(NotOrganiser):
        _apply(change, captain)
    with pytest.raises(NotYourChallenge):
        _apply(change.replace("[organiser]", "[organiser, rival]"), rival)
    assert _apply(change, root).changes[ADDRESSES[0]] is Change.CHANGED

    shared = change.replace("[organiser]", "[organiser, rival]")
    assert _apply(shared, organiser).changes[ADDRESSES[0]] is Change.CHANGED
    assert _apply(shared, rival).changes[ADDRESSES[0]] is Change.SAME


@pytest.mark.django_db(transaction=True)
def test_the_same_new_file_applied_twice_at_once_makes_one_challenge(organiser: User, data: None) -> None:
    start = Barrier(2)
    done: list[Applied] = []
    failures: list[Exception] = []

    def run() -> None:
        try:
            start.wait()
            done.append(_apply(CHALLENGE, organiser))
        except Exception as error:  # noqa: BLE001 -- told below, in the test's own thread
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(applied.changes[ADDRESSES[2]] for applied in done) == [Change.CREATED, Change.SAME]
    assert Challenge.objects.count() == Phase.objects.count() == 1
