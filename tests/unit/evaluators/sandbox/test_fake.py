"""The sandbox without an engine keeps the promises of the real one."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from evaluators.contract.failures import RunFailure
from evaluators.contract.limits import Limits
from evaluators.sandbox.docker_sandbox import DockerSandbox
from evaluators.sandbox.errors import EngineFailure, LoadFailure
from evaluators.sandbox.failure import failure_of
from evaluators.sandbox.fake import FakeSandbox, Script
from evaluators.sandbox.interface import (
    ObjectKind,
    Observation,
    Owner,
    Role,
    RunOutcome,
    RunRequest,
    Sandbox,
    ScorerLimits,
)
from evaluators.worker.settings import scorer_image

OWNER = Owner(worker="w", evaluation="e", attempt=1, deadline=2**40)
LIMITS = Limits()


def both(fake: FakeSandbox, real: DockerSandbox) -> tuple[Sandbox, Sandbox]:
    """Never called: the type checker compares both with the Protocol here."""
    return fake, real


def run(sandbox: FakeSandbox, tmp_path: Path, **how: object) -> RunOutcome:
    image = sandbox.load_image(archive=[b"abc"], config_digest="0" * 64, limit=2**20)
    with sandbox.output_volume(owner=OWNER, limits=LIMITS) as output:
        request = RunRequest(image=image, limits=LIMITS, input_folder=tmp_path, output=output, expected=["a", "b"])
        return sandbox.run(owner=OWNER, request=request, **how)  # type: ignore[arg-type]


def test_a_scripted_run_is_observed_archived_and_leaves_nothing(tmp_path: Path) -> None:
    sandbox = FakeSandbox(scripts=[Script(files={"a": b"1", "x": b"2"}, looks=3)])
    seen: list[Observation] = []
    outcome = run(sandbox, tmp_path, observe=seen.append)
    assert failure_of(outcome=outcome, limits=LIMITS) is None
    assert [look.usage.present for look in seen] == [1, 1, 1]
    assert sandbox.owned(worker="w") == []
    with sandbox.output_volume(owner=OWNER, limits=LIMITS) as output:
        copied = sandbox.archive(owner=OWNER, output=output, expected=["a", "b"], store=tmp_path, max_file_bytes=9)
    assert set(copied.files) == {"a"}
    assert copied.failures["b"].code == "MISSING_FILE"
    assert copied.unexpected == 1
    assert (tmp_path / copied.files["a"].sha256).read_bytes() == b"1"


def test_scripts_follow_one_another_and_the_last_one_stays(tmp_path: Path) -> None:
    sandbox = FakeSandbox(scripts=[Script(exit_code=1), Script(oom_killed=True)])
    codes = [failure_of(outcome=run(sandbox, tmp_path), limits=LIMITS) for _ in range(3)]
    assert [note.code for note in codes if note] == ["EXIT_CODE", "OOM_RAM", "OOM_RAM"]


def test_cancelling_stops_it(tmp_path: Path) -> None:
    outcome = run(FakeSandbox(scripts=[Script(looks=5)]), tmp_path, cancelled=lambda: True)
    assert outcome.cancelled


def test_failures_of_engine_and_image_are_raised_as_the_real_one_does(tmp_path: Path) -> None:
    with pytest.raises(EngineFailure, match="disk"):
        run(FakeSandbox(scripts=[Script(engine_failure="disk full")]), tmp_path)
    refused = LoadFailure(code=RunFailure.IMAGE_ARCH, detail="arm")
    with pytest.raises(LoadFailure, match="arm"):
        run(FakeSandbox(scripts=[Script(load_failure=refused)]), tmp_path)


def test_what_a_killed_worker_left_is_tidied(tmp_path: Path) -> None:
    sandbox = FakeSandbox()
    left = sandbox.leave_behind(owner=OWNER, kind=ObjectKind.LOOP, role=Role.OUTPUT)
    assert sandbox.tidy(worker="w", keep={("e", 1)}, now=int(time.time())) == []
    assert sandbox.tidy(worker="w", keep={("e", 2)}, now=int(time.time())) == [left]
    assert sandbox.owned(worker="w") == []


def test_the_scorer_answers_what_it_was_sent(tmp_path: Path) -> None:
    sandbox = FakeSandbox(scripts=[Script(scorer=lambda job: [job.upper(), "done"])])
    image = sandbox.own_image(name=scorer_image())
    with sandbox.scorer(
        owner=OWNER, image=image, outputs=tmp_path, references=tmp_path, limits=ScorerLimits()
    ) as session:
        session.send("job")
        assert list(session.lines(timeout=1)) == ["JOB", "done"]
        assert session.end().exit_code == 0
