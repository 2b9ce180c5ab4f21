"""One scorer container: what brings down one of its processes, and what brings down all of it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from evaluators.contract.scorer import EXIT_DATASET, ScorerLine
from evaluators.sandbox.docker_sandbox import DockerSandbox
from evaluators.sandbox.interface import ImageInfo, Owner, ScorerEnd, ScorerEnding, ScorerLimits
from tests.unit.evaluators.scoring.store import Store, codes, results

pytestmark = pytest.mark.engine
MIB = 2**20
GOOD = dict.fromkeys(range(5), "scored")


@pytest.fixture
def hear(store: Store, image: ImageInfo, sandbox: DockerSandbox, owner: Owner) -> Any:
    """hear(container=bytes, **budget): the store's job in one container; its lines and how it ended."""

    def run(*, container: int = 4096 * MIB, timeout: float = 60, **budget: Any) -> tuple[list[ScorerLine], ScorerEnd]:
        with sandbox.scorer(
            owner=owner,
            image=image,
            outputs=store.outputs,
            references=store.references,
            limits=ScorerLimits(memory=container),
        ) as session:
            session.send(store.job(**budget).model_dump_json())
            said = [ScorerLine.model_validate_json(line) for line in session.lines(timeout=timeout)]
            return said, session.end()

    return run


def test_a_job_is_scored_as_it_is_in_process(store: Store, hear: Any) -> None:
    said, end = hear()
    assert (end.ending, end.exit_code) == (ScorerEnding.EXITED, 0), end.log
    there = {case: result.values for case, result in results(said).items()}
    here = {
        line.result.case: line.result.values
        for line in map(ScorerLine.model_validate_json, store.run().stdout.splitlines())
        if line.result
    }
    assert sorted(there) == sorted(here) == list(range(5))
    for case, values in there.items():
        assert values == pytest.approx(here[case], rel=1e-12, abs=1e-12)


def test_files_that_bring_readers_down_cost_their_cases_in_the_same_container(store: Store, hear: Any) -> None:
    store.fill(5)
    store.harm(case1="crash", case3="hang", case5="bomb", case7="error")
    said, end = hear(container=1536 * MIB, memory=1024 * MIB, reading=2.0)
    assert (end.ending, end.exit_code, end.oom_killed) == (ScorerEnding.EXITED, 0, False), end.log
    assert codes(said) == dict.fromkeys(range(10), "scored") | dict.fromkeys((1, 3, 5, 7), "BAD_FORMAT")


def test_a_file_that_takes_all_of_the_containers_memory_costs_its_case_alone(store: Store, hear: Any) -> None:
    store.harm(case2="flood")
    said, end = hear(container=768 * MIB)
    assert (end.ending, end.exit_code, end.oom_killed) == (ScorerEnding.EXITED, 0, True), end.log
    assert codes(said) == GOOD | {2: "BAD_FORMAT"}
    note = results(said)[2].failure
    assert note is not None
    assert note.detail == "took more memory than a case may use"


def test_a_crash_outside_a_file_ends_it_with_a_code_and_no_case_is_failed(store: Store, hear: Any) -> None:
    store.harm(case0="crash_later")
    said, end = hear()
    assert (end.ending, end.exit_code) == (ScorerEnding.EXITED, 1)
    assert set(codes(said).values()) <= {"scored"}
    assert 0 not in codes(said)


def test_a_reference_that_is_lost_is_the_datasets_fault(store: Store, hear: Any) -> None:
    (store.references / store.cases[0].references[0].sha256).unlink()
    said, end = hear()
    assert end.exit_code == EXIT_DATASET
    assert set(codes(said).values()) <= {"scored"}


def test_silence_leaves_every_open_file_under_suspicion(store: Store, hear: Any) -> None:
    store.harm(case0="hang", case1="hang")
    start = time.monotonic()
    said, end = hear(timeout=5, reading=600.0)
    assert end.ending is ScorerEnding.TIMED_OUT
    assert time.monotonic() - start < 60
    opened = {line.reading for line in said} - {line.read for line in said}
    assert opened == {0, 1}
