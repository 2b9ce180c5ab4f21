"""How two arrays are scored, family by family: lined up, measured and averaged as the scorer does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from assay_kit.errors import AnswerIsNo
from assay_kit.scoring.answer import Answer, in_words, numbers
from assay_kit.scoring.ask import Ask
from assay_kit.scoring.files import Found
from assay_kit.scoring.images import score_images, score_volumes
from assay_kit.scoring.labels import check_same_shape, label_pair, needs_spacing
from assay_kit.scoring.quantities import QUANTITIES
from evaluators.contract.metrics import Family, MetricSpec
from evaluators.metrics import METRICS
from evaluators.metrics.classification import PerClass
from evaluators.metrics.topology import betti_numbers, euler_number

Scoring = Callable[[MetricSpec, Found, Found, Ask], Answer]


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
        Family.IMAGE: score_images,
        Family.VOLUME: score_volumes,
        Family.LABELS: _labels,
        Family.RATERS: _raters,
        Family.CALIBRATION: _calibration,
        Family.CLASSIFICATION: _classification,
    }
)
