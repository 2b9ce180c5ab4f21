"""A whole job in this process: case after case, each result told as soon as it is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from evaluators.contract.cases import JobCase
from evaluators.contract.failures import CaseFailure, FailureNote
from evaluators.contract.scorer import ScorerJob, ScorerLine
from evaluators.contract.scores import CaseResult
from evaluators.scoring.case import score_case


def run_job(*, job: ScorerJob, outputs: Path, references: Path, tell: Callable[[ScorerLine], None]) -> None:
    """Score every case of the job in order; `done` is told last. Raises what score_case raises."""
    for case in job.cases:
        tell(ScorerLine(result=result_of(job=job, case=case, outputs=outputs, references=references, tell=tell)))
    tell(ScorerLine(done=True))


def result_of(
    *, job: ScorerJob, case: JobCase, outputs: Path, references: Path, tell: Callable[[ScorerLine], None]
) -> CaseResult:
    """One case of the job; what the archiver refused keeps its reason. Raises what score_case raises."""
    archived = job.manifest.get(case.output, FailureNote(code=CaseFailure.MISSING_FILE.value))
    if isinstance(archived, FailureNote):
        return CaseResult(case=case.index, failure=archived)
    return score_case(
        task=job.task,
        case=case,
        prediction=archived.sha256,
        below=outputs,
        references=references,
        key=job.key,
        tell=tell,
    )
