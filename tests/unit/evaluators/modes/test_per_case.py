"""Case by case: order, time that counts, limits, and what ends a run; with a scripted container."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluators.contract.cases import JobCase
from evaluators.contract.jobs import Job
from evaluators.contract.limits import Limits
from evaluators.contract.outputs import output_digest
from evaluators.contract.per_case import CaseQuestion
from evaluators.modes import per_case
from evaluators.modes.driven import Driven
from evaluators.sandbox.fake import FakeSandbox, Script
from evaluators.sandbox.interface import Heard, Owner, Turn
from tests.unit.evaluators.tasks.specs import job_case, reconstruction_task

OWNER = Owner(worker="w", evaluation="e", attempt=1, deadline=2**40)
#: the drawn names, in the order of the dataset: the first is the warm-up, the rest is asked for by name
NAMES = ("P003", "P004", "P001", "P002")
CASES = tuple(job_case(index=index, subject=name) for index, name in enumerate(NAMES))
FILES = {case.output: case.output.encode() for case in CASES}
LINE = Heard.LINE

Says = Callable[[CaseQuestion], Turn]


def job(**limits: int) -> Job:
    return Job(
        evaluation="e", attempt=1, lease_seconds=60, image="0" * 64, image_bytes=1, task=reconstruction_task(),
        limits=Limits(**{"time": 100, "case_time": 10, **limits}), dataset="d@1", cases=CASES, reference_key=None,
        scorer="s", output_digest=None,
    )  # fmt: skip


def drive(
    tmp_path: Path,
    *scripts: Script,
    laid_out: list[JobCase] | None = None,
    told: list[per_case.Answered] | None = None,
    cancelled: bool = False,
    **limits: int,
) -> Driven:
    sandbox = FakeSandbox(scripts=scripts or (Script(files=FILES),))
    image = sandbox.load_image(archive=[b"abc"], config_digest="0" * 64, limit=2**20)
    return per_case.drive(
        sandbox=sandbox, owner=OWNER, job=job(**limits), image=image, input_folder=tmp_path,
        lay_out=(laid_out if laid_out is not None else []).append, store=tmp_path, gpu_uuids=(),
        progress=(told if told is not None else []).append, cancelled=lambda: cancelled,
    )  # fmt: skip


def script(says: Says, *, exit_code: int = 0, oom_killed: bool = False) -> Script:
    return Script(
        files=FILES,
        exit_code=exit_code,
        oom_killed=oom_killed,
        talk=lambda text: says(CaseQuestion.model_validate_json(text)),
    )


def done(question: CaseQuestion, seconds: float = 1.0) -> Turn:
    return Turn(heard=LINE, line=f'{{"done": {question.case}}}', seconds=seconds)


def test_the_datasets_first_case_warms_up_and_the_others_are_timed_in_the_order_of_their_names(tmp_path: Path) -> None:
    laid_out: list[JobCase] = []
    told: list[per_case.Answered] = []
    driven = drive(tmp_path, laid_out=laid_out, told=told)
    assert [case.index for case in laid_out] == [0, 2, 3, 1]
    # the scripted container takes as many seconds as the question's number
    assert driven.case_seconds == {2: 2.0, 3: 3.0, 1: 4.0}
    assert [seen.cases for seen in told] == [1, 2, 3, 4]
    assert driven.archive is not None
    assert set(driven.archive.files) == set(FILES)


def test_a_case_over_its_time_fails_alone_and_a_fresh_container_warms_up_and_gets_the_rest(tmp_path: Path) -> None:
    laid_out: list[JobCase] = []
    hangs = script(lambda question: done(question, seconds=50.0 if question.case == 3 else 1.0))
    driven = drive(tmp_path, hangs, Script(files=FILES), laid_out=laid_out)
    assert [case.index for case in laid_out] == [0, 2, 3, 0, 1]
    assert driven.case_seconds == {2: 1.0, 3: 10.0, 1: 2.0}
    assert driven.archive is not None
    assert {path: note.code for path, note in driven.archive.failures.items()} == {CASES[3].output: "TIMEOUT"}
    assert CASES[3].output not in driven.archive.files


@pytest.mark.parametrize(
    ("exit_code", "oom_killed", "code"), [(7, False, "EXIT_CODE"), (137, True, "OOM_RAM"), (0, False, "EXIT_CODE")]
)
def test_a_case_that_ends_its_container_has_the_reason_and_costs_its_limit(
    tmp_path: Path, exit_code: int, oom_killed: bool, code: str
) -> None:
    def dies(question: CaseQuestion) -> Turn:
        return Turn(heard=Heard.ENDED, seconds=0.1) if question.case == 2 else done(question)

    driven = drive(tmp_path, script(dies, exit_code=exit_code, oom_killed=oom_killed), Script(files=FILES))
    assert driven.archive is not None
    assert driven.archive.failures[CASES[2].output].code == code
    assert driven.case_seconds is not None
    assert driven.case_seconds[2] == 10.0


@pytest.mark.parametrize(
    ("turn", "code"),
    [
        (Turn(heard=LINE, line="loading weights", seconds=1), "PROTOCOL"),
        (Turn(heard=LINE, line='{"done": 1, "score": 1}', seconds=1), "PROTOCOL"),
        (Turn(heard=LINE, line='{"done": 2}', seconds=1), "PROTOCOL"),
        (Turn(heard=Heard.LINE_TOO_LONG, seconds=1), "PROTOCOL"),
        (Turn(heard=LINE, line='{"done": 1}', seconds=101), "TIMEOUT"),
    ],
)
def test_a_warm_up_that_goes_wrong_ends_the_run(tmp_path: Path, turn: Turn, code: str) -> None:
    driven = drive(tmp_path, script(lambda _: turn))
    assert driven.failure is not None
    assert (driven.failure.code, driven.archive, driven.case_seconds) == (code, None, None)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"done": "2"}', "`done` is not written as a whole number"),
        ('{"done": 2.0}', "`done` is not written as a whole number"),
        ('{"done": true}', "`done` is not written as a whole number"),
        ('{"done": null}', "`done` is not written as a whole number"),
        ('{"done": 2, "note": "x"}', "it says more than `done`"),
        ("{}", "`done` is missing"),
        ("[2]", "it is no JSON object"),
        ("ready", "it is no JSON"),
    ],
)
def test_an_answer_of_another_form_names_its_line_and_what_is_wrong_with_it(
    tmp_path: Path, line: str, why: str
) -> None:
    def says(question: CaseQuestion) -> Turn:
        return Turn(heard=LINE, line=line, seconds=1) if question.case == 2 else done(question)

    driven = drive(tmp_path, script(says))
    assert driven.failure is not None
    assert (driven.failure.code, driven.archive) == ("PROTOCOL", None)
    assert driven.failure.detail == f'line 2 of its stdout is not {{"done": 2}}: {why}'


@pytest.mark.parametrize("number", [1, 3])
def test_a_container_that_closes_its_stdout_has_failed_as_a_whole(tmp_path: Path, number: int) -> None:
    def says(question: CaseQuestion) -> Turn:
        return Turn(heard=Heard.CLOSED, seconds=1) if question.case == number else done(question)

    driven = drive(tmp_path, script(says, exit_code=137))
    assert driven.failure is not None
    assert (driven.failure.code, driven.archive) == ("PROTOCOL", None)
    assert driven.failure.detail == f"it closed its stdout before its answer to case {number}"


def test_a_container_that_ends_before_its_first_answer_fails_with_its_exit_code(tmp_path: Path) -> None:
    driven = drive(tmp_path, script(lambda _: Turn(heard=Heard.ENDED, seconds=1), exit_code=3))
    assert driven.failure is not None
    assert driven.failure.code == "EXIT_CODE"


def test_a_file_that_is_changed_after_its_answer_is_missing_and_costs_its_limit(tmp_path: Path) -> None:
    later = {CASES[3].output: time.time() + 60}
    driven = drive(tmp_path, Script(files=FILES, changed=later))
    assert driven.archive is not None
    assert {path: note.code for path, note in driven.archive.failures.items()} == {CASES[3].output: "MISSING_FILE"}
    assert set(driven.archive.files) == set(FILES) - set(later)
    assert driven.archive.digest == output_digest(driven.archive.files)
    assert driven.case_seconds == {2: 2.0, 3: 10.0, 1: 4.0}


def test_an_answer_without_a_file_costs_its_limit_and_the_warm_up_nothing(tmp_path: Path) -> None:
    silent = {CASES[0].output, CASES[2].output}
    driven = drive(tmp_path, Script(files={path: FILES[path] for path in set(FILES) - silent}))
    assert driven.archive is not None
    assert set(driven.archive.failures) == silent
    assert driven.case_seconds == {2: 10.0, 3: 3.0, 1: 4.0}


def test_a_run_without_any_file_has_no_output(tmp_path: Path) -> None:
    driven = drive(tmp_path, Script())
    assert driven.failure is not None
    assert driven.failure.code == "NO_OUTPUT"


def test_a_cancelled_run_has_no_failure_and_no_archive(tmp_path: Path) -> None:
    driven = drive(tmp_path, cancelled=True)
    assert (driven.outcome.cancelled, driven.failure, driven.archive) == (True, None, None)
