"""The scorer as the worker sees it: a process with one job on stdin and lines on stdout."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io

import evaluators
from evaluators.contract.cases import JobCase
from evaluators.contract.datasets import FileRef
from evaluators.contract.failures import FailureNote
from evaluators.contract.outputs import ArchivedFile
from evaluators.contract.scorer import EXIT_DATASET, ScorerJob, ScorerLine
from evaluators.contract.sealing import new_key, seal
from evaluators.scoring.case import measure, score_case
from evaluators.scoring.errors import DatasetFault
from evaluators.tasks.registry import TaskProblem
from tests.golden.pictures import cine
from tests.unit.evaluators.tasks.specs import job_case, reconstruction_task

SHAPE = (24, 20, 3, 4)
TASK = reconstruction_task()


class Store:
    """Outputs and references as the worker mounts them, and the job that goes with them."""

    def __init__(self, folder: Path, *, key: str | None) -> None:
        self.outputs, self.references, self.key = folder / "outputs", folder / "references", key
        self.outputs.mkdir()
        self.references.mkdir()
        self.cases: list[JobCase] = []
        self.manifest: dict[str, ArchivedFile | FailureNote] = {}

    def reference(self, array: np.ndarray, *, path: str) -> FileRef:
        buffer = io.BytesIO()
        np.save(buffer, array)
        content = buffer.getvalue() if self.key is None else seal(buffer.getvalue(), key=self.key, path=path)
        digest = hashlib.sha256(content).hexdigest()
        (self.references / digest).write_bytes(content)
        return FileRef(path=path, sha256=digest, size=len(content))

    def add(self, *, prediction: Any, reference: np.ndarray) -> JobCase:
        """A case; prediction: an array, raw bytes, a failure, or None for a path that the archiver never saw."""
        index = len(self.cases)
        held = self.reference(reference, path=f"P{index:03d}/cine_sax.npy")
        case = job_case(index=index, subject=f"P{index:03d}", reference=held)
        self.cases.append(case)
        if isinstance(prediction, FailureNote):
            self.manifest[case.output] = prediction
        elif prediction is not None:
            if not isinstance(prediction, bytes):
                buffer = io.BytesIO()
                scipy.io.savemat(buffer, {"img4ranking": prediction}, do_compression=True)
                prediction = buffer.getvalue()
            digest = hashlib.sha256(prediction).hexdigest()
            (self.outputs / digest).write_bytes(prediction)
            self.manifest[case.output] = ArchivedFile(sha256=digest, size=len(prediction))
        return case

    def job(self) -> ScorerJob:
        return ScorerJob(task=TASK, cases=tuple(self.cases), key=self.key, manifest=self.manifest)

    def run(self, *, stdin: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "evaluators.scoring", "--outputs", self.outputs, "--references", self.references],
            input=self.job().model_dump_json() + "\n" if stdin is None else stdin,
            cwd=Path(evaluators.__file__).parent.parent,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


def lines(told: subprocess.CompletedProcess[str]) -> list[ScorerLine]:
    return [ScorerLine.model_validate_json(line) for line in told.stdout.splitlines()]


@pytest.mark.parametrize("key", [None, new_key()], ids=["open", "sealed"])
def test_a_job_is_scored_case_by_case_and_nothing_else_is_printed(tmp_path: Path, key: str | None) -> None:
    store = Store(tmp_path, key=key)
    prediction, reference = cine(SHAPE, seed=1)
    store.add(prediction=prediction, reference=reference)
    store.add(prediction=None, reference=reference)
    store.add(prediction=FailureNote(code="FORBIDDEN_FILE", detail="a link"), reference=reference)
    store.add(prediction=b"this is a text file", reference=reference)
    store.add(prediction=prediction[:, :, :2], reference=reference)
    told = store.run()
    assert told.returncode == 0, told.stderr
    said = lines(told)
    assert [line.model_dump(exclude_none=True).popitem()[0] for line in said] == [
        *("reading", "read", "result"),
        *("result", "result"),
        *("reading", "read", "result") * 2,
        "done",
    ]
    results = [line.result for line in said if line.result]
    assert results[0].values == measure(task=TASK, prediction=prediction, reference=reference)
    codes = [result.failure.code for result in results[1:] if result.failure]
    assert codes == ["MISSING_FILE", "FORBIDDEN_FILE", "BAD_FORMAT", "BAD_SHAPE"]
    assert [result.case for result in results] == [0, 1, 2, 3, 4]


def test_a_restarted_scorer_does_the_rest_alone(tmp_path: Path) -> None:
    store = Store(tmp_path, key=None)
    prediction, reference = cine(SHAPE, seed=1)
    for _ in range(3):
        store.add(prediction=prediction, reference=reference)
    rest = store.job().model_copy(update={"cases": tuple(store.cases[1:])})
    told = store.run(stdin=rest.model_dump_json())
    assert [line.result.case for line in lines(told) if line.result] == [1, 2]


@pytest.mark.parametrize("end", ["os.abort()", "raise RuntimeError"], ids=["crash", "uncaught error"])
def test_a_reader_that_dies_leaves_reading_as_its_last_word(tmp_path: Path, end: str) -> None:
    store = Store(tmp_path, key=None)
    prediction, reference = cine(SHAPE, seed=1)
    store.add(prediction=prediction, reference=reference)
    deadly = store.add(prediction=prediction / 2, reference=reference)
    archived = store.manifest[deadly.output]
    assert isinstance(archived, ArchivedFile)
    # the process is ended while it opens that one file, as a fault inside a library would end it
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\n"
        "def end(event, given):\n"
        f"    if event == 'open' and given[0] == {archived.sha256!r}: {end}\n"
        "sys.addaudithook(end)\n"
    )
    told = store.run(PYTHONPATH=str(tmp_path))
    assert told.returncode not in {0, EXIT_DATASET}
    said = lines(told)
    assert [line.result.case for line in said if line.result] == [0]
    assert said[-1] == ScorerLine(reading=1)


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
    assert [line.result for line in lines(told) if line.result] == []
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
    with pytest.raises(TaskProblem, match="'poetry' is not served; there are reconstruction"):
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


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the scorer's source, as its image holds it."""
    source = Path(evaluators.__file__).parent
    for folder in ("contract", "metrics", "readers", "scoring", "tasks"):
        shutil.copytree(source / folder, tmp_path / "evaluators" / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(source / "__init__.py", tmp_path / "evaluators")
    return tmp_path


def test_kernels_compiled_into_the_image_are_used_where_the_file_system_is_read_only(package: Path) -> None:
    def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=package,
            env={**os.environ, "PYTHONPATH": str(package), **environment},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )

    warmed = python("-m", "evaluators.scoring.warm")
    assert "3 metrics, 3 kernels compiled" in warmed.stderr
    kernels = package / "evaluators" / "metrics" / "__pycache__" / "kernels"
    use = (
        "import os; real = os.access\n"
        # root may write anywhere here: the read-only file system is played
        "os.access = lambda path, mode: False if mode == os.W_OK else real(path, mode)\n"
        "from evaluators.scoring.kernel_cache import use_kernels; use_kernels(); print(os.environ['NUMBA_CACHE_DIR'])\n"
        "import evaluators.metrics.image.ssim_kernel as s, evaluators.metrics.image.squares as q\n"
        "print(sum(sum(f.stats.cache_hits.values()) for f in (s.mean_ssim, q._squared_error, q._squared_norm)))\n"
    )
    folder, hits = python("-c", use, TMPDIR=str(package)).stdout.split()
    assert Path(folder).parent == package
    assert Path(folder) != kernels
    assert hits == "3"
