"""Lint and diff change nothing; apply overwrites nobody's change, and takes nothing from teams unasked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from assay.accounts.models import Team, User
from assay.audit.models import Entry
from assay.challenges import review
from assay.challenges.errors import ChallengeChanged, ChallengeFileRefused, ConfirmNeeded
from assay.challenges.models import Challenge, Phase, Task
from assay.challenges.services import Applied, Change, apply_challenge
from assay.evaluations.services import authenticate_worker, register_worker
from assay.evaluations.services.workers import see
from assay.images.models import Image
from assay.submissions import services as submissions
from tests.unit.assay.conftest import NOW, Tokens, client_with
from tests.unit.assay.samples import CHALLENGE

AT = "tasks[cine-multicoil]"
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def _apply(text: str, actor: User, **words: str | None) -> Applied:
    return apply_challenge(text=text, filename="cine.yaml", actor=actor, now=NOW, **words)


def _diff(text: str, actor: User) -> review.Review:
    return review.diff(text=text, filename="cine.yaml", actor=actor, now=NOW)


def _state() -> list[object]:
    return [list(model.objects.order_by("pk").values()) for model in (Challenge, Task, Phase, Entry)]


@pytest.fixture
def entered(captain: User, team: Team, ready_image: Image, phase: Phase) -> Phase:
    """The phase with one entry."""
    submissions.submit(
        actor=captain, team=team, phase=phase, config_digest=ready_image.config_digest, method="Net", card={}, now=NOW
    )
    return phase


def test_a_file_that_stands_has_no_difference(organiser: User, challenge: Challenge) -> None:
    found = _diff(CHALLENGE, organiser)
    assert (found.differences, found.losses, found.only_layout) == ((), (), False)
    assert _diff(CHALLENGE.replace("# in column order", "# other words"), organiser).only_layout


def test_differences_are_told_by_key_path_with_both_values(organiser: User, challenge: Challenge) -> None:
    before = _state()
    text = CHALLENGE.replace("submissions: 50", "submissions: 60").replace(", sample: cine-demo-sample@1", "")
    text = text.replace("title: Cine rec", "title: Better cine rec").replace(
        "normalisation: cmrxrecon2023, region: challenge-crop, digits: 3", "region: challenge-crop, digits: 3", 1
    )

    told = [(each.path, each.before, each.after) for each in _diff(text, organiser).differences]
    assert told == [
        ("title", "Cine reconstruction, demo", "Better cine reconstruction, demo"),
        (f"{AT}.phases[test].quota.submissions", "50", "60"),
        (f"{AT}.metrics[ssim].normalisation", "cmrxrecon2023", None),
        (f"{AT}.phases[test].data.sample", "cine-demo-sample@1", None),
    ]
    assert _state() == before


def test_another_order_of_columns_is_a_difference(organiser: User, challenge: Challenge) -> None:
    lines = CHALLENGE.splitlines(keepends=True)
    first = next(place for place, line in enumerate(lines) if "{metric: ssim," in line)
    lines[first], lines[first + 1] = lines[first + 1], lines[first]

    (found,) = _diff("".join(lines), organiser).differences
    assert found.path == f"{AT}.metrics"
    assert (found.before or "").startswith("ssim, psnr")
    assert (found.after or "").startswith("psnr, ssim")


@pytest.mark.usefixtures("sealed_dataset", "sample_dataset")
def test_lint_tells_every_mistake_at_once_and_warns_of_hardware_that_nobody_offers(organiser: User) -> None:
    text = CHALLENGE.replace("cine-demo-test@1", "cine-demo-tset@1").replace("[organiser]", "[organiser, nobody]")
    assert (found := review.lint(text=text, actor=organiser, now=NOW))
    assert [(each.message, each.warning) for each in found] == [
        ('"nobody" has no account', False),
        ('no living worker offers "cpu": entries of test would wait', True),
        ("there is no dataset cine-demo-tset@1", False),
    ]
    assert found[2].fix == 'did you mean "cine-demo-test@1"?'
    assert text.splitlines()[found[1].at.line - 1].lstrip().startswith("limits: {hardware: cpu")

    worker = authenticate_worker(register_worker(name="box", hardware="cpu", now=NOW))
    assert worker is not None
    see(worker=worker, now=NOW)
    assert review.lint(text=CHALLENGE, actor=organiser, now=NOW) == []
    (gone,) = review.lint(text=CHALLENGE, actor=organiser, now=NOW + timedelta(days=1))
    assert gone.warning


def test_lint_of_a_file_that_cannot_be_read_tells_all_of_it(organiser: User) -> None:
    text = CHALLENGE.replace("metric: psnr,", "metric: pnsr,", 1).replace("ties: min", "tise: min")
    text = text.replace("      missing: worst                     # required: there is no silent default\n", "")
    told = [each.message for each in review.lint(text=text, actor=organiser, now=NOW)]
    assert told == ['"missing" is missing here', 'unknown key "tise"']
    assert (
        'unknown metric "pnsr"'
        in review.lint(text=CHALLENGE.replace("metric: psnr,", "metric: pnsr,", 1), actor=organiser, now=NOW)[0].message
    )


def test_a_challenge_that_changed_since_the_diff_is_not_overwritten(organiser: User, challenge: Challenge) -> None:
    mine = CHALLENGE.replace("title: Cine rec", "title: My cine rec")
    base = _diff(mine, organiser).base
    _apply(CHALLENGE.replace("submissions: 50", "submissions: 60"), organiser)
    before = _state()

    with pytest.raises(ChallengeChanged):
        _apply(mine, organiser, base=base)
    assert _state() == before
    assert _apply(mine, organiser, base=_diff(mine, organiser).base).changes["cine-demo"] is Change.CHANGED


@pytest.mark.usefixtures("sealed_dataset", "sample_dataset")
def test_a_new_name_that_somebody_took_meanwhile_is_not_overwritten(organiser: User) -> None:
    base = _diff(CHALLENGE, organiser).base
    assert base == review.NEW
    _apply(CHALLENGE, organiser, base=base)
    with pytest.raises(ChallengeChanged):
        _apply(CHALLENGE.replace("title: Cine rec", "title: My cine rec"), organiser, base=base)


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        ("ties: min", "ties: max", "1 entry of the task as it is"),
        ("counts: best", "counts: last", "of a team's entries the last counts instead of the best"),
        ("counts: best", "open: {until: 2029-12-31 12:00}", "would close 1 Jan 2030 00:00 UTC"),
        ("submissions: 50", "submissions: 5", "teams keep 5 of 50 submissions"),
        ("board: at-once", "board: 2029-12-31 12:00", "the public board disappears until 1 Jan 2030 00:00 UTC"),
        ("scores: at-once", "scores: 2029-12-31 12:00", "teams' scores disappear until"),
        ("ranked: cine-demo-test@1", "ranked: cine-demo-sample@1", "1 entry ran on cine-demo-test@1"),
    ],
)
def test_what_takes_from_teams_wants_the_challenges_name(
    organiser: User, entered: Phase, old: str, new: str, lost: str
) -> None:
    assert old in CHALLENGE
    text = CHALLENGE.replace(old, new)
    before = _state()

    for confirm in (None, "yes", "cine"):
        with pytest.raises(ConfirmNeeded, match=r"disappear|entry|close|keep|counts") as asked:
            _apply(text, organiser, confirm=confirm)
    assert lost in asked.value.message
    assert any(lost in each for each in _diff(text, organiser).losses)
    assert _state() == before
    _apply(text, organiser, confirm="cine-demo")
    assert Challenge.objects.get().source == text
    told = Entry.objects.filter(tag="organiser:challenge:apply").latest("pk").detail
    assert lost in told["confirmed"]


def test_nothing_is_asked_where_nobody_entered(organiser: User, challenge: Challenge) -> None:
    text = CHALLENGE.replace("ties: min", "ties: max").replace("submissions: 50", "submissions: 5")
    assert _diff(text, organiser).losses == ()
    _apply(text, organiser)


@pytest.mark.parametrize("old", ["phase: test ", "task: cine-multicoil"])
def test_an_address_with_entries_never_goes(organiser: User, entered: Phase, old: str) -> None:
    text = CHALLENGE.replace(old, old.strip() + "-2 ")
    with pytest.raises(ChallengeFileRefused) as refused:
        _apply(text, organiser, confirm="cine-demo")
    assert "stands on the site with 1 entry and is not in the file, put it back" in refused.value.message
    assert "did you mean" in refused.value.message
    assert (Task.objects.count(), Phase.objects.count()) == (1, 1)


@pytest.mark.parametrize(("old", "slugs"), [
    ("phase: test ", ["cine-multicoil/test-2"]), ("task: cine-multicoil", ["cine-multicoil-2/test"]),
])  # fmt: skip
def test_one_that_nobody_entered_goes_when_it_is_meant(
    organiser: User, challenge: Challenge, old: str, slugs: list[str]
) -> None:
    text = CHALLENGE.replace(old, old.strip() + "-2 ")
    with pytest.raises(ConfirmNeeded, match="nobody has entered it"):
        _apply(text, organiser)
    done = _apply(text, organiser, confirm="cine-demo")
    assert done.changes["cine-demo/cine-multicoil/test"] is Change.GONE
    assert [f"{phase.task.slug}/{phase.slug}" for phase in Phase.objects.select_related("task")] == slugs


@pytest.mark.usefixtures("challenge")
def test_over_http_lint_diff_and_file_are_for_the_challenges_organisers(tokens: Tokens) -> None:
    text = CHALLENGE.replace("title: Cine rec", "title: Better cine rec")
    mine = client_with(tokens.organiser)
    ask = {"yaml": text, "filename": "/home/me/cine.yaml"}

    diff = mine.post("/api/v1/challenges/diff", ask, content_type="application/json").json()
    assert [each["path"] for each in diff["differences"]] == ["title"]
    linted = mine.post("/api/v1/challenges/lint", ask, content_type="application/json").json()
    assert [each["message"].split()[0] for each in linted["problems"] if each["warning"]] == ["no", "the"]
    assert all(each["warning"] for each in linted["problems"])
    stands = mine.get("/api/v1/challenges/cine-demo/file").json()
    assert (stands["yaml"], stands["base"]) == (CHALLENGE, diff["base"])
    changed = {**ask, "base": "0" * 64}
    assert mine.post("/api/v1/challenges/apply", changed, content_type="application/json").status_code == 409

    theirs = client_with(tokens.captain)
    for answer in (
        theirs.get("/api/v1/challenges/cine-demo/file"),
        theirs.post("/api/v1/challenges/diff", ask, content_type="application/json"),
        theirs.post("/api/v1/challenges/lint", ask, content_type="application/json"),
    ):
        assert answer.status_code == 403
    assert mine.get("/api/v1/challenges/nowhere/file").status_code == 404
