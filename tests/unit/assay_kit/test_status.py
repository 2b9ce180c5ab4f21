"""How a submission stands, what its end means, and what Ctrl-C does while it is waited for."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from typing import Any

import pytest

from tests.unit.assay_kit.conftest import Person
from tests.unit.assay_kit.site import API, Site, failed

RUNNING = {"state": "running", "sentence": "files present 4 of 6"}
SCORED = {"state": "scored", "sentence": "scored, 6 of 6 cases"}
CANCELLED = {"state": "cancelled", "sentence": "withdrawn by the team"}
BROKEN = {"state": "platform_error", "sentence": "ours: nothing is counted"}

ENDS: list[tuple[dict[str, Any], int]] = [(SCORED, 0), (failed(), 1), (CANCELLED, 1), (BROKEN, 7)]


@pytest.mark.parametrize(("end", "code"), [*ENDS, (RUNNING, 0)])
@pytest.mark.parametrize("flags", [[], ["--json"], ["-q"]])
def test_the_exit_code_tells_how_it_stands_whatever_else_is_asked(
    alice: Person, site: Site, end: dict[str, Any], code: int, flags: list[str]
) -> None:
    site.submission(**end)

    assert alice.runs("status", "4F7Q", *flags).code == code


@pytest.mark.parametrize(("end", "code"), ENDS)
@pytest.mark.parametrize("flags", [["--wait"], ["--watch"], ["--wait", "--json"], ["--watch", "-q"]])
def test_waiting_ends_with_the_code_of_the_end(
    alice: Person, site: Site, end: dict[str, Any], code: int, flags: list[str]
) -> None:
    site.submission()
    site.script = [{}, RUNNING, RUNNING, end]

    assert alice.runs("status", "4F7Q", *flags).code == code


def test_the_sentence_is_the_sites_own(alice: Person, site: Site) -> None:
    site.submission(**RUNNING)

    assert alice.runs("status", "4F7Q").out == "4F7Q  running  files present 4 of 6\n"


def test_a_failure_says_what_happened_and_what_to_do(alice: Person, site: Site) -> None:
    site.submission(**failed())

    ran = alice.runs("status", "4F7Q")

    assert ran.out == "4F7Q  failed  failed: OOM_RAM\n"
    assert ran.err.splitlines() == [
        "failed[OOM_RAM]: The container asked for more memory than the phase allows. used 64 of 64 GiB",
        "  next: Free each case before the next; run the printed docker line at home, which sets the same limit.",
        f"  more: {site.address}/s/4F7Q",
    ]


def test_wait_prints_the_end_alone_and_watch_every_change(alice: Person, site: Site) -> None:
    site.submission()
    site.script = [{}, RUNNING, RUNNING, SCORED]
    waited = alice.runs("status", "4F7Q", "--wait").out
    site.submission()
    site.script = [{}, RUNNING, RUNNING, SCORED]
    watched = alice.runs("status", "4F7Q", "--watch").out

    assert waited == "4F7Q  scored  scored, 6 of 6 cases\n"
    assert [line.split()[1] for line in watched.splitlines()] == ["queued", "running", "scored"]


def test_watch_with_json_is_one_document_a_line(alice: Person, site: Site) -> None:
    site.submission()
    site.script = [{}, RUNNING, RUNNING, SCORED]

    told = [json.loads(line) for line in alice.runs("status", "4F7Q", "--watch", "--json").out.splitlines()]

    assert [one["state"] for one in told] == ["queued", "running", "scored"]


def test_without_an_id_the_teams_last_ten_are_listed(alice: Person, site: Site) -> None:
    for number in range(12):
        site.submission(f"S{number}", **RUNNING)
    site.submission("OTHER", team="delft")

    ran = alice.runs("status", "-q")

    assert ran.code == 0
    assert ran.out.split() == [f"S{number}" for number in range(10)]


def test_an_unknown_id_is_exit_code_5(alice: Person, site: Site) -> None:
    assert alice.runs("status", "NONE").code == 5


def test_waiting_longer_than_the_timeout_is_exit_code_124(alice: Person, site: Site) -> None:
    site.submission(**RUNNING)

    ran = alice.types("status", "4F7Q", "--wait", "--timeout", "4")

    assert ran.code == 124
    assert "it goes on: assay status 4F7Q --wait" in ran.err


def test_a_site_that_restarts_meanwhile_does_not_end_the_waiting(alice: Person, site: Site) -> None:
    site.submission()
    site.script = [{}, RUNNING, SCORED]
    site.trouble[rf"GET {API}/submissions/4F7Q"] = [0, 502]

    assert alice.runs("status", "4F7Q", "--wait").code == 0


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_ctrl_c_detaches_and_says_how_to_come_back(alice: Person, site: Site, flags: list[str]) -> None:
    site.submission(**RUNNING)
    command, environment = alice.process("status", "4F7Q", "--wait", *flags)
    waiting = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while site.calls[f"GET {API}/submissions/4F7Q"] < 2:
        time.sleep(0.02)
    waiting.send_signal(signal.SIGINT)
    out, err = waiting.communicate(timeout=30)

    assert waiting.returncode == 130
    assert "4F7Q goes on\n  next: assay status 4F7Q --wait" in err
    assert "Traceback" not in err
    assert site.submissions["4F7Q"].state == "running"
    assert not site.calls[f"POST {API}/submissions/4F7Q/cancel"]
    if flags:
        assert json.loads(out)["next"] == "assay status 4F7Q --wait"


def test_cancel_withdraws_what_still_lives(alice: Person, site: Site) -> None:
    site.submission(**RUNNING)

    ran = alice.runs("cancel", "4F7Q")

    assert ran.code == 0
    assert ran.out == "4F7Q  cancelled  withdrawn by the team\n"


def test_cancel_of_what_has_ended_is_refused_by_the_rules(alice: Person, site: Site) -> None:
    site.submission(**SCORED)

    assert alice.runs("cancel", "4F7Q").code == 6


def test_watch_and_wait_together_are_wrong_usage(alice: Person, site: Site) -> None:
    assert alice.runs("status", "4F7Q", "--watch", "--wait").code == 2
    assert alice.runs("status", "--wait").code == 2
