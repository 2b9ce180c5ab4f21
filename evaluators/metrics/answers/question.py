"""One multiple-choice question as its scorer knows it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from unicodedata import normalize

from evaluators.metrics.errors import ShapeMismatch, UndefinedMetric


def plain(text: str) -> str:
    """`text` in the characters of a keyboard, runs of blanks kept: a full-width colon or letter is the same as ours."""
    return normalize("NFKC", text)


def folded(text: str) -> str:
    """For comparing words: one case, one blank between words."""
    return " ".join(plain(text).casefold().split())


@dataclass(frozen=True)
class Options:
    """The options of a question, label -> text, ready to be searched for."""

    texts: Mapping[str, str]

    @cached_property
    def labels(self) -> dict[str, str]:
        """Folded label -> label as the dataset writes it."""
        return {folded(label): label for label in self.texts}

    @cached_property
    def label(self) -> str:
        """A regular expression for any label; longer ones first, so that 10 is not read as 1."""
        return "|".join(re.escape(label) for label in sorted(self.labels, key=len, reverse=True))

    @cached_property
    def _by_length(self) -> list[tuple[str, str]]:
        found = [(folded(text), label) for label, text in self.texts.items()]
        return sorted((pair for pair in found if pair[0]), key=lambda pair: len(pair[0]), reverse=True)

    def named(self, words: str) -> list[str]:
        """Labels whose text stands in `words` (folded) as whole words; what lies inside a longer option's text does not count."""
        found = []
        for text, label in self._by_length:
            words, times = re.subn(rf"(?<!\w){re.escape(text)}(?!\w)", "\0", words)
            if times:
                found.append(label)
        return found


@dataclass(frozen=True, kw_only=True)
class Question:
    """What an answer is held against.

    options: label -> text, such as {"A": "sinus rhythm", "B": "atrial fibrillation"}. answer: the right label.
    Raises UndefinedMetric for fewer than two options, labels that differ in case alone, or an answer that is no label.
    """

    options: Mapping[str, str]
    answer: str

    def __post_init__(self) -> None:
        if len(self.options) < 2 or len({folded(label) for label in self.options}) < len(self.options):
            raise UndefinedMetric(
                f"a question needs two options or more under different labels, not {list(self.options)}"
            )
        if self.answer not in self.options:
            raise UndefinedMetric(f"the right answer {self.answer!r} is not among the labels {list(self.options)}")


def check_same_length(texts: Sequence[str], questions: Sequence[Question]) -> None:
    """Raises ShapeMismatch unless there is one text a question; UndefinedMetric without questions."""
    if len(texts) != len(questions):
        raise ShapeMismatch(prediction=(len(texts),), reference=(len(questions),))
    if not questions:
        raise UndefinedMetric("there is no question to score")
