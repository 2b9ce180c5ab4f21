"""Whether the cases of a dataset can be scored by a task: every misfit, case by case. No database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay.challenges.explain import quoted
from evaluators.contract.catalogue import catalogue
from evaluators.contract.datasets import reference_parts
from evaluators.contract.paths import PathMismatch
from evaluators.contract.tasks import TaskSpec


@dataclass(frozen=True, kw_only=True)
class CaseFacts:
    """What is known of a case: from a manifest, or from the database."""

    label: str
    strata: Mapping[str, str]
    shape: tuple[int, ...]
    affine: Any
    inputs: tuple[str, ...]
    references: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Misfit:
    """One thing of one case. kind: misfits of one kind have one cause and one fix."""

    kind: str
    case: str
    message: str
    fix: str


def misfits(cases: Iterable[CaseFacts], *, spec: TaskSpec) -> Iterator[Misfit]:
    """In the order of the cases; none: each has its references, the task's axes, a value for each stratum, and a place for its output."""
    offer = catalogue().kinds.get(spec.kind)
    needed = () if offer is None else offer.parts_of(use.metric for use in spec.metrics)
    axes = len(spec.output.axes.split())
    for case in cases:
        held = reference_parts(list(case.references)) if case.references else {}
        for part in needed:
            if part.name not in held:
                who = f"which {' and '.join(part.metrics)} need" if part.metrics else "which the task needs"
                fix = "import it with them, or take the column out"
                yield _of(case, f"part {part.name}", f"has no {part.title}, {who}", fix)
        if len(case.shape) != axes:
            message = f"has {len(case.shape)} axes, output names {axes}"
            yield _of(case, "shape", message, "name the axes of the reference")
        if spec.output.classes and case.affine is None:
            fix = "import it again, with the affine of its images"
            yield _of(case, "affine", "does not say where its voxels lie", fix)
        for name, stratum in spec.strata.items():
            value = case.strata.get(name)
            if value not in stratum.values:
                has = "no value" if value is None else quoted(value)
                fix = f"the task knows {', '.join(stratum.values)}"
                yield _of(case, f"stratum {name}", f"has {has} for the stratum {quoted(name)}", fix)
        if not case.inputs:
            yield _of(case, "input", "has no input file", "import it again")
            continue
        try:
            spec.answer(case.inputs[0])
        except PathMismatch:
            fix = "write `input` as its layout has it"
            yield Misfit(
                kind="path", case=case.label, message=f"the paths of {case.label} do not follow `input`", fix=fix
            )


def _of(case: CaseFacts, kind: str, message: str, fix: str) -> Misfit:
    return Misfit(kind=kind, case=case.label, message=f"{case.label} {message}", fix=fix)
