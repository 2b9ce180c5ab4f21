"""Pictures of a public sample for the site's viewer: drawn on the organiser's machine, where its files lie in the open."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from assay_kit.client import Client
from assay_kit.errors import AnswerIsNo
from evaluators.contract.api import PictureIn
from evaluators.contract.cases import FLOAT_DTYPES, OutputSpec
from evaluators.importers.registry import DESCRIBED
from evaluators.pictures.case import Drawn, draw_error, draw_image, draw_reference, zero_filled_image
from evaluators.readers import ReadFailure, read

if TYPE_CHECKING:
    from evaluators.contract.datasets import DatasetManifest

#: what stands beside every reference: the image that costs nothing
ZERO_FILLED = "Zero-filled"
Volume = NDArray[np.floating[Any]]


def of_sample(*, manifest: DatasetManifest, files: Mapping[str, Path]) -> Iterator[PictureIn]:
    """Reference, zero-filled image and its error of every case. files: sha256 -> where the bytes lie.

    Nothing where the layout holds no k-space. Raises ValueError for a hidden dataset: its cases are never drawn.
    """
    if manifest.visibility != "public":
        raise ValueError("cases of a hidden dataset are never drawn")
    layout = DESCRIBED.get(manifest.layout)
    for case in manifest.cases if layout is not None else ():
        assert layout is not None  # noqa: S101 -- else there are no cases
        reference = np.load(files[case.references[0].sha256], allow_pickle=False)
        yield _picture(case.label, "reference", draw_reference(reference))
        kspace = files[case.inputs[0].sha256]
        image = zero_filled_image(kspace, name=case.inputs[0].path, layout=layout, strata=case.strata)
        yield from _of_method(case.label, ZERO_FILLED, image=image, reference=reference)


def of_method(
    *, client: Client, name: str, version: int, method: str, outputs: Path, variable: str
) -> Iterator[PictureIn]:
    """Image and error of a method on every case. outputs: what its container wrote, a file a case at its input's path.

    Raises NotFound for a hidden dataset, AnswerIsNo for an output that cannot be read.
    """
    held = client.public_files(name=name, version=version)
    for label in dict.fromkeys(file.case for file in held):
        own = [file for file in held if file.case == label]
        given = next(file for file in own if file.role == "input")
        stored = next(file for file in own if file.role == "reference")
        reference = np.load(io.BytesIO(client.fetch_file(stored)), allow_pickle=False)
        wanted = OutputSpec(
            path=given.path,
            variable=variable,
            shape=reference.shape,
            dtypes=FLOAT_DTYPES,
            formats=("mat-v7", "mat-v7.3"),
        )
        try:
            image = read(given.path, spec=wanted, below=outputs)
        except ReadFailure as failure:
            note = failure.note
            raise AnswerIsNo(f"{outputs / given.path}: {note.code} {note.detail}".rstrip(), code=note.code) from None
        yield from _of_method(label, method, image=image, reference=reference)


def _of_method(label: str, method: str, *, image: Volume, reference: Volume) -> Iterator[PictureIn]:
    yield _picture(label, "image", draw_image(image, reference), method=method)
    yield _picture(label, "error", draw_error(image, reference), method=method)


def _picture(label: str, kind: str, drawn: Drawn, *, method: str = "") -> PictureIn:
    sheet = drawn.sheet
    document = {
        "case": label, "kind": kind, "method": method, "frames": sheet.frames, "columns": sheet.columns,
        "width": sheet.width, "height": sheet.height, "slice_number": drawn.slice_number, "slices": drawn.slices,
        "png": base64.b64encode(sheet.png),
    }  # fmt: skip
    return PictureIn.model_validate(document)
