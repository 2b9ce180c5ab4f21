"""An evaluation as its worker sees it: pseudonyms in place of groups, nothing that names a subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings

from assay.datasets.models import Case, CaseFile, FileRole
from assay.datasets.selectors import known_names
from assay.datasets.services import reference_key
from assay.evaluations.models import Evaluation
from assay.predictions.models import Predictions
from evaluators.contract.cases import JobCase
from evaluators.contract.datasets import NAME, FileRef
from evaluators.contract.jobs import Job, KeptRun, Rehearsal
from evaluators.contract.limits import Limits
from evaluators.contract.pseudonyms import draw_pseudonyms
from evaluators.contract.scores import RunFacts
from evaluators.contract.tasks import TaskSpec


def render_job(evaluation: Evaluation) -> Job:
    """The attempt that `evaluation` stands at, ready to be sent. Cases come in the order of the dataset version."""
    dataset = evaluation.dataset
    cases = list(dataset.cases.order_by("index").prefetch_related("files"))
    names = _names(evaluation, cases=cases)
    task = TaskSpec.model_validate(evaluation.run_spec["task"])
    return Job(
        evaluation=str(evaluation.pk),
        attempt=evaluation.attempt,
        lease_seconds=settings.LEASE_SECONDS,
        image=None if evaluation.image is None else evaluation.image.config_digest,
        image_bytes=0 if evaluation.image is None else evaluation.image.archive_bytes,
        predictions=_archive(evaluation.predictions),
        rehearsal=Rehearsal(evaluation.rehearsal) if evaluation.rehearsal else None,
        outputs_of=_kept_run(evaluation.outputs_of),
        limits=Limits.model_validate(evaluation.run_spec["limits"]),
        task=task,
        dataset=str(dataset),
        cases=tuple(_render_case(case, name=names[case.index], task=task) for case in cases),
        reference_key=reference_key(dataset=dataset),
        scorer=evaluation.scorer,
        output_digest=evaluation.output_digest or None,
        scored=tuple(index for index, outcome in enumerate(evaluation.outcomes) if outcome is not None),
    )


def _names(evaluation: Evaluation, *, cases: Sequence[Case]) -> Mapping[int, str]:
    """Case index -> what stands for `{name}`: drawn for a container, as teams know it for result files.

    Kept outputs lie under the names of their own run, drawn over the groups of its dataset version. Raises ValueError for result files of a version whose inputs teams do not hold: its phase took none when it was applied.
    """
    if evaluation.predictions is None:
        drawn_over: Iterable[str] = (case.group for case in cases)
        if evaluation.outputs_of is not None:
            drawn_over = evaluation.outputs_of.dataset.cases.values_list("group", flat=True)
        drawn = draw_pseudonyms(groups=drawn_over, seed=evaluation.pseudonym_seed)
        return {case.index: drawn[case.group] for case in cases}
    known = known_names(evaluation.dataset, cases=cases)
    if not known:
        raise ValueError(f"{evaluation.dataset} has no names that teams know")
    return known


def _archive(predictions: Predictions | None) -> FileRef | None:
    if predictions is None:
        return None
    return FileRef(path="predictions.zip", sha256=predictions.sha256, size=predictions.archive_bytes)


def _kept_run(origin: Evaluation | None) -> KeptRun | None:
    if origin is None:
        return None
    return KeptRun(evaluation=str(origin.pk), run=RunFacts.model_validate(origin.run))


def _render_case(case: Case, *, name: str, task: TaskSpec) -> JobCase:
    files = sorted(case.files.all(), key=lambda file: file.position)
    # a reference keeps its path as uploaded: the seal is bound to it, and no container ever sees it
    inputs = _refs(files, role=FileRole.INPUT, name=name)
    return JobCase(
        index=case.index,
        strata=case.strata,
        inputs=inputs,
        references=_refs(files, role=FileRole.REFERENCE, name=NAME),
        shape=tuple(case.shape),
        affine=case.affine,
        answer=task.answer(inputs[0].path),
    )


def _refs(files: Iterable[CaseFile], *, role: FileRole, name: str) -> tuple[FileRef, ...]:
    return tuple(
        FileRef(path=file.path.replace(NAME, name), sha256=file.sha256, size=file.size)
        for file in files
        if file.role == role
    )
