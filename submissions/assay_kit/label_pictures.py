"""Pictures of cases with label maps: the image's slices, the classes on them, and what a method missed or added.

Where there are three axes, the same as volumes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay_kit.errors import AnswerIsNo
from evaluators.contract.cases import LABEL_DTYPES, OutputSpec
from evaluators.contract.pictures import PictureIn
from evaluators.contract.tasks import TaskSpec
from evaluators.contract.volumes import VolumeIn
from evaluators.pictures.labels import difference, draw_classes, draw_difference, draw_input, shades
from evaluators.pictures.overlay import GREYS
from evaluators.pictures.sending import picture_of
from evaluators.pictures.topology import topology_of
from evaluators.pictures.view import View, view_of
from evaluators.pictures.volumes import WHITE, volume_of
from evaluators.readers import ReadFailure, look, read

Labels = NDArray[np.integer[Any]]

#: what any label map may be stored in, where no task says it
_FORMATS = ("nifti", "mha")
_ANY_LABEL = range(2**16)


def is_label_map(reference: NDArray[Any]) -> bool:
    """Whether a stored reference holds labels: importers store these, and nothing else, as unsigned integers."""
    return reference.dtype.kind == "u"


def unreadable(what: Path | str, failure: ReadFailure) -> AnswerIsNo:
    """What a reader refused, as the command's answer."""
    note = failure.note
    return AnswerIsNo(f"{what}: {note.code} {note.detail}".rstrip(), code=note.code)


@dataclass(frozen=True, kw_only=True)
class LabelCase:
    """One public case. image: the first input's file, on the grid of the label map."""

    label: str
    image: Path
    reference: Labels

    @cached_property
    def _looked(self) -> tuple[NDArray[np.uint8], NDArray[np.float64] | None]:
        """(shades, affine) of the image. Raises AnswerIsNo."""
        try:
            found = look(self.image)
        except ReadFailure as failure:
            raise unreadable(f"the image of {self.label}", failure) from None
        greys = shades(found.array)
        if greys.shape != self.reference.shape:
            raise AnswerIsNo(f"the image of {self.label} is {greys.shape}, its label map {self.reference.shape}")
        return greys, found.affine

    @cached_property
    def _view(self) -> View:
        return view_of(self.reference.shape, affine=self._looked[1])

    @cached_property
    def _volumes(self) -> bool:
        """Whether there is depth to look into, and a place for it."""
        return self.reference.ndim == 3 and self._looked[1] is not None

    def _volume(self, kind: str, values: Labels, *, method: str = "") -> VolumeIn:
        affine = self._looked[1]
        assert affine is not None  # noqa: S101 -- see _volumes
        return volume_of(self.label, kind, values, affine=affine, method=method)

    def of_sample(self) -> Iterator[PictureIn | VolumeIn]:
        """Image and reference. Raises AnswerIsNo for an image that cannot be drawn."""
        greys, view = self._looked[0], self._view
        yield picture_of(self.label, "input", draw_input(greys, view=view), view=view)
        yield picture_of(self.label, "reference", draw_classes(self.reference, greys, view=view), view=view)
        if self._volumes:
            # as many greys as a volume has
            yield self._volume("input", greys.astype(np.int64) * WHITE // (GREYS - 1))
            yield self._volume("reference", self.reference)

    def of_method(
        self, method: str, *, path: str, outputs: Path, task: TaskSpec | None
    ) -> Iterator[PictureIn | VolumeIn]:
        """The method's label map and its difference from the reference: of all classes, with the faults of topology where the
        task counts them, and of each class where there are several.

        path: of the case's input, or as the task answers it. Raises AnswerIsNo for an output that cannot be read.
        """
        prediction = self._read(path, outputs=outputs, task=task)
        greys, view = self._looked[0], self._view
        yield picture_of(self.label, "image", draw_classes(prediction, greys, view=view), view=view, method=method)
        classes = sorted(task.output.classes) if task else np.unique(self.reference[self.reference > 0]).tolist()
        for label in (0, *(classes if len(classes) > 1 else ())):
            sheet = draw_difference(difference(prediction, self.reference, label=label), greys, view=view)
            topology = topology_of(prediction, self.reference, task=task, view=view) if task and not label else None
            yield picture_of(self.label, "error", sheet, view=view, method=method, label=label, topology=topology)

        if self._volumes:
            yield self._volume("image", prediction, method=method)
            yield self._volume("error", difference(prediction, self.reference), method=method)

    def _read(self, path: str, *, outputs: Path, task: TaskSpec | None) -> Labels:
        affine = self._looked[1]
        spec = OutputSpec(
            path=task.answer(path) if task else path,
            shape=self.reference.shape,
            dtypes=LABEL_DTYPES,
            formats=task.output.formats if task else _FORMATS,
            affine=None if affine is None else tuple(tuple(row) for row in affine.tolist()),
            labels=frozenset({0, *task.output.classes}) if task else _ANY_LABEL,
        )
        try:
            return read(spec.path, spec=spec, below=outputs)
        except ReadFailure as failure:
            raise unreadable(outputs / spec.path, failure) from None
