"""The method card's schema: what a team may write, and what it becomes."""

from __future__ import annotations

import pytest

from evaluators.contract.cards import (
    FIELDS,
    LONGEST_ANSWER,
    CardProblem,
    answer_text,
    card_schema,
    missing_fields,
    read_card,
    recognised,
)


def test_a_card_holds_its_answers_in_the_order_of_the_schema() -> None:
    card = read_card({"Licence": "MIT", "training-data": " fastMRI ", "loss": "", "Backbone": "U-Net"})
    assert list(card.items()) == [("backbone", "U-Net"), ("training_data", "fastMRI"), ("licence", "MIT")]


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.key)
def test_a_question_is_known_by_its_key_and_by_its_title(field: object) -> None:
    key, title = field.key, field.title  # type: ignore[attr-defined]
    assert (
        list(read_card({key: "0"})) == list(read_card({title: "0"})) == list(read_card({title.upper(): "0"})) == [key]
    )


@pytest.mark.parametrize(
    ("written", "number", "read"),
    [
        ("30 million", "30000000", "30.00 million"),
        ("3e7", "30000000", "30.00 million"),
        ("0.51M", "510000", "0.51 million"),
        ("109,817", "109817", "0.11 million"),
        ("8200 parameters", "8200", "8,200"),
        ("7B", "7000000000", "7.00 billion"),
        ("none", "0", "none"),
    ],
)
def test_parameters_are_a_number_however_they_are_written(written: str, number: str, read: str) -> None:
    assert read_card({"parameters": written}) == {"parameters": number}
    assert answer_text("parameters", number) == read


@pytest.mark.parametrize(
    ("card", "told"),
    [
        ({"licnese": "MIT"}, "has no question 'licnese'; did you mean licence?"),
        ({"colour": "red"}, "has no question 'colour'; there are backbone, physics, loss"),
        ({"licence": "MIT", "License": "BSD"}, "Licence is answered twice"),
        ({"parameters": "many"}, "Parameters: 'many' is no number; write it like 30000000"),
        ({"parameters": "-3"}, "is no number"),
        ({"parameters": "9e99"}, "is no number"),
        ({"loss": "x" * (LONGEST_ANSWER + 1)}, "Loss has 4001 characters, at most 4000 fit"),
    ],
)
def test_what_cannot_be_taken_is_told_with_its_fix(card: dict[str, str], told: str) -> None:
    with pytest.raises(CardProblem, match=r".") as refused:
        read_card(card)
    assert told in str(refused.value)


def test_what_a_task_asks_for_and_is_not_answered_is_told() -> None:
    card = read_card({"backbone": "U-Net"})
    assert [field.key for field in missing_fields(card, required=["licence", "backbone", "loss"])] == [
        "loss",
        "licence",
    ]
    assert missing_fields(card, required=["backbone"]) == []


def test_a_card_of_other_questions_keeps_what_can_be_told_apart() -> None:
    old = {"Architecture and size": "U-Net, 30 million", "Code or paper": "here", "colour": "red", "Parameters": "many"}
    assert recognised(old) == {"backbone": "U-Net, 30 million", "code": "here"}


def test_the_schema_is_told_as_it_is_used() -> None:
    told = card_schema()
    assert told.version >= 1
    assert [field.key for field in told.fields] == [field.key for field in FIELDS]
