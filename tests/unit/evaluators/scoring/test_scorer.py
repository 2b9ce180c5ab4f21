"""The scorer as the worker sees it: a process with one job on stdin and lines on stdout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io

from evaluators.contract.failures import FailureNote
from evaluators.contract.outputs import ArchivedFile
from evaluators.contract.scorer import EXIT_DATASET, ScorerLine
from evaluators.contract.sealing import new_key
from evaluators.scoring.case import score_case
from evaluators.scoring.errors import DatasetFault
from evaluators.tasks.registry import TaskProblem
from tests.golden.pictures import cine
from tests.unit.evaluators.scoring.store import SHAPE, TASK, Store, codes, lines, results
from tests.unit.evaluators.tasks.specs import measure, reconstruction_task


@pytest.mark.parametrize("key", [None, new_key()], ids=["open", "sealed"])
def test_a_job_is_scored_case_by_case_and_nothing_else_is_printed(tmp_path: Path, key: str | None) -> None:
    store = Store(tmp_path, key=key)
    prediction, reference = cine(SHAPE, seed=1)
    store.add(prediction=prediction, reference=reference)
    store.add(prediction=None, reference=reference)
    store.add(prediction=FailureNote(code="FORBIDDEN_FILE", detail="a link"), reference=reference)
    store.add(prediction=b"this is a text file", reference=reference)
    store.add(prediction=prediction[:, :, :2], reference=reference)
    told = store.run(cores=1)
    assert told.returncode == 0, told.stderr
    said = lines(told)
    assert [line.model_dump(exclude_none=True).popitem()[0] for line in said] == [
        *("reading", "read", "result"),
        *("result", "result"),
        *("reading", "read", "result") * 2,
        "done",
    ]
    assert results(said)[0].values == measure(task=TASK, prediction=prediction, reference=reference)
    assert codes(said) == {0: "scored", 1: "MISSING_FILE", 2: "FORBIDDEN_FILE", 3: "BAD_FORMAT", 4: "BAD_SHAPE"}


def test_a_restarted_scorer_does_the_rest_alone(tmp_path: Path) -> None:
    store = Store(tmp_path, key=None)
    store.fill(3)
    rest = store.job().model_copy(update={"cases": tuple(store.cases[1:])})
    told = store.run(stdin=rest.model_dump_json())
    assert codes(lines(told)) == {1: "scored", 2: "scored"}


def test_the_wrong_key_is_the_datasets_fault_and_no_case_is_failed(tmp_path: Path) -> None:
    store = Store(tmp_path, key=new_key())
    prediction, reference = cine(SHAPE, seed=1)
    store.add(prediction=prediction, reference=reference)
    store.key = new_key()
    told = store.run()
    assert told.returncode == EXIT_DATASET
    assert lines(told) == []
    assert "does not open with this dataset's key" in told.stderr
    assert store.key not in told.stderr


def test_a_dark_reference_is_the_datasets_fault_whatever_the_team_sent(tmp_path: Path) -> None:
    store = Store(tmp_path, key=None)
    prediction, reference = cine(SHAPE, seed=1)
    reference[:, :, 0, 0] = 0
    store.add(prediction=prediction, reference=reference)
    told = store.run()
    assert told.returncode == EXIT_DATASET
    assert codes(lines(told)) == {}
    assert "without energy" in told.stderr


def test_a_broken_job_never_prints_its_key(tmp_path: Path) -> None:
    store = Store(tmp_path, key=new_key())
    document = {**json.loads(store.job().model_dump_json()), "surplus": 1}
    told = store.run(stdin=json.dumps(document))
    assert told.returncode not in {0, EXIT_DATASET}
    assert told.stdout == ""
    assert "surplus" in told.stderr
    assert store.key is not None
    assert store.key not in told.stderr
    assert store.key not in repr(store.job())


def _swap(store: Store) -> None:
    first, second = (store.references / case.references[0].sha256 for case in store.cases)
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)


def _damage(store: Store) -> None:
    path = store.references / store.cases[0].references[0].sha256
    path.write_bytes(path.read_bytes()[:-1])


def _lose(store: Store) -> None:
    (store.references / store.cases[0].references[0].sha256).unlink()


@pytest.mark.parametrize("harm", [_swap, _damage, _lose])
def test_references_that_were_touched_are_noticed(tmp_path: Path, harm) -> None:
    store = Store(tmp_path, key=new_key())
    for seed in (1, 2):
        prediction, reference = cine(SHAPE, seed=seed)
        store.add(prediction=prediction, reference=reference)
    harm(store)
    with pytest.raises(DatasetFault, match=r"P000/cine_sax\.npy"):
        _score(store, 0)


@pytest.mark.parametrize("content", [b"no npy", np.arange(6), np.array([{"a": 1}], dtype=object), np.ones(SHAPE) > 0])
def test_a_reference_that_is_no_array_of_floats_is_the_datasets_fault(tmp_path: Path, content: Any) -> None:
    store = Store(tmp_path, key=None)
    prediction, _ = cine(SHAPE, seed=1)
    store.add(prediction=prediction, reference=prediction)
    path = store.references / store.cases[0].references[0].sha256
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        with path.open("wb") as file:
            np.save(file, content)
    with pytest.raises(DatasetFault):
        _score(store, 0)


def test_a_task_of_an_unknown_kind_is_the_challenges_fault(tmp_path: Path) -> None:
    store = Store(tmp_path, key=None)
    prediction, reference = cine(SHAPE, seed=1)
    case = store.add(prediction=prediction, reference=reference)
    with pytest.raises(TaskProblem, match="'poetry' is not served; there are "):
        score_case(
            task=reconstruction_task(kind="poetry"), case=case, prediction="x", references=store.references, key=None
        )


def _score(store: Store, index: int) -> None:
    case = store.cases[index]
    archived = store.manifest[case.output]
    assert isinstance(archived, ArchivedFile)
    score_case(
        task=TASK,
        case=case,
        prediction=archived.sha256,
        below=store.outputs,
        references=store.references,
        key=store.key,
    )


def test_a_file_that_lies_where_the_container_wrote_it_is_scored_in_process(tmp_path: Path) -> None:
    store = Store(tmp_path, key=None)
    prediction, reference = cine(SHAPE, seed=1)
    case = store.add(prediction=prediction, reference=reference)
    written = tmp_path / "output" / case.output
    written.parent.mkdir(parents=True)
    scipy.io.savemat(written, {"img4ranking": prediction})
    heard: list[ScorerLine] = []
    result = score_case(
        task=TASK,
        case=case,
        prediction=case.output,
        below=tmp_path / "output",
        references=store.references,
        key=None,
        tell=heard.append,
    )
    assert result.values == measure(task=TASK, prediction=prediction, reference=reference)
    assert heard == [ScorerLine(reading=0), ScorerLine(read=0)]


def test_a_line_says_one_thing() -> None:
    with pytest.raises(ValueError, match="exactly one"):
        ScorerLine()
    with pytest.raises(ValueError, match="exactly one"):
        ScorerLine(reading=1, done=True)
    assert ScorerLine(reading=0).line() == '{"reading":0}'
