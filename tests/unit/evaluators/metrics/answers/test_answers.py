"""What is read from a free text, and how it counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.metrics import METRICS
from evaluators.metrics.answers import Question, extract_answer
from evaluators.metrics.errors import ShapeMismatch, UndefinedMetric

DOCUMENT: dict[str, Any] = json.loads(
    (Path(__file__).parents[4] / "golden" / "answers.json").read_text(encoding="utf-8")
)
OPTIONS, ROWS = DOCUMENT["options"], DOCUMENT["rows"]
YES_NO = {"A": "Yes", "B": "No"}
accuracy, format_rate = METRICS["accuracy"].function, METRICS["format_rate"].function


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['rule']}: {row['text'][:40]!r}")
def test_a_text_is_read_as_a_careful_reader_would(row: dict[str, Any]) -> None:
    assert extract_answer(row["text"], options=OPTIONS) == row["answer"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['rule']}: {row['text'][:40]!r}")
def test_an_answer_is_right_only_when_it_was_read_and_is_the_right_one(row: dict[str, Any]) -> None:
    question = Question(options=OPTIONS, answer="B")
    assert accuracy([row["text"]], [question]).tolist() == [float(row["answer"] == "B")]
    assert format_rate([row["text"]], [question]).tolist() == [float(row["answer"] is not None)]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Yes, there is no doubt", "A"),
        ("No.", "B"),
        ("No evidence of it", "B"),
        ("The answer is yes", "A"),
        ("Answer: no, there is not", "B"),
        ("Yes, or no", None),
        ("noisy", None),
    ],
)
def test_yes_and_no_are_read_where_they_lead(text: str, label: str | None) -> None:
    assert extract_answer(text, options=YES_NO) == label


def test_labels_may_be_numbers_and_keep_the_datasets_spelling() -> None:
    options = {"1": "one lead", "10": "ten leads", "Ia": "class one a"}
    assert extract_answer("The answer is 10.", options=options) == "10"
    assert extract_answer("(ia)", options=options) == "Ia"
    assert extract_answer('{"answer": 10}', options=options) == "10"
    assert extract_answer("answer: 100", options=options) is None


def test_an_option_without_text_can_be_named_by_its_label_alone() -> None:
    assert extract_answer("B", options={"A": "", "B": ""}) == "B"
    assert extract_answer("anything", options={"A": "", "B": ""}) is None


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece",
    [
        "a",
        " ",
        "(",
        "*",
        "\n",
        "answer is ",
        '"answer":"',
        "<answer>",
        "answer is not ",
        "atrial ",
        "A, ",
        "\ufdfa",
        "{",
    ],
)
def test_a_million_characters_do_not_hold_the_scorer_up(piece: str) -> None:
    text = piece * (10**6 // len(piece))
    # an expression that backtracks would need hours here, and the marker would stop it
    assert extract_answer(text, options=OPTIONS) is None


def test_of_a_very_long_text_beginning_and_end_are_read() -> None:
    filler = "beats and beats " * 60_000
    assert extract_answer(f"B. {filler}", options=OPTIONS) == "B"
    assert extract_answer(f"{filler} So the answer is C.", options=OPTIONS) == "C"


def test_shares_are_means_over_the_questions() -> None:
    questions = [Question(options=OPTIONS, answer=answer) for answer in "ABBC"]
    texts = ["A", "The answer is A", "no idea", "Atrial flutter"]
    assert accuracy(texts, questions).mean() == 0.5
    assert format_rate(texts, questions).mean() == 0.75


def test_texts_and_questions_must_be_as_many_and_questions_sound() -> None:
    question = Question(options=OPTIONS, answer="A")
    with pytest.raises(ShapeMismatch):
        accuracy(["A"], [question, question])
    with pytest.raises(UndefinedMetric, match="no question"):
        format_rate([], [])
    with pytest.raises(UndefinedMetric, match="two options"):
        Question(options={"A": "x"}, answer="A")
    with pytest.raises(UndefinedMetric, match="two options"):
        Question(options={"A": "x", "a": "y"}, answer="A")
    with pytest.raises(UndefinedMetric, match="'E'"):
        Question(options=OPTIONS, answer="E")


@settings(deadline=None, max_examples=300)
@given(text=st.text(alphabet='ABCDE abcde.,:()*{}"<>/\nanswer isnotbut答案是：或\0ß', max_size=80))
def test_any_text_gives_a_known_label_or_none_whatever_its_case(text: str) -> None:
    found = extract_answer(text, options=OPTIONS)
    assert found is None or found in OPTIONS
    assert extract_answer(f"  {text}\n", options=OPTIONS) == found


@settings(deadline=None, max_examples=60)
@given(label=st.sampled_from(sorted(OPTIONS)), words=st.text(alphabet="xyz ,\n", max_size=40))
def test_a_plain_statement_at_the_end_always_counts(label: str, words: str) -> None:
    for statement in (
        f"{words} The answer is {label}.",
        f"{words} Answer: ({label.lower()})",
        f"{words} 答案：{label}",
    ):
        assert extract_answer(statement, options=OPTIONS) == label
    questions = [Question(options=OPTIONS, answer=label)]
    assert np.array_equal(accuracy([f"{words} answer is {OPTIONS[label]}"], questions), [1.0])
