"""Which axis of a file's array is which: read from --axes, brought to the order that metrics work in."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay_kit.errors import AnswerIsNo, WrongUsage

Array = NDArray[Any]

#: the order that metrics work in; the first two are the picture
WORKED_IN = ("x", "y", "slice", "frame")
#: the first axis of vectors, such as velocities, for the metrics that compare them
COMPONENT = "component"
#: of a file that says nothing of its axes; an array of fewer axes has the last ones
DEFAULT = ("frame", "slice", "y", "x")


def parse_axes(text: str, *, flag: str = "--axes") -> tuple[str, ...]:
    """`"frame slice y x"` as names. Raises WrongUsage."""
    names = tuple(text.replace(",", " ").split())
    if unknown := sorted(set(names) - {*WORKED_IN, COMPONENT}):
        known = ", ".join((*WORKED_IN, COMPONENT))
        raise WrongUsage(f"{flag}: there is no axis {unknown[0]!r}", next=f"name axes of {known}")
    if len(set(names)) != len(names) or not {"x", "y"} <= set(names):
        raise WrongUsage(f"{flag} {text!r} must name x, y and every other axis once", next=f'{flag} "slice y x"')
    return names


def name_axes(
    shape: tuple[int, ...], *, given: tuple[str, ...] | None, file: str, matlab: bool, vectors: bool = False
) -> tuple[str, ...]:
    """One name an axis of an array of `shape`. Raises AnswerIsNo BAD_SHAPE.

    matlab: the file's format drops trailing axes of size 1, so that the last names may have none. vectors: one axis must be
    COMPONENT, by default the first; else none may.
    """
    names = (
        given or (COMPONENT, *DEFAULT[1 - len(shape) :])[: len(shape)] if vectors else given or DEFAULT[-len(shape) :]
    )
    if matlab and given and 2 <= len(shape) < len(names):
        names = names[: len(shape)]
    if len(names) != len(shape) or len(shape) < 2:
        raise AnswerIsNo(
            f"{file} holds an array of {_counted(shape)}, and {' '.join(names)} names {len(names)}",
            code="BAD_SHAPE",
            next="name each axis of the file's array in its own order with --axes",
        )
    if (COMPONENT in names) != vectors:
        raise AnswerIsNo(
            f"{file}: one axis must be {COMPONENT}" if vectors else f"{file}: this metric knows no axis {COMPONENT}",
            code="BAD_SHAPE",
        )
    if not {"x", "y"} <= set(names):
        raise AnswerIsNo(f"{file} holds an array of {_counted(shape)}: no picture", code="BAD_SHAPE")
    return names


def _counted(shape: tuple[int, ...]) -> str:
    return f"{len(shape)} axes {shape}"


def as_worked_in(array: Array, *, names: tuple[str, ...]) -> Array:
    """(x, y, slice, frame), a view; an axis that `names` leaves out has size 1."""
    there = [name for name in WORKED_IN if name in names]
    moved = np.transpose(array, [names.index(name) for name in there])
    return moved[tuple(slice(None) if name in names else None for name in WORKED_IN)]


def space_first(array: Array, *, names: tuple[str, ...]) -> Array:
    """(component, x, y, slice, frame) of the axes that `names` has, a view."""
    return np.transpose(array, [names.index(name) for name in (COMPONENT, *WORKED_IN) if name in names])


def names_of_mask(axes: int, *, names: tuple[str, ...]) -> tuple[str, ...]:
    """The axes of a mask of so many `axes` that belongs to an array of `names`: it may hold for every frame and slice."""
    left = [name for name in names if name != COMPONENT]
    for name in ("frame", "slice"):
        if len(left) > axes and name in left:
            left.remove(name)
    return tuple(left)
