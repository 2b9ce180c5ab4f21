"""The perfect answer of every case of a job, into a folder of files named by their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from evaluators.contract.cases import JobCase
from evaluators.contract.tasks import TaskSpec
from evaluators.rehearsal.perfect import perfect_answer
from evaluators.rehearsal.writers import file_of
from evaluators.scoring.references import load_references
from evaluators.tasks import KINDS


class Question(BaseModel):
    """The one line on stdin."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    task: TaskSpec
    cases: tuple[JobCase, ...]
    key: str | None = Field(repr=False, description="the dataset's, in hex; None where references lie open")


def write_answers(question: Mapping[str, Any], *, references: Path, store: Path) -> dict[str, Any]:
    """The answer on stdout: `files` path -> {sha256, size}, as the archiver tells it. Raises DatasetFault, TaskProblem, KeyError."""
    asked = Question.model_validate(question)
    parts = KINDS[asked.task.kind].offer.parts_of(use.metric for use in asked.task.metrics)
    files: dict[str, dict[str, Any]] = {}
    for case in asked.cases:
        held = load_references(case=case, parts=parts, folder=references, key=asked.key)
        wanted, values = perfect_answer(held[""], case=case, task=asked.task)
        content = file_of(values, spec=wanted)
        sha256 = hashlib.sha256(content).hexdigest()
        target = store / sha256
        target.write_bytes(content)
        target.chmod(0o644)
        files[case.output] = {"sha256": sha256, "size": len(content)}
    return {"files": files, "failures": {}, "unexpected": 0}
