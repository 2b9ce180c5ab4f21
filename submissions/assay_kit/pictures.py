"""Pictures of a public sample for the site's viewer: drawn on the organiser's machine, where its files lie in the open."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from assay_kit.client import Client
from assay_kit.label_pictures import LabelCase, is_label_map, unreadable
from evaluators.contract.cases import FLOAT_DTYPES, OutputSpec
from evaluators.contract.pictures import PictureIn
from evaluators.contract.tasks import TaskSpec
from evaluators.contract.volumes import VolumeIn
from evaluators.importers.registry import DESCRIBED
from evaluators.pictures.case import Drawn, draw_error, draw_image, draw_reference, zero_filled_image
from evaluators.pictures.sending import sheet_of
from evaluators.readers import ReadFailure, read

if TYPE_CHECKING:
    from evaluators.contract.api import PublicFileOut
    from evaluators.contract.datasets import DatasetManifest

#: what stands beside every reference: the image that costs nothing
ZERO_FILLED = "Zero-filled"
Volume = NDArray[np.floating[Any]]


def of_sample(*, manifest: DatasetManifest, files: Mapping[str, Path]) -> Iterator[PictureIn | VolumeIn]:
    """Reference, zero-filled image and its error of every case; or image and reference where that is a label map.

    files: sha256 -> where the bytes lie. Nothing where the layout holds neither k-space nor label maps. Raises ValueError
    for a hidden dataset: its cases are never drawn.
    """
    if manifest.visibility != "public":
        raise ValueError("cases of a hidden dataset are never drawn")
    layout = DESCRIBED.get(manifest.layout)
    for case in manifest.cases:
        reference = np.load(files[case.references[0].sha256], allow_pickle=False)
        first = files[case.inputs[0].sha256]
        if layout is not None:
            yield _picture(case.label, "reference", draw_reference(reference))
            image = zero_filled_image(first, name=case.inputs[0].path, layout=layout, strata=case.strata)
            yield from _of_method(case.label, ZERO_FILLED, image=image, reference=reference)
        elif is_label_map(reference):
            yield from LabelCase(label=case.label, image=first, reference=reference).of_sample()


def of_method(
    *,
    client: Client,
    name: str,
    version: int,
    method: str,
    outputs: Path,
    variable: str,
    task: TaskSpec | None = None,
) -> Iterator[PictureIn | VolumeIn]:
    """Image and error of a method on every case. outputs: what its container wrote, a file a case at its input's path.

    task: of label maps, what their files and classes are; None: NIfTI or MetaImage at the input's path, any labels.
    Raises NotFound for a hidden dataset, AnswerIsNo for an output that cannot be read.
    """
    held = client.public_files(name=name, version=version)
    for label in dict.fromkeys(file.case for file in held):
        own = [file for file in held if file.case == label]
        given = next(file for file in own if file.role == "input")
        stored = next(file for file in own if file.role == "reference")
        reference = np.load(io.BytesIO(client.fetch_file(stored)), allow_pickle=False)
        if is_label_map(reference):
            with TemporaryDirectory(prefix="assay-") as folder:
                path = Path(folder, "image")
                path.write_bytes(client.fetch_file(given))
                case = LabelCase(label=label, image=path, reference=reference)
                yield from case.of_method(method, path=given.path, outputs=outputs, task=task)
        else:
            image = _read_image(given, reference=reference, outputs=outputs, variable=variable)
            yield from _of_method(label, method, image=image, reference=reference)


def _read_image(given: PublicFileOut, *, reference: Volume, outputs: Path, variable: str) -> Volume:
    wanted = OutputSpec(
        path=given.path,
        variable=variable,
        shape=reference.shape,
        dtypes=FLOAT_DTYPES,
        formats=("mat-v7", "mat-v7.3"),
    )
    try:
        return read(given.path, spec=wanted, below=outputs)
    except ReadFailure as failure:
        raise unreadable(outputs / given.path, failure) from None


def _of_method(label: str, method: str, *, image: Volume, reference: Volume) -> Iterator[PictureIn]:
    yield _picture(label, "image", draw_image(image, reference), method=method)
    yield _picture(label, "error", draw_error(image, reference), method=method)


def _picture(label: str, kind: str, drawn: Drawn, *, method: str = "") -> PictureIn:
    return sheet_of(label, kind, drawn.sheet, method=method, slice_number=drawn.slice_number, slices=drawn.slices)
