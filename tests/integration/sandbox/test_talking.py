"""A container that is asked line by line, through the real engine: who can answer no more is told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from evaluators.sandbox.docker_sandbox import DockerSandbox
from evaluators.sandbox.interface import Heard, ImageInfo, Owner, RunRequest, Talk
from tests.integration.sandbox.conftest import small

Talking = Callable[[str], AbstractContextManager[Talk]]
pytestmark = pytest.mark.engine
#: seconds: longer than any test may take, so that what is heard was not the end of a wait
PATIENCE = 3600.0


@pytest.fixture
def talking(sandbox: DockerSandbox, owner: Owner, build: Callable[..., ImageInfo], tmp_path: Path) -> Talking:
    @contextmanager
    def talk(behaviour: str) -> Iterator[Talk]:
        limits, inputs = small(), tmp_path / "input"
        inputs.mkdir()
        with sandbox.output_volume(owner=owner, limits=limits) as output:
            request = RunRequest(
                image=build(behaviour), limits=limits, input_folder=inputs, output=output, expected=["a.bin"]
            )
            with sandbox.talk(owner=owner, request=request) as found:
                yield found

    return talk


def test_who_closes_stdout_is_heard_to_the_last_line_and_then_no_more(talking: Talking) -> None:
    with talking("answers_once_and_closes_stdout") as talk:
        first = talk.ask("x", timeout=PATIENCE)
        assert (first.heard, first.line) == (Heard.LINE, "1")
        assert talk.ask("y", timeout=PATIENCE).heard is Heard.CLOSED
        assert talk.end().exit_code == 137


def test_who_answers_by_a_copy_of_stdout_is_waited_for(talking: Talking) -> None:
    with talking("answers_late_by_another_descriptor") as talk:
        turn = talk.ask("x", timeout=PATIENCE)
        assert (turn.heard, turn.line) == (Heard.LINE, "1")


def test_who_ends_without_an_answer_has_ended(talking: Talking) -> None:
    with talking("writes_nothing") as talk:
        assert talk.ask("x", timeout=PATIENCE).heard is Heard.ENDED
        assert talk.end().exit_code == 0
