"""Outputs and references as the worker mounts them, the job that goes with them, and the scorer's process over both."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.io

import evaluators
from evaluators.contract.cases import JobCase
from evaluators.contract.datasets import FileRef
from evaluators.contract.failures import FailureNote
from evaluators.contract.outputs import ArchivedFile
from evaluators.contract.scorer import ScorerBudget, ScorerJob, ScorerLine
from evaluators.contract.scores import CaseResult
from evaluators.contract.sealing import seal
from tests.golden.pictures import cine
from tests.unit.evaluators.tasks.specs import job_case, reconstruction_task

SHAPE = (24, 20, 3, 4)
TASK = reconstruction_task()
SABOTEUR = Path(__file__).with_name("saboteur.py")


class Store:
    """Two folders, and what lies in them."""

    def __init__(self, folder: Path, *, key: str | None) -> None:
        self.folder, self.key = folder, key
        self.outputs, self.references = folder / "outputs", folder / "references"
        self.outputs.mkdir(parents=True)
        self.references.mkdir()
        self.cases: list[JobCase] = []
        self.manifest: dict[str, ArchivedFile | FailureNote] = {}
        self._harm: dict[str, str] = {}

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
        case = job_case(index=index, subject=f"P{index:03d}", shape=reference.shape, reference=held)
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

    def fill(self, count: int) -> None:
        """So many good cases, each with pictures of its own."""
        for _ in range(count):
            prediction, reference = cine(SHAPE, seed=len(self.cases))
            self.add(prediction=prediction, reference=reference)

    def harm(self, **plan: str) -> None:
        """case0="crash": the name of a function of saboteur.py, for what happens where that case's file is opened."""
        for word, what in plan.items():
            archived = self.manifest[self.cases[int(word.removeprefix("case"))].output]
            assert isinstance(archived, ArchivedFile)
            self._harm[archived.sha256] = what
        (self.outputs / "harm.json").write_text(json.dumps(self._harm))
        shutil.copy(SABOTEUR, self.folder / "sitecustomize.py")

    def job(self, **budget: Any) -> ScorerJob:
        return ScorerJob(
            task=TASK,
            cases=tuple(self.cases),
            key=self.key,
            manifest=self.manifest,
            budget=ScorerBudget.model_validate(budget),
        )

    def run(self, *, stdin: str | None = None, **budget: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "evaluators.scoring", "--outputs", self.outputs, "--references", self.references],
            input=self.job(**budget).model_dump_json() + "\n" if stdin is None else stdin,
            cwd=Path(evaluators.__file__).parent.parent,
            env={**os.environ, "PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


def lines(told: subprocess.CompletedProcess[str]) -> list[ScorerLine]:
    """What it said on stdout."""
    return [ScorerLine.model_validate_json(line) for line in told.stdout.splitlines()]


def results(said: Iterable[ScorerLine]) -> dict[int, CaseResult]:
    """Case -> its result, each told once."""
    found = [line.result for line in said if line.result]
    assert len({result.case for result in found}) == len(found)
    return {result.case: result for result in found}


def codes(said: Iterable[ScorerLine]) -> dict[int, str]:
    """Case -> its failure code, or `scored`."""
    found = results(said)
    return {case: result.failure.code if result.failure else "scored" for case, result in sorted(found.items())}
