"""How two arrays are scored, family by family: lined up, measured and averaged as the scorer does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from assay_kit.errors import AnswerIsNo, WrongUsage
from assay_kit.scoring.answer import Answer, in_words, numbers
from assay_kit.scoring.ask import Ask
from assay_kit.scoring.axes import WORKED_IN, as_worked_in, name_axes
from assay_kit.scoring.files import Found
from assay_kit.scoring.known import KIND_DEFAULTS
from assay_kit.scoring.labels import check_same_shape, label_pair, needs_spacing
from assay_kit.scoring.quantities import QUANTITIES
from evaluators.contract.metrics import Family, MetricSpec
from evaluators.contract.tasks import MetricUse
from evaluators.metrics import METRICS
from evaluators.metrics.classification import PerClass
from evaluators.metrics.errors import UndefinedMetric
from evaluators.metrics.topology import betti_numbers, euler_number
from evaluators.tasks import KINDS
from evaluators.tasks.registry import ReferenceProblem, TaskKind, settle_use

Scoring = Callable[[MetricSpec, Found, Found, Ask], Answer]

#: a picture with a side shorter than this beside a longer other axis: the axes were probably named wrongly
_SMALL = 32


def _images(spec: MetricSpec, prediction: Found, reference: Found, ask: Ask) -> Answer:
    kind = _kind(spec.key)
    offered = {name: KIND_DEFAULTS[name] for name in kind.offer.options if name in KIND_DEFAULTS}
    options, own = settle_use(_use(spec.key, {**offered, **ask.options}), offer=kind.offer)
    names = [
        name_axes(found.array.shape, given=given, file=found.name, matlab=found.matlab)
        for found, given in ((prediction, ask.axes), (reference, ask.reference_axes))
    ]
    mine, theirs = (
        as_worked_in(_floats(found.array), names=axes)
        for found, axes in zip((prediction, reference), names, strict=True)
    )
    check_same_shape(mine.shape, theirs.shape)
    doubts = _doubts(prediction, names=names[0], given=ask.axes is not None)
    try:
        pair = kind.pair(prediction=mine, reference=theirs, options=options)
        value = kind.combine(METRICS[spec.key].function(pair.prediction, pair.reference, **own))
    except (UndefinedMetric, ReferenceProblem) as problem:
        raise AnswerIsNo(str(problem), code="UNDEFINED", next=" ".join(doubts)) from problem
    return Answer(
        spec=spec,
        variant=in_words({**options, **own}, spec=spec, besides={"axes": " ".join(names[0])}),
        value=value,
        notes=doubts,
    )


def _floats(array: Any) -> Any:
    """Single or double precision as it stands, anything else in double: the scorer takes no other."""
    return array if array.dtype in {np.dtype("f4"), np.dtype("f8")} else array.astype(np.float64)


def _kind(metric: str) -> TaskKind:
    """The kind of task that serves the metric. Raises WrongUsage."""
    for kind in KINDS.values():
        if metric in kind.offer.metrics:
            return kind
    raise WrongUsage(f"no kind of task lines images up for {metric} yet")


def _use(metric: str, options: Mapping[str, str]) -> MetricUse:
    return MetricUse.model_validate({"metric": metric, "options": dict(options)})


def _doubts(found: Found, *, names: tuple[str, ...], given: bool) -> tuple[str, ...]:
    """What makes it likely that the default names the axes wrongly."""
    sides = dict(zip(names, found.array.shape, strict=True))
    picture = min(sides["x"], sides["y"])
    others = [size for name, size in sides.items() if name not in {"x", "y"}]
    if given or not others or not (found.x_first or picture < min(_SMALL, max(others))):
        return ()
    read_as = (
        f"{found.name} {found.array.shape} was read as {' '.join(names)}, pictures of {sides['y']} by {sides['x']}"
    )
    return (f'{read_as}; is it --axes "{" ".join(WORKED_IN[: len(names)])}"?',)


def _labels(spec: MetricSpec, prediction: Found, reference: Found, ask: Ask) -> Answer:
    settled = spec.settle(ask.options)
    pair = label_pair(prediction, reference, ask=ask, spec=spec)
    variant = in_words(
        settled, spec=spec, besides={"spacing": f"{numbers(pair.spacing)} mm"} if needs_spacing(spec) else None
    )
    error = QUANTITIES[spec.key][0] if spec.key in QUANTITIES else spec.key
    values = [float(value) for value in METRICS[error].function(pair, **settled)]
    per_class: dict[str, Any] = {str(label): value for label, value in zip(pair.classes, values, strict=True)}
    if spec.key in QUANTITIES:
        measure = _MEASURES[spec.key]
        for position, label in enumerate(pair.classes):
            mine, theirs = pair.masks(position)
            per_class[str(label)] = {"prediction": measure(mine, **settled), "reference": measure(theirs, **settled)}
    return Answer(spec=spec, variant=variant, value=float(np.mean(values)), per_class=per_class)


_MEASURES: Mapping[str, Callable[..., Any]] = MappingProxyType({"betti_numbers": betti_numbers, "euler": euler_number})


def _raters(spec: MetricSpec, prediction: Found, reference: Found, ask: Ask) -> Answer:
    settled = spec.settle(ask.options)
    mine, theirs = prediction.array, reference.array
    if mine.ndim < 2 or mine.shape[1:] != theirs.shape[1:] or not mine.size:
        raise AnswerIsNo(
            f"samples {mine.shape} and raters {theirs.shape} must agree in every axis but the first, which counts them",
            code="BAD_SHAPE",
        )
    return Answer(spec=spec, variant=in_words(settled, spec=spec), value=_measured(spec, mine, theirs, settled))


def _calibration(spec: MetricSpec, prediction: Found, reference: Found, ask: Ask) -> Answer:
    settled = spec.settle(ask.options)
    check_same_shape(prediction.array.shape, reference.array.shape)
    value = _measured(spec, prediction.array, reference.array, settled)
    return Answer(spec=spec, variant=in_words(settled, spec=spec), value=value)


def _classification(spec: MetricSpec, prediction: Found, reference: Found, ask: Ask) -> Answer:
    settled = spec.settle(ask.options)
    check_same_shape(prediction.array.shape, reference.array.shape)
    if prediction.array.ndim not in {1, 2}:
        raise AnswerIsNo(f"scores are one a record, or (record, class), not {prediction.array.shape}", code="BAD_SHAPE")
    # records alone are one class
    scores, labels = (found.array.reshape(len(found.array), -1) for found in (prediction, reference))
    found: PerClass = METRICS[spec.key].function(scores, labels, **settled)
    left_out = f"{found.left_out} of {len(found.values)} classes hold one label alone and are left out of the mean"
    return Answer(
        spec=spec,
        variant=in_words(settled, spec=spec),
        value=found.mean,
        per_class={str(column): value for column, value in enumerate(found.values)},
        notes=(left_out,) if found.left_out else (),
    )


def _measured(spec: MetricSpec, mine: Any, theirs: Any, settled: Mapping[str, str | float]) -> float:
    return float(METRICS[spec.key].function(mine, theirs, **settled))


FAMILIES: Mapping[Family, Scoring] = MappingProxyType(
    {
        Family.IMAGE: _images,
        Family.LABELS: _labels,
        Family.RATERS: _raters,
        Family.CALIBRATION: _calibration,
        Family.CLASSIFICATION: _classification,
    }
)
