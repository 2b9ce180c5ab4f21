"""Images and volumes: the axes of both files in one order, then the scale of a task kind, or the region of a mask."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay_kit.errors import AnswerIsNo, WrongUsage
from assay_kit.scoring.answer import Answer, in_words
from assay_kit.scoring.ask import Ask
from assay_kit.scoring.axes import COMPONENT, WORKED_IN, as_worked_in, name_axes, names_of_mask, space_first
from assay_kit.scoring.files import Found, load
from assay_kit.scoring.known import KIND_DEFAULTS
from assay_kit.scoring.labels import check_same_shape
from evaluators.contract.metrics import MetricSpec
from evaluators.contract.tasks import MetricUse
from evaluators.metrics import METRICS
from evaluators.metrics.errors import UndefinedMetric
from evaluators.tasks import KINDS
from evaluators.tasks.reconstruction import line_up
from evaluators.tasks.regions import cut
from evaluators.tasks.registry import ReferenceProblem, TaskKind, settle_use

Names = tuple[str, ...]

#: a picture with a side shorter than this beside a longer other axis: the axes were probably named wrongly
_SMALL = 32


def score_images(spec: MetricSpec, prediction: Found, reference: Found, ask: Ask) -> Answer:
    """By the kind of task that serves the metric, region and scale as its options say. Raises AnswerIsNo, WrongUsage."""
    kind = _kind(spec.key)
    offered = {name: KIND_DEFAULTS[name] for name in kind.offer.options_of(spec.key) if name in KIND_DEFAULTS}
    use = MetricUse.model_validate({"metric": spec.key, "options": {**offered, **ask.options}})
    options, own = settle_use(use, offer=kind.offer)
    names, others = _names(prediction, reference, ask=ask, vectors=False)
    mine = as_worked_in(_floats(prediction.array), names=names)
    theirs = as_worked_in(_floats(reference.array), names=others)
    check_same_shape(mine.shape, theirs.shape)
    doubts = _doubts(prediction, names=names, given=ask.axes is not None)
    try:
        first, second = line_up(*(cut(one, region=options["region"]) for one in (mine, theirs)), options=options)
        value = float(np.asarray(METRICS[spec.key].function(first, second, **own)).mean())
    except (UndefinedMetric, ReferenceProblem) as problem:
        raise AnswerIsNo(str(problem), code="UNDEFINED", next=" ".join(doubts)) from problem
    return Answer(
        spec=spec,
        variant=in_words({**options, **own}, spec=spec, besides={"axes": " ".join(names)}),
        value=value,
        notes=doubts,
    )


def score_volumes(spec: MetricSpec, prediction: Found, reference: Found, ask: Ask) -> Answer:
    """Values as they stand, where the mask says that they count, or everywhere. Raises AnswerIsNo, WrongUsage."""
    own = spec.settle(ask.options)
    names, others = _names(prediction, reference, ask=ask, vectors=spec.vectors)
    mine, theirs = space_first(prediction.array, names=names), space_first(reference.array, names=others)
    check_same_shape(mine.shape, theirs.shape)
    doubts = _doubts(prediction, names=names, given=ask.axes is not None)
    try:
        value = METRICS[spec.key].function(mine, theirs, region=_mask(ask, names=others, like=theirs), **own)
    except UndefinedMetric as problem:
        raise AnswerIsNo(str(problem), code="UNDEFINED", next=" ".join(doubts)) from problem
    besides = {"mask": ask.mask.name if ask.mask else "none", "axes": " ".join(names)}
    return Answer(spec=spec, variant=in_words(own, spec=spec, besides=besides), value=float(value), notes=doubts)


def _names(prediction: Found, reference: Found, *, ask: Ask, vectors: bool) -> tuple[Names, Names]:
    """The axes of both files' arrays."""
    mine, theirs = (
        name_axes(found.array.shape, given=given, file=found.name, matlab=found.matlab, vectors=vectors)
        for found, given in ((prediction, ask.axes), (reference, ask.reference_axes))
    )
    return mine, theirs


def _mask(ask: Ask, *, names: Names, like: NDArray[Any]) -> NDArray[np.bool_] | None:
    """Where values count: over space, or over all of the reference's axes but the component."""
    if ask.mask is None:
        return None
    found = load(ask.mask, variable=None)
    axes = names_of_mask(found.array.ndim, names=names)
    space = like.shape[1:] if COMPONENT in names else like.shape
    counts = space_first(found.array, names=axes) if len(axes) == found.array.ndim else None
    if counts is None or counts.shape != space[: counts.ndim]:
        raise AnswerIsNo(
            f"the mask {found.name} has the shape {found.array.shape}, which does not fit the reference's",
            code="BAD_SHAPE",
            next="its axes stand in the reference's order; frame, or frame and slice, may be left out",
        )
    return np.asarray(counts != 0)


def _kind(metric: str) -> TaskKind:
    """The kind of task that serves the metric. Raises WrongUsage."""
    for kind in KINDS.values():
        if metric in kind.offer.metrics:
            return kind
    raise WrongUsage(f"no kind of task lines images up for {metric} yet")


def _floats(array: NDArray[Any]) -> NDArray[np.floating[Any]]:
    """Single or double precision as it stands, anything else in double: the scorer takes no other."""
    return array if array.dtype in {np.dtype("f4"), np.dtype("f8")} else array.astype(np.float64)


def _doubts(found: Found, *, names: Names, given: bool) -> tuple[str, ...]:
    """What makes it likely that the default names the axes wrongly."""
    sides = dict(zip(names, found.array.shape, strict=True))
    picture = min(sides["x"], sides["y"])
    others = [size for name, size in sides.items() if name in {"slice", "frame"}]
    if given or not others or not (found.x_first or picture < min(_SMALL, max(others))):
        return ()
    read_as = (
        f"{found.name} {found.array.shape} was read as {' '.join(names)}, pictures of {sides['y']} by {sides['x']}"
    )
    likely = [name for name in WORKED_IN if name in names]
    return (f'{read_as}; is it --axes "{" ".join(likely)}"?',)
