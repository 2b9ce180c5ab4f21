"""Answers and scores in JSON: plain data of the asked form, or a refusal by its code, soon."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.contract.failures import CaseFailure
from evaluators.contract.forms import Fields, JsonSpec, Number, Rows, Table, Text
from evaluators.readers import ReadFailure, read_json

F = CaseFailure
ANSWERS = JsonSpec(
    path="answers.json",
    form=Rows(of=Fields(of={"id": Text(), "answer": Text(longest=20)}), identity="id", names=frozenset({"q1", "q2"})),
)
SCORES = JsonSpec(
    path="scores.json",
    form=Table(
        of=Table(of=Number(low=0, high=1), names=frozenset({"AF", "SB"}), complete=True), names=frozenset({"r1"})
    ),
)


def taken(folder: Path, text: str | bytes, *, spec: JsonSpec = ANSWERS) -> Any:
    (folder / "a.json").write_bytes(text.encode() if isinstance(text, str) else text)
    return read_json("a.json", spec=spec, below=folder)


def refusal(folder: Path, text: str | bytes, *, spec: JsonSpec = ANSWERS) -> ReadFailure:
    with pytest.raises(ReadFailure) as caught:
        taken(folder, text, spec=spec)
    assert "do-not-repeat-me" not in caught.value.detail
    return caught.value


def test_answers_and_scores_as_teams_write_them(tmp_path: Path) -> None:
    rows = [{"id": "q1", "answer": "häufig, ≥ 3"}, {"answer": "", "id": "q2"}]
    assert taken(tmp_path, json.dumps(rows)) == rows
    assert taken(tmp_path, json.dumps(rows, indent=2, ensure_ascii=False)) == rows
    assert taken(tmp_path, "\ufeff" + json.dumps(rows)) == rows
    assert taken(tmp_path, '{"r1": {"AF": 1, "SB": 2.5e-1}}', spec=SCORES) == {"r1": {"AF": 1.0, "SB": 0.25}}
    assert isinstance(taken(tmp_path, '{"r1": {"AF": 1, "SB": 0}}', spec=SCORES)["r1"]["AF"], float)


@settings(deadline=None, max_examples=100)
@given(found=st.dictionaries(st.text(max_size=20), st.floats(allow_nan=False, allow_infinity=False), max_size=20))
def test_what_json_writes_comes_back(tmp_path_factory, found: dict[str, float]) -> None:
    spec = JsonSpec(path="a.json", form=Table(of=Number(low=-1.8e308 / 2, high=1.7e308)))
    kept = {key: value for key, value in found.items() if abs(value) < 8e307}
    assert taken(tmp_path_factory.mktemp("json"), json.dumps(kept), spec=spec) == kept


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", F.BAD_FORMAT),
        ("[", F.BAD_FORMAT),
        ("[] []", F.BAD_FORMAT),
        ("[NaN]", F.BAD_FORMAT),
        ("[Infinity]", F.BAD_FORMAT),
        ("[-Infinity]", F.BAD_FORMAT),
        ("[1e999]", F.BAD_FORMAT),
        ("[01]", F.BAD_FORMAT),
        ("['a']", F.BAD_FORMAT),
        ('["a\nb"]', F.BAD_FORMAT),
        ("[1,]", F.BAD_FORMAT),
        (b'["\xff"]', F.BAD_FORMAT),
        (b"\xff\xfe[\0]\0", F.BAD_FORMAT),
        ('{"a": 1, "a": 2}', F.DUPLICATE),
        ('[{"id": "q1", "answer": "x", "answer": "y"}]', F.DUPLICATE),
        ('[{"id": "q1", "answer": "x"}, {"id": "q1", "answer": "x"}]', F.DUPLICATE),
        ('[{"id": "do-not-repeat-me", "answer": "x"}]', F.UNKNOWN_ID),
        ('[{"id": "q1", "answer": "x", "do-not-repeat-me": 1}]', F.BAD_VALUE),
        ('[{"id": "q1"}]', F.BAD_VALUE),
        ('[{"id": "q1", "answer": null}]', F.BAD_VALUE),
        ('[{"id": "q1", "answer": 3}]', F.BAD_VALUE),
        ('[{"id": ["q1"], "answer": "x"}]', F.BAD_VALUE),
        ('[{"id": "q1", "answer": "' + "x" * 21 + '"}]', F.BAD_VALUE),
        ('[{"id": "q1", "answer": "\\ud800"}]', F.BAD_VALUE),
        ('{"q1": "x"}', F.BAD_VALUE),
        ("null", F.BAD_VALUE),
        ("3", F.BAD_VALUE),
    ],
)
def test_answers_that_are_none(tmp_path: Path, text: str | bytes, code: CaseFailure) -> None:
    assert refusal(tmp_path, text).code is code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"r1": {"AF": 1.01, "SB": 0}}', F.BAD_VALUE),
        ('{"r1": {"AF": -0.01, "SB": 0}}', F.BAD_VALUE),
        ('{"r1": {"AF": true, "SB": 0}}', F.BAD_VALUE),
        ('{"r1": {"AF": "1", "SB": 0}}', F.BAD_VALUE),
        ('{"r1": {"AF": 1}}', F.BAD_VALUE),
        ('{"r1": {"AF": 1, "XX": 0}}', F.UNKNOWN_ID),
        ('{"r2": {"AF": 1, "SB": 0}}', F.UNKNOWN_ID),
        ('{"r1": [1, 0]}', F.BAD_VALUE),
    ],
)
def test_scores_that_are_none(tmp_path: Path, text: str, code: CaseFailure) -> None:
    assert refusal(tmp_path, text, spec=SCORES).code is code


DIGITS = "9" * 3_000_000


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '{"a":[' * 50_000 + "]}" * 50_000,
        f"[{DIGITS}]",
        f"[0.{DIGITS}]",
        f"[1e{DIGITS}]",
        '"' * 3_000_000,
        '"' + "\\" * 3_000_001,
        '\\"' * 1_500_000,
        " " * 3_000_000,
    ],
    ids=[
        "lists",
        "objects",
        "closed",
        "mixed",
        "integer",
        "fraction",
        "exponent",
        "quotes",
        "strokes",
        "both",
        "blanks",
    ],
)
def test_what_would_hang_or_overflow_a_parser_is_refused(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path, text).code is F.BAD_FORMAT


def test_brackets_inside_text_are_no_depth(tmp_path: Path) -> None:
    spec = JsonSpec(path="a.json", form=Table(of=Text()))
    found = {"a": "[" * 100 + '\\"{' * 100, "b" * 50: "{\\"}
    assert taken(tmp_path, json.dumps(found), spec=spec) == found


def test_a_file_beyond_its_size_is_not_opened(tmp_path: Path) -> None:
    small = dataclasses.replace(ANSWERS, most_bytes=10)
    assert refusal(tmp_path, "[" + " " * 20 + "]", spec=small).code is F.FORBIDDEN_FILE
    (tmp_path / "link.json").symlink_to("a.json")
    with pytest.raises(ReadFailure, match="FORBIDDEN_FILE"):
        read_json("link.json", spec=ANSWERS, below=tmp_path)
    with pytest.raises(ReadFailure, match="MISSING_FILE"):
        read_json("b.json", spec=ANSWERS, below=tmp_path)


def test_more_rows_than_there_may_be(tmp_path: Path) -> None:
    few = JsonSpec(path="a.json", form=Table(of=Number(), most=2))
    assert taken(tmp_path, '{"a": 1, "b": 2}', spec=few) == {"a": 1, "b": 2}
    assert refusal(tmp_path, '{"a": 1, "b": 2, "c": 3}', spec=few).code is F.BAD_VALUE
