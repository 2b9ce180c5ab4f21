"""Accuracy, and the share of answers that could be read at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evaluators.contract.metrics import Better, Family, MetricSpec
from evaluators.metrics.answers.extract import extract_answer
from evaluators.metrics.answers.question import Question, check_same_length
from evaluators.metrics.registry import metric

ACCURACY = MetricSpec(
    key="accuracy",
    family=Family.ANSWERS,
    title="Accuracy",
    unit="1",
    better=Better.HIGHER,
    bounds=(0.0, 1.0),
    worst=0.0,
    source="Exact match after extraction; the order of the rules stands in evaluators/metrics/answers/extract.py",
    peer="sklearn.metrics.accuracy_score of labels extracted by hand; the rules for free text are our own",
    edge="An answer that cannot be read, or that names several options, is wrong.",
)
FORMAT_RATE = MetricSpec(
    key="format_rate",
    family=Family.ANSWERS,
    title="Readable answers",
    unit="1",
    better=Better.HIGHER,
    bounds=(0.0, 1.0),
    worst=0.0,
    source="The share of answers from which the rules in evaluators/metrics/answers/extract.py read one option",
    peer="counted by hand",
    edge="An answer that names several options is not readable.",
)


@metric(ACCURACY)
def accuracy(texts: Sequence[str], questions: Sequence[Question]) -> NDArray[np.float64]:
    """1 where the text answers with the right option, else 0; the mean over items is the accuracy.

    texts: what was answered, one a question, in the questions' order. Returns (item,), float64.
    Raises ShapeMismatch; UndefinedMetric without questions.
    """
    found = _extracted(texts, questions)
    return np.array([float(one == question.answer) for one, question in zip(found, questions, strict=True)])


@metric(FORMAT_RATE)
def format_rate(texts: Sequence[str], questions: Sequence[Question]) -> NDArray[np.float64]:
    """1 where one option can be read from the text, right or wrong, else 0; the mean over items is the share.

    texts: what was answered, one a question, in the questions' order. Returns (item,), float64.
    Raises ShapeMismatch; UndefinedMetric without questions.
    """
    return np.array([float(one is not None) for one in _extracted(texts, questions)])


def _extracted(texts: Sequence[str], questions: Sequence[Question]) -> list[str | None]:
    check_same_length(texts, questions)
    return [extract_answer(text, options=one.options) for text, one in zip(texts, questions, strict=True)]
