"""The scorer container as a conversation partner: lines, silence, crashes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evaluators.sandbox.docker_sandbox import DockerSandbox
from evaluators.sandbox.errors import EngineFailure
from evaluators.sandbox.interface import ImageInfo, Owner, ScorerEnd, ScorerEnding, ScorerLimits
from evaluators.worker.settings import scorer_image
from tests.integration.sandbox.conftest import MIB

pytestmark = pytest.mark.engine
Talk = Callable[..., tuple[list[str], ScorerEnd]]


@pytest.fixture
def talk(sandbox: DockerSandbox, owner: Owner, build: Callable[..., ImageInfo], tmp_path: Path) -> Talk:
    """talk(then, code=0, timeout=60): give it a job, hear it out; its lines and how it ended."""
    outputs, references = tmp_path / "outputs", tmp_path / "references"
    for folder, content in ((outputs, "prediction"), (references, "truth")):
        folder.mkdir(mode=0o700)
        (folder / "file").write_text(content)
        (folder / "file").chmod(0o600)

    def hear(then: str = "", *, code: int = 0, timeout: float = 60, **limits: Any) -> tuple[list[str], ScorerEnd]:
        scorer = sandbox.scorer(
            owner=owner,
            image=build("scores"),
            outputs=outputs,
            references=references,
            limits=ScorerLimits(memory=96 * MIB, tmp=8 * MIB, **limits),
        )
        with scorer as session:
            job = {"read": ["/outputs/file", "/references/file"], "then": then, "code": code}
            session.send(json.dumps(job))
            return list(session.lines(timeout=timeout)), session.end()

    return hear


def test_it_reads_both_folders_and_every_line_arrives(talk: Talk) -> None:
    lines, end = talk()
    assert [json.loads(line)["text"] for line in lines] == ["prediction", "truth"]
    assert (end.ending, end.exit_code, end.oom_killed) == (ScorerEnding.EXITED, 0, False)
    assert "a word on stderr" in end.log


def test_its_exit_code_is_told(talk: Talk) -> None:
    assert talk(code=3)[1].exit_code == 3


def test_silence_ends_it_and_what_it_said_before_is_kept(talk: Talk) -> None:
    lines, end = talk("hang", timeout=3)
    assert len(lines) == 2
    assert end.ending is ScorerEnding.TIMED_OUT


def test_a_line_without_end_ends_it(talk: Talk) -> None:
    lines, end = talk("long", line=MIB)
    assert len(lines) == 2
    assert end.ending is ScorerEnding.LINE_TOO_LONG


def test_running_out_of_memory_is_told_apart_from_a_crash(talk: Talk) -> None:
    lines, end = talk("eat")
    assert len(lines) == 2
    assert end.ending is ScorerEnding.EXITED
    assert end.oom_killed


def test_a_session_that_is_left_early_leaves_nothing(
    sandbox: DockerSandbox, owner: Owner, build: Callable[..., ImageInfo], tmp_path: Path
) -> None:
    with sandbox.scorer(
        owner=owner, image=build("scores"), outputs=tmp_path, references=tmp_path, limits=ScorerLimits()
    ) as session:
        session.send(json.dumps({"read": [], "then": "hang"}))
        assert session.end().ending is ScorerEnding.STOPPED


def test_a_folder_that_is_not_there_is_our_failure(
    sandbox: DockerSandbox, owner: Owner, build: Callable[..., ImageInfo], tmp_path: Path
) -> None:
    with (
        pytest.raises(EngineFailure, match="not a folder"),
        sandbox.scorer(
            owner=owner, image=build("scores"), outputs=tmp_path / "no", references=tmp_path, limits=ScorerLimits()
        ),
    ):
        pass


def test_the_real_scorer_image_takes_an_empty_job_and_says_it_is_done(
    sandbox: DockerSandbox, owner: Owner, tmp_path: Path
) -> None:
    image = sandbox.own_image(name=scorer_image())
    with sandbox.scorer(
        owner=owner, image=image, outputs=tmp_path, references=tmp_path, limits=ScorerLimits()
    ) as session:
        session.send("this is no job")
        assert list(session.lines(timeout=60)) == []
        assert session.end().exit_code not in {0, None}
