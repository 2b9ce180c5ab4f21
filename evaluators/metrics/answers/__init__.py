"""Free text against the right option: (texts, questions) to 1 or 0 an item."""

from __future__ import annotations

from evaluators.metrics.answers import shares
from evaluators.metrics.answers.extract import extract_answer
from evaluators.metrics.answers.question import Question

__all__ = ["Question", "example", "extract_answer", "shares"]


def example() -> tuple[tuple[str, ...], tuple[Question, ...]]:
    """Arguments that every metric of the family accepts."""
    question = Question(options={"A": "sinus rhythm", "B": "atrial fibrillation"}, answer="B")
    return ("The answer is B.", "no idea"), (question, question)
