"""What a worker has measured survives its process, and results of two runs never mix."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluators.contract.failures import FailureNote
from evaluators.contract.scores import CaseResult, RunFacts
from evaluators.worker.journal import Journal

A, B = "a" * 64, "b" * 64
EVALUATION = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


def value(case: int, ssim: float = 0.5) -> CaseResult:
    return CaseResult(case=case, values={"ssim": ssim})


def facts(digest: str) -> RunFacts:
    return RunFacts(output_digest=digest, files_present=1, files_expected=2, seconds=3.0, output_bytes=4)


def test_results_are_there_after_the_process_is_gone(path: Path) -> None:
    journal = Journal(path=path)
    failed = CaseResult(case=1, failure=FailureNote(code="MISSING_FILE"))
    journal.write(evaluation=EVALUATION, output_digest=A, results=[value(0), failed])
    journal.close()
    assert Journal(path=path).results(evaluation=EVALUATION, output_digest=A) == [value(0), failed]


def test_results_of_another_run_are_not_given(path: Path) -> None:
    journal = Journal(path=path)
    journal.write(evaluation=EVALUATION, output_digest=A, results=[value(0)])
    assert journal.results(evaluation=EVALUATION, output_digest=B) == []


def test_the_first_result_of_a_case_stands(path: Path) -> None:
    journal = Journal(path=path)
    journal.write(evaluation=EVALUATION, output_digest=A, results=[value(0, 0.5)])
    journal.write(evaluation=EVALUATION, output_digest=A, results=[value(0, 0.9)])
    assert journal.results(evaluation=EVALUATION, output_digest=A) == [value(0, 0.5)]


def test_only_what_was_not_acknowledged_is_sent_again(path: Path) -> None:
    journal = Journal(path=path)
    journal.write(evaluation=EVALUATION, output_digest=A, results=[value(0), value(1)])
    journal.mark_sent(evaluation=EVALUATION, output_digest=A, cases=[0])
    unsent = journal.results(evaluation=EVALUATION, output_digest=A, unsent_only=True)
    assert [result.case for result in unsent] == [1]


def test_an_attempt_that_never_ended_is_found_by_the_next_process(path: Path) -> None:
    journal = Journal(path=path)
    journal.take(evaluation=EVALUATION, attempt=1)
    journal.take(evaluation=EVALUATION, attempt=2)
    journal.end(evaluation=EVALUATION, attempt=1)
    journal.close()
    assert Journal(path=path).open_attempts() == [(EVALUATION, 2)]


def test_the_newest_archived_run_is_the_one_that_is_resumed(path: Path) -> None:
    journal = Journal(path=path)
    assert journal.last_run(evaluation=EVALUATION) is None
    journal.archived(evaluation=EVALUATION, facts=facts(A))
    journal.archived(evaluation=EVALUATION, facts=facts(B))
    last = journal.last_run(evaluation=EVALUATION)
    assert last is not None
    assert last.output_digest == B
