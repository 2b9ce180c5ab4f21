"""A download as it lies on disk, in any layout that is described as data, to a dataset version."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from evaluators.contract.datasets import NAME, CaseManifest, DatasetManifest, FileRef
from evaluators.importers.check import Checked, check_scan
from evaluators.importers.cmrxrecon2023_image import reference_image
from evaluators.importers.dataset import ImportedDataset
from evaluators.importers.diseases import NO_SHEET, read_diseases
from evaluators.importers.layout import Layout
from evaluators.importers.problems import BadFile, ImportProblems, Problem
from evaluators.importers.staging import Staging, labelled
from evaluators.importers.tree import Only, Sampled, Scan, StrataOf, find_scans

_ALL: Only = {}


def import_layout(
    layout: Layout,
    *,
    root: Path,
    set_name: str,
    staging: Path,
    key: str | None,
    seed: str,
    strata_of: StrataOf | None = None,
    only: Only = _ALL,
) -> ImportedDataset:
    """Check every file of a set, make its references, and describe its cases: one a scan, pattern and factor.

    root: the folder that the layout's paths start from. staging: receives the references, named by sha256.
    key: seals them; None leaves them open (a public sample). seed: of the order of cases and their labels.
    strata_of: subject -> strata besides the layout's. only: stratum -> the values that are wanted.
    Raises ImportProblems with every bad file; then nothing is written.
    """
    scans, problems = find_scans(root=root, layout=layout, set_name=set_name, only=only)
    diseases: Mapping[str, str] = {}
    if layout.diseases is not None:
        try:
            diseases = read_diseases(root / layout.diseases, units={scan.unit for scan in scans})
        except BadFile as bad:
            problems.append(bad.at(layout.diseases))
    checked: dict[str, Checked] = {}
    for scan in scans:
        checked[scan.full] = check_scan(root=root, layout=layout, scan=scan)
        problems += checked[scan.full].problems
    if problems:
        raise ImportProblems(problems=problems, good=_count_good(root=root, scans=scans, problems=problems))

    store = _Store(root=root, layout=layout, staging=Staging(staging, key=key))
    made = {scan.full: store.references(scan, checked=checked[scan.full]) for scan in scans}
    if store.problems:
        store.staging.withdraw()
        raise ImportProblems(problems=store.problems, good=_count_good(root=root, scans=scans, problems=store.problems))
    cases: list[CaseManifest] = []
    for scan in scans:
        more = dict(strata_of(scan.subject)) if strata_of else {}
        if layout.diseases is not None:
            more["disease"] = diseases.get(scan.unit, NO_SHEET)
        cases += [_case(one, scan=scan, references=made[scan.full], store=store, more=more) for one in scan.sampled]
    manifest = DatasetManifest(
        layout=layout.key,
        visibility="public" if key is None else "hidden",
        cases=labelled(cases, seed=seed),
    )
    return ImportedDataset(manifest=manifest, files=store.staging.files, places=store.staging.places)


def _case(
    one: Sampled, *, scan: Scan, references: tuple[FileRef, ...], store: _Store, more: Mapping[str, str]
) -> CaseManifest:
    return CaseManifest(
        label="-",
        unit=scan.unit,
        group=one.group,
        strata={**one.strata, **more},
        inputs=tuple(store.input(path, subject=scan.subject) for path in one.inputs),
        references=references,
        shape=store.shapes[scan.full],
    )


def _count_good(*, root: Path, scans: list[Scan], problems: list[Problem]) -> int:
    bad = {problem.path for problem in problems}
    return len({path for scan in scans for path in scan.files if path not in bad and (root / path).is_file()})


class _Store:
    """Makes and stages what the scorer holds, once a scan: all its factors are scored against the same files."""

    def __init__(self, *, root: Path, layout: Layout, staging: Staging) -> None:
        self._root = root
        self._layout = layout
        self.staging = staging
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.problems: list[Problem] = []

    def input(self, path: str, *, subject: str) -> FileRef:
        """A file that the container sees, where it lies."""
        shown = path.removeprefix(self._layout.mounted).replace(f"/{subject}/", f"/{NAME}/")
        return self.staging.input(self._root / path, shown=shown)

    def references(self, scan: Scan, *, checked: Checked) -> tuple[FileRef, ...]:
        """The image first, then `_times.npy` (slice, weighting) in ms and `_label.npy` (x, y, slice) where there are any."""
        axes = self._layout.axes_of(scan.family)
        try:
            image = reference_image(
                self._root / scan.full,
                variables=self._layout.full_variables,
                axes=axes,
                drops_ones=self._layout.drops_ones,
            )
        except BadFile as bad:
            self.problems.append(bad.at(scan.full))
            return ()
        self.shapes[scan.full] = image.shape
        base = scan.full.removesuffix(".mat")
        parts: dict[str, NDArray[Any] | None] = {"": image, "_times": checked.times, "_label": checked.labels}
        return tuple(
            self.staging.reference(array, path=f"{base}{ending}.npy")
            for ending, array in parts.items()
            if array is not None
        )
