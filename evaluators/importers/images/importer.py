"""A tree of images and label maps as it lies on disk to a dataset version."""

from __future__ import annotations

from pathlib import Path

from evaluators.contract.datasets import CaseManifest, DatasetManifest
from evaluators.importers.dataset import ImportedDataset
from evaluators.importers.images.case import ImageCase, ImageLayout
from evaluators.importers.images.check import Labels, check_case
from evaluators.importers.problems import ImportProblems, Problem
from evaluators.importers.staging import Staging, labelled
from evaluators.importers.tree import Only, StrataOf

_ALL: Only = {}


def import_images(
    layout: ImageLayout,
    *,
    root: Path,
    set_name: str,
    staging: Path,
    key: str | None,
    seed: str,
    strata_of: StrataOf | None = None,
    only: Only = _ALL,
) -> ImportedDataset:
    """Check every file of a set and describe its cases: images for the container, a label map for the scorer.

    The arguments are `import_layout`'s. strata_of: a case's unit -> strata besides the layout's.
    Raises ImportProblems with every bad file; then nothing is written.
    """
    found = layout.find(root, set_name)
    problems = list(found.problems)
    cases = [case for case in found.cases if all(case.strata.get(name) in wanted for name, wanted in only.items())]
    if not cases and not problems:
        wanted = " and ".join(f"{name} {'/'.join(sorted(values))}" for name, values in only.items())
        problems.append(Problem(path=".", wanted=f"cases with {wanted}" if only else "a case", found="none"))
    there = {path for case in cases for path in case.files if (root / path).is_file()}
    store = Staging(staging, key=key)
    made: list[CaseManifest] = []
    for case in cases:
        labels = check_case(root=root, case=case, known=found.labels, problems=problems)
        if labels is not None and not problems:
            more = dict(strata_of(case.unit)) if strata_of else {}
            made.append(_case(case, labels=labels, root=root, store=store, strata={**case.strata, **more}))
    if problems:
        store.withdraw()
        # files that several cases share are told once
        unique = list(dict.fromkeys(problems))
        raise ImportProblems(problems=unique, good=len(there - {problem.path for problem in unique}))
    manifest = DatasetManifest(
        layout=layout.key, visibility="public" if key is None else "hidden", cases=labelled(made, seed=seed)
    )
    return ImportedDataset(manifest=manifest, files=store.files, places=store.places)


def _case(case: ImageCase, *, labels: Labels, root: Path, store: Staging, strata: dict[str, str]) -> CaseManifest:
    return CaseManifest(
        label="-",
        unit=case.unit,
        group=case.group,
        strata=strata,
        inputs=tuple(store.input(root / one.path, shown=one.shown) for one in case.inputs),
        references=(store.reference(labels.values, path=_reference(case)),),
        shape=labels.values.shape,
        affine=tuple(tuple(row) for row in labels.affine.tolist()),
    )


def _reference(case: ImageCase) -> str:
    """Where the scorer finds the map: the label file's own place, as .npy."""
    return case.labels.removesuffix(".gz").removesuffix(".nii") + ".npy"
