"""A team's free rehearsal through the real engine: what is green here is green there, and red by the same codes."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest

from assay_kit.rehearsal.run import WORKER
from compose.native import BIN, ROOT
from tests.integration.door.conftest import CASES, PHASE, RUN_FAILURES, SIZE, TIMED, Door

pytestmark = pytest.mark.engine

SAMPLE = "door-rehearsal"
OURS = f"assay.worker={WORKER}"


@dataclass(frozen=True, kw_only=True)
class Ran:
    code: int
    told: dict[str, Any]
    err: str

    @property
    def codes(self) -> list[str]:
        """Of the cases that failed."""
        return [case["failure"]["code"] for case in self.told["cases"] if case["failure"]]


@dataclass(frozen=True, kw_only=True)
class Team:
    """Somebody with an engine, a cache of their own, and no token."""

    door: Door
    home: Path

    def process(self, behaviour: str, *words: str, phase: str = PHASE) -> tuple[list[str], dict[str, str]]:
        command = [str(BIN / "assay"), "check", self.door.image(behaviour), "--phase", phase, *words]
        environment = {**self.door.stack.env(), "ASSAY_SITE": self.door.stack.url, "XDG_CACHE_HOME": str(self.home)}
        return command, environment

    def checks(self, behaviour: str, *words: str, phase: str = PHASE) -> Ran:
        command, environment = self.process(behaviour, *words, "--json", phase=phase)
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.stdout, done.stderr
        assert not mounted(self.home), "the container stayed in the engine"
        return Ran(code=done.returncode, told=json.loads(done.stdout), err=done.stderr)


def mounted(home: Path) -> list[Any]:
    """Submitted containers over a cache, running or not; others may check on this machine at the same time."""
    found = docker.from_env().containers.list(
        all=True, ignore_removed=True, filters={"label": [OURS, "assay.role=submission"]}
    )
    return [one for one in found if any(str(home) in mount["Source"] for mount in one.attrs["Mounts"])]


def left_of(evaluation: str) -> list[Any]:
    """Whatever a check has in the engine."""
    engine, label = docker.from_env(), f"assay.evaluation={evaluation}"
    return [
        *engine.containers.list(all=True, ignore_removed=True, filters={"label": label}),
        *engine.volumes.list(filters={"label": label}),
    ]


@pytest.fixture(scope="module")
def team(door: Door, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    words = ("--name", SAMPLE, "--version", "1", "--subjects", "1", "--size", "x".join(map(str, SIZE)), "--public")
    door.assay("dataset", "phantom", *words, "--seed-file", "-", stdin="a seed that everybody may know")
    plain = door.folder / "challenge.yaml"
    file = door.folder / "rehearsed.yaml"
    file.write_text(plain.read_text().replace("{ranked: door-test@1}", f"{{ranked: door-test@1, sample: {SAMPLE}@1}}"))
    door.assay("challenge", "apply", str(file))
    yield Team(door=door, home=tmp_path_factory.mktemp("cache"))
    door.assay("challenge", "apply", str(plain))


def test_a_good_container_is_green_with_every_case_scored_and_a_look_ahead(team: Team) -> None:
    ran = team.checks("good")
    assert (ran.code, ran.told["good"], len(ran.told["cases"])) == (0, True, CASES)
    assert all(set(case["values"]) == {"ssim", "nmse"} for case in ran.told["cases"])
    assert ran.told["estimate"]["cases"] == CASES
    assert ran.told["estimate"]["limit"] == 15
    assert ran.told["sample"] == f"{SAMPLE}@1"


def test_it_is_told_case_by_case_and_the_docker_line_stands_last(team: Team) -> None:
    command, environment = team.process("wrong-shape")
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].startswith("✓ image ")
    assert sum(line.startswith("✓ case ") for line in lines) == CASES - 1
    (bad,) = [line for line in lines if line.startswith("✗ case ")]
    assert "BAD_SHAPE found (40, 32, 2, 4), expected (40, 32, 2, 3)" in bad
    assert any(line.startswith(f"✗ {CASES - 1} of {CASES} cases, ") for line in lines)
    assert lines[-1] == team.door.get(f"phases/{PHASE}")["docker_line"]
    assert "failed[BAD_SHAPE]: " in done.stderr
    assert f"{team.door.stack.url}/help/BAD_SHAPE" in done.stderr


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [("one-file-missing", "MISSING_FILE"), ("nan", "NOT_FINITE"), ("text-named-mat", "BAD_FORMAT")],
)
def test_one_bad_case_makes_it_red_and_the_rest_is_scored(team: Team, behaviour: str, code: str) -> None:
    ran = team.checks(behaviour)
    assert (ran.code, ran.told["good"], ran.told["failure"], ran.codes) == (1, False, None, [code])
    assert sum(bool(case["values"]) for case in ran.told["cases"]) == CASES - 1


@pytest.mark.parametrize(
    ("behaviour", "code"),
    RUN_FAILURES,
)
def test_a_run_that_fails_as_a_whole_is_red_by_the_code_of_the_site(team: Team, behaviour: str, code: str) -> None:
    ran = team.checks(behaviour)
    assert (ran.code, ran.told["failure"]["code"], ran.told["cases"]) == (1, code, [])
    assert f"failed[{code}]: " in ran.err


@pytest.mark.parametrize("behaviour", ["looks-for-a-network", "looks-for-references"])
def test_a_container_that_looks_around_finds_nothing_here_either(team: Team, behaviour: str) -> None:
    assert team.checks(behaviour).code == 0


def test_what_it_printed_is_shown_when_it_failed(team: Team) -> None:
    ran = team.checks("no-such-behaviour-but-a-word")
    assert (ran.code, ran.told["failure"]["code"]) == (1, "EXIT_CODE")
    assert "I do not know what to do" in ran.told["log"]
    assert "the end of its log:\n  I do not know what to do" in ran.err


def test_the_same_cases_have_the_same_scores_on_the_site(team: Team) -> None:
    public = team.door.folder / "public.yaml"
    text = (team.door.folder / "rehearsed.yaml").read_text()
    public.write_text(text.replace("challenge: door", "challenge: door-public").replace("door-test@1", f"{SAMPLE}@1"))
    team.door.assay("challenge", "apply", str(public))
    phase = PHASE.replace("door/", "door-public/")
    assert team.door.ended("good", phase=phase)["state"] == "scored"
    (row,) = team.door.board(phase)["rows"]
    cases = team.checks("good").told["cases"]
    for key, there in row["metrics"].items():
        assert sum(case["values"][key] for case in cases) / CASES == pytest.approx(there, rel=1e-9), key


def test_one_case_alone_is_run_by_its_number(team: Team) -> None:
    ran = team.checks("good", "--case", "2")
    assert (ran.code, [case["case"] for case in ran.told["cases"]]) == (0, ["case 02"])
    largest = team.checks("good", "--case", "largest")
    assert (largest.code, len(largest.told["cases"])) == (0, 1)


def test_cases_come_one_at_a_time_where_the_task_says_so(team: Team) -> None:
    ran = team.checks("asked", phase=TIMED)
    assert (ran.code, len(ran.told["cases"])) == (0, CASES)
    seconds = [case["seconds"] for case in ran.told["cases"]]
    # the warm-up is not timed
    assert seconds[0] is None
    assert all(one is not None for one in seconds[1:])
    assert ran.told["docker_line"].startswith("docker run --rm --interactive ")


@pytest.mark.parametrize(
    ("behaviour", "whole", "cases"), [("asked-dies", None, ["EXIT_CODE"]), ("asked-prints", "PROTOCOL", [])]
)
def test_faults_of_one_case_at_a_time_are_told_as_there(
    team: Team, behaviour: str, whole: str | None, cases: list[str]
) -> None:
    ran = team.checks(behaviour, phase=TIMED)
    assert ran.code == 1
    assert (ran.told["failure"] and ran.told["failure"]["code"], ran.codes) == (whole, cases)


def test_what_was_kept_can_be_drawn_for_the_viewer(team: Team, tmp_path: Path) -> None:
    kept = tmp_path / "output"
    assert team.checks("good", "--keep", str(kept)).code == 0
    assert len(list(kept.rglob("cine_*.mat"))) == CASES
    team.door.assay("dataset", "pictures", SAMPLE, "--version", "1", "--method", "Good", "--outputs", str(kept))
    told = team.door.http.get(f"{team.door.stack.url}/c/{PHASE}/sample.json?method=Good").json()
    assert "Good" in told["methods"]
    assert "Error of Good" in {shot["title"] for shot in told["pictures"]}
    # nothing is written over
    again, environment = team.process("good", "--keep", str(kept))
    assert subprocess.run(again, env=environment, cwd=ROOT, capture_output=True, check=False).returncode == 2


def test_the_sample_is_downloaded_once(team: Team) -> None:
    team.checks("good")
    before = {path: path.stat().st_ino for path in (team.home / "assay" / "files").rglob("*") if path.is_file()}
    assert before
    log = team.door.stack.logs / "access.log"
    asked = log.read_text().count(f"/datasets/{SAMPLE}/1/files/")
    team.checks("good")
    assert log.read_text().count(f"/datasets/{SAMPLE}/1/files/") == asked


def test_ctrl_c_removes_the_container(team: Team) -> None:
    # the other phase gives the warm-up two minutes
    command, environment = team.process("runs-too-long", phase=TIMED)
    with subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 90
        while not (running := mounted(team.home)):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        evaluation = running[0].labels["assay.evaluation"]
        # the container, its holder and /output
        assert len(left_of(evaluation)) == 3
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "error[INTERRUPTED]" in err
    assert left_of(evaluation) == []


def test_a_container_that_takes_longer_than_somebody_waits_is_stopped(team: Team) -> None:
    command, environment = team.process("runs-too-long", "--timeout", "20", phase=TIMED)
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 124, done.stderr
    assert mounted(team.home) == []


SPY = """#!{python}
import json, os, sys
with open({log!r}, "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
os.execv({docker!r}, ["docker", *sys.argv[1:]])
"""


def flags(words: list[str]) -> list[str]:
    """What seals the container off; the folders, the name and the labels are each run's own."""
    own = ("--name=", "--label=", "--volume=")
    return [word for word in words if word.startswith("--") and not word.startswith(own) and word != "--rm"]


def test_page_worker_and_check_have_one_docker_line(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "calls"
    spy = tmp_path / "docker"
    real = subprocess.run(["sh", "-c", "command -v docker"], capture_output=True, text=True, check=True).stdout.strip()
    spy.write_text(SPY.format(python=sys.executable, log=str(log), docker=real))
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    team.door.stack.stop_part("evaluator")
    team.door.stack.start_evaluator()
    assert team.door.wait_for(team.door.submit("good", again=True), "scored")
    by_worker = [json.loads(line) for line in log.read_text().splitlines()]
    log.unlink()
    told = team.checks("good").told["docker_line"]
    by_check = [json.loads(line) for line in log.read_text().splitlines()]

    page = team.door.http.get(f"{team.door.stack.url}/c/{PHASE}.json").json()["docker_line"]
    assert told == page
    assert shlex.split(page)[:3] == ["docker", "run", "--rm"]
    for calls in (by_worker, by_check):
        (created,) = [words for words in calls if words[0] == "create"]
        assert flags(created) == flags(shlex.split(page))
        mounts = [word.rpartition("/")[2] for word in created if word.startswith("--volume=")]
        assert mounts == ["input:ro", "output:rw,nocopy"]
