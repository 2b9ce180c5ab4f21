"""`assay challenge dry-run`: begins one, waits for its end, and ends as it did."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from assay_kit.commands import dry_run
from evaluators.contract.dry_runs import DryRunAnswer, DryRunOut
from tests.unit.assay_kit.conftest import Person
from tests.unit.assay_kit.site import Site

PHASE = "demo/cine-multicoil/validation"


def _report(*, ended: bool = True, fault: str = "") -> DryRunOut:
    answers = [
        DryRunAnswer(
            name=name, expected=f"what {name} must", state="scored" if ended else "queued", ended=ended, cases=6,
            faults=[fault] if fault and name == "perfect" else [],
        )
        for name in ("perfect", "empty", "broken")
    ]  # fmt: skip
    return DryRunOut(
        phase=PHASE, asked_at=datetime.now(UTC), dataset="cine@1", scorer="s" * 64, ended=ended,
        green=ended and not fault, stale="", answers=answers,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dry_run, "EVERY", 0.01)


def test_it_waits_for_the_end_and_tells_every_answer(alice: Person, site: Site) -> None:
    site.dry_runs = [_report(ended=False), _report(ended=False), _report()]
    ran = alice.runs("challenge", "dry-run", "validation")
    assert ran.code == 0, ran.err
    assert ran.out.splitlines() == [f"✓ {name}: what {name} must" for name in ("perfect", "empty", "broken")]
    assert site.begun == [PHASE]


def test_what_came_otherwise_is_the_answer_no(alice: Person, site: Site) -> None:
    site.dry_runs = [_report(fault="ssim of the references themselves is not 1")]
    ran = alice.runs("challenge", "dry-run", PHASE)
    assert ran.code == 1
    assert ran.out.splitlines()[0] == "✗ perfect: ssim of the references themselves is not 1"


def test_the_latest_is_told_without_beginning_one(alice: Person, site: Site) -> None:
    site.dry_runs = [_report()]
    ran = alice.runs("challenge", "dry-run", PHASE, "--latest", "--json")
    assert (ran.code, json.loads(ran.out)["green"], site.begun) == (0, True, [])


def test_nobody_waits_who_does_not_want_to(alice: Person, site: Site) -> None:
    site.dry_runs = [_report(ended=False)]
    assert alice.runs("challenge", "dry-run", PHASE, "--no-wait").code == 0
