"""A killed worker, a lost or doubled message: nothing is lost, nothing is scored twice, nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import time
from typing import Any
from uuid import UUID

import docker
import httpx
import pytest

from evaluators.contract.jobs import FinishReport, StateReport
from evaluators.contract.states import EvaluationState
from tests.integration.door.conftest import CASES, Door

pytestmark = pytest.mark.engine


def database(door: Door) -> sqlite3.Connection:
    return sqlite3.connect(door.stack.var / "site.sqlite3", timeout=30)


def evaluation_of(door: Door, code: str) -> str:
    with database(door) as connection:
        (found,) = connection.execute(
            "SELECT evaluation_id FROM submissions_submission WHERE code = ?", [code]
        ).fetchone()
    return str(UUID(found))


def kill_evaluator(door: Door) -> None:
    """SIGKILL, by the id of the process that the stack started."""
    process = door.stack.processes["evaluator"]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def wait_for_container(door: Door) -> None:
    """The state is told just before the container is made: wait until it runs."""
    engine = docker.from_env()
    for _ in range(300):
        if engine.containers.list(filters={"label": ["assay.role=submission", f"assay.worker={identity_of(door)}"]}):
            return
        time.sleep(0.1)
    pytest.fail("the submitted container never ran")


def identity_of(door: Door) -> str:
    """What the evaluator's labels carry."""
    return f"local-{(door.stack.work_root / 'identity').read_text().strip()}"


def leftovers(door: Door) -> dict[str, Any]:
    """Containers, volumes and loop devices of this door's evaluator."""
    engine = docker.from_env()
    label: dict[str, Any] = {"label": f"assay.worker={identity_of(door)}"}
    loops = subprocess.run(["losetup", "-l", "-n", "-O", "BACK-FILE"], capture_output=True, text=True, check=False)
    return {
        "containers": [container.name for container in engine.containers.list(all=True, filters=label)],
        "volumes": [volume.name for volume in engine.volumes.list(filters=label)],
        "loops": [line for line in loops.stdout.splitlines() if str(door.folder) in line],
        "staged": [path.name for path in door.stack.work_root.glob("stage/*")],
    }


NOTHING: dict[str, Any] = {"containers": [], "volumes": [], "loops": [], "staged": []}


def assert_scored_once(door: Door, code: str) -> None:
    """Every case has exactly one current score, and all come from one container run."""
    with database(door) as connection:
        rows = connection.execute(
            'SELECT m.key, m.output_digest, e.output_digest, m."values" FROM evaluations_metricscores m'
            " JOIN evaluations_evaluation e ON e.id = m.evaluation_id"
            " JOIN submissions_submission s ON s.evaluation_id = e.id WHERE s.code = ?",
            [code],
        ).fetchall()
    assert sorted(key for key, *_ in rows) == ["nmse", "ssim"]
    assert len({digest for _, digest, _, _ in rows} | {current for _, _, current, _ in rows}) == 1
    for *_, values in rows:
        assert len(json.loads(values)) == CASES
        assert None not in json.loads(values)


def test_a_worker_killed_while_the_container_runs_is_followed_by_another_attempt(door: Door) -> None:
    code = door.submit("slow", method="killed while running", again=True)
    door.wait_for(code, "running")
    wait_for_container(door)
    kill_evaluator(door)
    outlived = leftovers(door)["containers"]
    door.stack.start_evaluator()
    assert outlived, "the container outlives its worker: that is what tidying is for"
    status = door.wait_for(code, "scored", "failed", "platform_error")
    assert (status["state"], status["attempt"]) == ("scored", 2)
    assert_scored_once(door, code)
    assert leftovers(door) == NOTHING


def test_a_worker_killed_while_scoring_is_followed_by_an_attempt_on_the_same_output(door: Door) -> None:
    code = door.submit("good", method="killed while scoring", again=True)
    door.wait_for(code, "scoring")
    kill_evaluator(door)
    with database(door) as connection:
        (digest,) = connection.execute(
            "SELECT output_digest FROM evaluations_evaluation WHERE id = ?", [UUID(evaluation_of(door, code)).hex]
        ).fetchone()
    door.stack.start_evaluator()
    status = door.wait_for(code, "scored", "failed", "platform_error")
    assert (status["state"], status["attempt"]) == ("scored", 2)
    with database(door) as connection:
        steps = connection.execute(
            "SELECT after FROM evaluations_transition WHERE evaluation_id = ? ORDER BY id",
            [UUID(evaluation_of(door, code)).hex],
        ).fetchall()
        (after,) = connection.execute(
            "SELECT output_digest FROM evaluations_evaluation WHERE id = ?", [UUID(evaluation_of(door, code)).hex]
        ).fetchone()
    assert after == digest
    assert [step for (step,) in steps].count("running") == 1, "the container ran once"
    assert_scored_once(door, code)
    assert leftovers(door) == NOTHING


def test_a_stale_attempt_gets_409_and_changes_nothing(door: Door) -> None:
    code = door.submit("good", method="stale", again=True)
    door.wait_for(code, "scored")
    evaluation = evaluation_of(door, code)
    token = door.stack.manage("worker_token", "stale-worker", "--hardware", "cpu")
    before = door.status(code)
    for path, body in (
        ("state", StateReport(attempt=1, state=EvaluationState.RUNNING)),
        ("finish", FinishReport(attempt=1)),
    ):
        answer = httpx.post(
            f"{door.stack.url}/api/worker/v1/evaluations/{evaluation}/{path}",
            content=body.model_dump_json(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            trust_env=False,
        )
        assert (answer.status_code, answer.json()["error"]) == (409, "STALE_ATTEMPT")
    assert door.status(code) == before


def test_a_doubled_message_runs_nothing_twice(door: Door) -> None:
    code = door.submit("slow", method="doubled", again=True)
    evaluation = evaluation_of(door, code)
    for _ in range(2):
        announce = f"announce(pk='{evaluation}', now=timezone.now())"
        imports = "from django.utils import timezone; from assay.evaluations.services import announce"
        door.stack.manage("shell", "-v0", "-c", f"{imports}; {announce}")
    status = door.wait_for(code, "scored")
    assert status["attempt"] == 1
    assert door.wait_for(door.submit("good", method="after", again=True), "scored")["attempt"] == 1
    with database(door) as connection:
        steps = connection.execute(
            "SELECT after FROM evaluations_transition WHERE evaluation_id = ?", [UUID(evaluation).hex]
        ).fetchall()
    assert [step for (step,) in steps].count("running") == 1


@pytest.mark.parametrize("poll", [False, True], ids=["a queue that never tells", "no broker at all"])
def test_a_message_that_never_arrives_is_made_good_by_the_tick(door: Door, poll: bool) -> None:
    door.stack.stop_part("evaluator")
    door.stack.start_evaluator(broker=None if poll else f"sqla+sqlite:///{door.folder / 'silent.sqlite3'}")
    try:
        code = door.submit("good", method=f"lost, poll {poll}", again=True)
        assert door.wait_for(code, "scored", seconds=60)["attempt"] == 1
    finally:
        door.stack.stop_part("evaluator")
        door.stack.start_evaluator(broker=door.stack.broker)


def test_nothing_is_left_behind_by_all_of_this(door: Door) -> None:
    assert leftovers(door) == NOTHING
