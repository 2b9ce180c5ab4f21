"""CMRxRecon 2023's multi-coil cine download, as it lies on disk, to a dataset version."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np

from evaluators.contract.datasets import NAME, CaseManifest, DatasetManifest, FileRef
from evaluators.contract.sealing import seal
from evaluators.importers.cmrxrecon2023_files import check_scan
from evaluators.importers.cmrxrecon2023_image import reference_image
from evaluators.importers.cmrxrecon2023_tree import Scan, StrataOf, find_scans
from evaluators.importers.dataset import ImportedDataset, ImportProblems, Problem, draw_labels, sha256_of

LAYOUT = "cmrxrecon-2023"


def import_cmrxrecon_2023(
    *, root: Path, set_name: str, staging: Path, key: str | None, strata_of: StrataOf | None = None, seed: str
) -> ImportedDataset:
    """Check every file of a set, make its reference images, and describe its cases: one a (subject, view, factor).

    root: holds MultiCoil/Cine/<set_name>/{AccFactor04,08,10,FullSample}/Pxxx/cine_{sax,lax}.mat and the masks.
    staging: receives the references, named by sha256. key: seals them; None leaves them open (a public sample).
    strata_of: subject -> strata besides af and view. seed: of the order of cases and their labels.
    Raises ImportProblems with every bad file; then nothing is written.
    """
    scans, problems = find_scans(root=root, set_name=set_name)
    shapes: dict[str, tuple[int, ...]] = {}
    for scan in scans:
        checked = check_scan(root=root, scan=scan)
        problems += checked.problems
        if checked.shape is not None:
            shapes[scan.full] = checked.shape
    if problems:
        raise ImportProblems(problems=problems, good=_count_good(root=root, scans=scans, problems=problems))

    files: dict[str, Path] = {}
    cases: list[CaseManifest] = []
    for scan in scans:
        reference = _stage_reference(root=root, scan=scan, staging=staging, key=key, files=files)
        frames, slices, _, ny, nx = shapes[scan.full]
        cases += [
            CaseManifest(
                label="-",
                unit=scan.subject,
                group=f"{scan.subject}/AccFactor{factor:02d}",
                strata={"af": str(factor), "view": scan.view, **(strata_of(scan.subject) if strata_of else {})},
                inputs=tuple(_input(root=root, path=path, subject=scan.subject, files=files) for path in paths),
                references=(reference,),
                shape=(nx, ny, slices, frames),
            )
            for factor, paths in scan.sampled.items()
        ]
    labels = draw_labels(count=len(cases), seed=seed)
    # the order of the cases must say no more than their labels
    named = sorted(zip(labels, cases, strict=True), key=lambda pair: pair[0])
    manifest = DatasetManifest(
        layout=LAYOUT,
        visibility="public" if key is None else "hidden",
        cases=tuple(case.model_copy(update={"label": label}) for label, case in named),
    )
    return ImportedDataset(manifest=manifest, files=files)


def _count_good(*, root: Path, scans: list[Scan], problems: list[Problem]) -> int:
    bad = {problem.path for problem in problems}
    return sum(1 for scan in scans for path in scan.files if path not in bad and (root / path).is_file())


def _input(*, root: Path, path: str, subject: str, files: dict[str, Path]) -> FileRef:
    local = root / path
    digest = sha256_of(local)
    files[digest] = local
    return FileRef(path=path.replace(f"/{subject}/", f"/{NAME}/"), sha256=digest, size=local.stat().st_size)


def _stage_reference(*, root: Path, scan: Scan, staging: Path, key: str | None, files: dict[str, Path]) -> FileRef:
    """Once a scan: all its factors are scored against the same image."""
    path = scan.full.removesuffix(".mat") + ".npy"
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, reference_image(root / scan.full), allow_pickle=False)
    content = buffer.getvalue() if key is None else seal(buffer.getvalue(), key=key, path=path)
    digest = hashlib.sha256(content).hexdigest()
    staging.mkdir(parents=True, exist_ok=True)
    files[digest] = staging / digest
    files[digest].write_bytes(content)
    return FileRef(path=path, sha256=digest, size=len(content))
