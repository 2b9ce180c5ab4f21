"""Several cases at once, and processes that files bring down: real processes, harmed where they open a given file."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from evaluators.contract.scorer import EXIT_DATASET, ScorerLine
from evaluators.contract.sealing import new_key
from evaluators.scoring.process import EXIT_MEMORY
from evaluators.scoring.verdict import Ending, Verdict
from tests.unit.evaluators.scoring.store import Store, codes, lines, results

MIB = 2**20
GOOD = dict.fromkeys(range(5), "scored")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Five good cases under seal."""
    store = Store(tmp_path / "store", key=new_key())
    store.fill(5)
    return store


def test_two_processes_give_the_same_values_as_one(store: Store) -> None:
    one, two = store.run(cores=1), store.run(cores=2)
    assert (one.returncode, two.returncode) == (0, 0), two.stderr
    assert codes(lines(one)) == GOOD
    assert results(lines(one)) == results(lines(two))
    assert lines(two)[-1] == ScorerLine(done=True)


def test_two_processes_score_different_cases_at_once(store: Store) -> None:
    store.harm(case0="dawdle_later")
    said = lines(store.run(cores=2))
    first = next(place for place, line in enumerate(said) if line.result and line.result.case == 0)
    others = [line.result.case for line in said[:first] if line.result]
    assert others, "another case was told while the first was still measured"
    assert codes(said) == GOOD


@pytest.mark.parametrize("cores", [1, 2])
def test_a_file_that_brings_its_reader_down_costs_its_case_alone(store: Store, cores: int) -> None:
    store.fill(5)
    store.harm(case1="crash", case3="error", case4="hang", case6="bomb", case8="killed")
    # time enough for the bomb to reach its limit on a busy machine
    told = store.run(cores=cores, reading=12.0, memory=512 * MIB)
    assert told.returncode == 0, told.stderr
    said = lines(told)
    failed = {case: result.failure for case, result in results(said).items() if result.failure}
    assert {case: (note.code, note.detail) for case, note in failed.items()} == {
        1: ("BAD_FORMAT", "stopped by SIGSEGV"),
        3: ("BAD_FORMAT", "stopped with exit code 1"),
        4: ("BAD_FORMAT", "reading did not end in time"),
        6: ("BAD_FORMAT", "took more memory than a case may use"),
        8: ("BAD_FORMAT", "took more memory than a case may use"),
    }
    assert sorted(results(said)) == list(range(10))
    assert said[-1] == ScorerLine(done=True)


@pytest.mark.parametrize("cores", [1, 2])
@pytest.mark.parametrize("harm", ["crash_later", "bomb_later"])
def test_a_process_that_ends_outside_a_file_stops_the_scorer_and_fails_no_case(
    store: Store, harm: str, cores: int
) -> None:
    store.harm(case1=harm)
    told = store.run(cores=cores, memory=512 * MIB)
    assert told.returncode not in {0, EXIT_DATASET}
    said = lines(told)
    assert set(codes(said).values()) == {"scored"}
    assert 1 not in codes(said)
    assert ScorerLine(done=True) not in said
    opened = [line.reading for line in said if line.reading is not None]
    assert sorted(opened) == sorted(line.read for line in said if line.read is not None), (
        "no file is left under suspicion"
    )


def test_the_case_in_hand_beside_a_fault_is_finished_and_told(store: Store) -> None:
    store.harm(case0="crash_later", case1="dawdle_later")
    assert codes(lines(store.run(cores=2)))[1] == "scored"


def test_a_dataset_fault_beside_another_case_is_still_the_datasets(store: Store) -> None:
    (store.references / store.cases[0].references[0].sha256).unlink()
    store.harm(case1="dawdle_later")
    told = store.run(cores=2)
    assert told.returncode == EXIT_DATASET
    assert codes(lines(told)) == {1: "scored"}


def test_a_case_that_was_starved_by_another_is_scored_when_it_is_alone(store: Store) -> None:
    store.harm(case2="killed_in_company")
    assert codes(lines(store.run(cores=2))) == GOOD


def test_no_process_outlives_the_scorer(store: Store) -> None:
    store.harm(case0="hang", case1="crash_later")
    store.run(cores=2, reading=1.0)
    marks = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert [mark for mark in marks if str(store.outputs).encode() in mark] == []


def ending(**seen: Any) -> Ending:
    return Ending(**{"exit_code": 1, "reading": False, "late": False, "alone": True, **seen})


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        ({"reading": True}, Verdict.BAD_FORMAT),
        ({"reading": False}, Verdict.SCORER),
        ({"exit_code": EXIT_DATASET}, Verdict.DATASET),
        # what a file makes its reader say is not believed
        ({"exit_code": EXIT_DATASET, "reading": True}, Verdict.BAD_FORMAT),
        ({"exit_code": EXIT_MEMORY, "reading": True, "alone": False}, Verdict.ALONE),
        ({"exit_code": EXIT_MEMORY, "alone": False}, Verdict.ALONE),
        ({"exit_code": EXIT_MEMORY}, Verdict.SCORER),
        ({"exit_code": -signal.SIGKILL, "reading": True, "alone": False}, Verdict.ALONE),
        ({"exit_code": -signal.SIGKILL, "reading": True, "late": True, "alone": False}, Verdict.BAD_FORMAT),
        # it had just closed the file when we killed it
        ({"exit_code": -signal.SIGKILL, "late": True, "alone": False}, Verdict.ALONE),
        ({"exit_code": None, "reading": True}, Verdict.BAD_FORMAT),
        ({"exit_code": 0, "reading": False}, Verdict.SCORER),
    ],
)
def test_the_end_of_a_process_is_judged_by_what_was_seen(seen: dict[str, Any], verdict: Verdict) -> None:
    assert ending(**seen).verdict() is verdict
