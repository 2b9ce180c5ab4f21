"""Two label maps out of two files: whole numbers, one grid, the classes that are scored, mm from voxel to voxel."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay_kit.errors import AnswerIsNo
from assay_kit.scoring.ask import HIGHEST_LABEL, Ask
from assay_kit.scoring.axes import WORKED_IN, name_axes
from assay_kit.scoring.files import Found
from evaluators.contract.metrics import MetricSpec, Number
from evaluators.metrics.labels import LabelPair

Labels = NDArray[np.integer[Any]]

#: more than any atlas has: a file of more was not meant as labels
MOST_CLASSES = 1000


def needs_spacing(spec: MetricSpec) -> bool:
    """Whether the metric counts in mm."""
    units = {spec.unit, *(option.unit for option in spec.options.values() if isinstance(option, Number))}
    return any(unit.lower().startswith(("mm", "ml")) for unit in units)


def label_pair(prediction: Found, reference: Found, *, ask: Ask, spec: MetricSpec) -> LabelPair:
    """Both maps lined up. Raises AnswerIsNo BAD_SHAPE, BAD_VALUE, BAD_GRID, NO_SPACING, NO_CLASSES."""
    if ask.spacing is None and not prediction.lies_with(reference):
        raise AnswerIsNo(
            "the headers of the files put their voxels in different places",
            code="BAD_GRID",
            next="copy the reference's affine, or compare voxel by voxel with --spacing",
        )
    spacing = _spacing(prediction, reference, ask=ask, needed=needs_spacing(spec))
    mine, spacing = _in_order(prediction, names=ask.axes, spacing=spacing)
    theirs, _ = _in_order(reference, names=ask.reference_axes, spacing=None)
    check_same_shape(mine.shape, theirs.shape)
    if mine.ndim not in {2, 3}:
        raise AnswerIsNo(
            f"labels are scored in two or three axes, and these files have {mine.ndim}: {mine.shape}",
            code="BAD_SHAPE",
            next="score each frame by itself",
        )
    one, other = _whole(mine, file=prediction.name), _whole(theirs, file=reference.name)
    return LabelPair(
        prediction=one,
        reference=other,
        classes=ask.classes or _present(one, other),
        spacing=spacing or (1.0,) * mine.ndim,
    )


def check_same_shape(mine: tuple[int, ...], theirs: tuple[int, ...]) -> None:
    """Raises AnswerIsNo BAD_SHAPE, with a guess at the cause."""
    if mine == theirs:
        return
    turned = mine == theirs[::-1]
    raise AnswerIsNo(
        f"the prediction has the shape {mine}, the reference {theirs}",
        code="BAD_SHAPE",
        next="their axes are in reverse order: name both with --axes and --reference-axes" if turned else "",
    )


def _in_order(
    found: Found, *, names: tuple[str, ...] | None, spacing: tuple[float, ...] | None
) -> tuple[NDArray[Any], tuple[float, ...] | None]:
    """Array and spacing in the order x, y, slice, frame where the axes are named; as the file has them where not."""
    if names is None:
        array = found.array
        # written so by tools that know volumes alone
        while array.ndim > 3 and array.shape[-1] == 1:
            array = array[..., 0]
        return array, spacing and spacing[: array.ndim]
    names = name_axes(found.array.shape, given=names, file=found.name, matlab=found.matlab)
    order = [names.index(name) for name in WORKED_IN if name in names]
    return found.array.transpose(order), spacing and tuple(spacing[axis] for axis in order)


def _spacing(prediction: Found, reference: Found, *, ask: Ask, needed: bool) -> tuple[float, ...] | None:
    axes = prediction.array.ndim
    if ask.spacing is not None:
        if len(ask.spacing) != axes:
            raise AnswerIsNo(
                f"--spacing names {len(ask.spacing)} axes, and {prediction.name} has {axes}: {prediction.array.shape}",
                code="BAD_SHAPE",
                next="write one number an axis, in the order of the file's own array",
            )
        return ask.spacing
    if not needed:
        return None
    known = [found.spacing for found in (prediction, reference) if found.spacing is not None]
    if not known:
        raise AnswerIsNo(
            "this metric counts in mm, and neither file says how far its voxels lie apart",
            code="NO_SPACING",
            next="give it in the order of the file's axes: --spacing 1.25,1.5,3",
        )
    return known[0]


def _whole(values: NDArray[Any], *, file: str) -> Labels:
    """Labels as the smallest whole numbers that hold them. Raises AnswerIsNo BAD_VALUE."""
    if not values.size:
        raise AnswerIsNo(f"{file} holds no voxel", code="BAD_SHAPE")
    if values.dtype.kind == "f" and (values != np.rint(values)).any():
        raise AnswerIsNo(f"{file} holds values between whole numbers: no labels", code="BAD_VALUE")
    if values.min() < 0 or values.max() > HIGHEST_LABEL:
        raise AnswerIsNo(f"{file} holds labels outside 0 to {HIGHEST_LABEL}", code="BAD_VALUE")
    return values.astype(np.uint8 if values.max() <= 255 else np.uint16)


def _present(one: Labels, other: Labels) -> tuple[int, ...]:
    """The labels of either map but 0, in order."""
    found = sorted({*np.unique(one).tolist(), *np.unique(other).tolist()} - {0})
    if not found:
        raise AnswerIsNo("neither file holds a label other than 0", code="NO_CLASSES", next="name them: --classes 1,2")
    if len(found) > MOST_CLASSES:
        raise AnswerIsNo(
            f"the files hold {len(found)} different labels: are they label maps?",
            code="BAD_VALUE",
            next="name the ones that count: --classes 1,2",
        )
    return tuple(found)
