"""YAML with places: what is read, what is refused, and that every complaint points at its line."""

from __future__ import annotations

import pytest

from assay.challenges.marked_yaml import Mark, YamlProblem, load


def test_plain_values_become_plain_data() -> None:
    text = "a: 1\nb: [4, '8', 2.5]\nc: {d: true, e: null, f: }\ng: 2026-05-01 00:00\nh: 20h\n"

    assert load(text).data == {
        "a": 1, "b": [4, "8", 2.5], "c": {"d": True, "e": None, "f": None}, "g": "2026-05-01 00:00", "h": "20h",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text", ["no", "on", "12:30", "0o17", "010", "1_000", "2026-05-01", "2026-05-01 00:00:00", "1e3"]
)
def test_what_yaml_would_guess_stays_text(text: str) -> None:
    assert load(f"key: {text}").data == {"key": text}


def test_every_value_and_key_has_its_place() -> None:
    document = load("tasks:\n  - task: cine\n    metrics:\n      - {metric: ssim,  digits: 3}\n")

    assert document.place(("tasks", 0, "task")) == Mark(line=2, column=11)
    assert document.place(("tasks", 0, "metrics", 0, "digits")) == Mark(line=4, column=33)
    assert document.place(("tasks", 0, "metrics", 0, "digits"), key=True) == Mark(line=4, column=25)
    assert document.place(("tasks", 0, "metrics", 0, "absent")) == Mark(line=4, column=9)
    assert document.place(("nowhere",)) == Mark(line=1, column=1)


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "'a' stands here twice, first in line 1"),
        ("a: &x [1]\nb: *x\n", 1, 4, "anchors and aliases"),
        ("a: *x\n", 1, 4, "anchors and aliases"),
        ("a: &x [*x]\n", 1, 4, "anchors and aliases"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, 4, "tags are not read"),
        ("a: !secret x\n", 1, 4, "tags are not read"),
        ("a: [1, 2\nb: 3\n", 2, 2, "expected ',' or ']'"),
        ("a: b: c\n", 1, 5, "mapping values are not allowed here"),
        ("\ta: 1\n", 1, 1, "cannot start any token"),
        ("? [a, b]\n: 1\n", 1, 3, "a key must be a word"),
        ("a: 1\n---\nb: 2\n", 2, 1, "another document"),
        ("a: \x00\n", 1, 1, "a character that YAML does not allow"),
        ("[" * 30 + "]" * 30, 1, 21, "nested more than 20 deep"),
        ("a: [" + "1," * 12_000 + "]", 1, 20_000, "more than 10000 values"),
    ],
)
def test_what_is_refused_names_its_place(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(YamlProblem) as problem:
        load(text)

    assert message in problem.value.message
    assert problem.value.at.line == line
    assert problem.value.at.column == pytest.approx(column, abs=5)


def test_a_giant_file_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(YamlProblem, match="more than 400000 characters"):
        load("#" * 400_001)


def test_an_empty_file_is_nothing() -> None:
    assert load("").data is None
    assert load("# only a comment\n").data is None
