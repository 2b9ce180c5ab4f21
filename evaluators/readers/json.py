"""JSON of answers and scores: bounded in size, depth and digits, no key twice, and exactly of the form that the task asks for.

RFC 8259 alone: NaN and Infinity, which Python would take, are refused. Depth is counted before the text is parsed, in one
pass without recursion: a file of 100,000 brackets costs milliseconds.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np

from evaluators.contract.failures import CaseFailure
from evaluators.contract.forms import Fields, Form, JsonSpec, Number, Rows, Table, Text
from evaluators.readers.errors import ReadFailure
from evaluators.readers.opening import opened

#: no form is deeper than a few levels
_DEEPEST = 32
#: more than a float64 written out needs
_LONGEST_NUMBER = 40
#: every string, closed or not; possessive, so that no text makes it try again
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def read_json(path: Path | str, *, spec: JsonSpec, below: Path | None = None) -> Any:
    """Plain data of the form that `spec` asks for: lists, dicts, str, and float for every number.

    path: the file; with `below`, relative to that folder, and no component of it may be a link.
    Raises ReadFailure MISSING_FILE, FORBIDDEN_FILE, BAD_FORMAT, BAD_VALUE, DUPLICATE or UNKNOWN_ID.
    """
    with opened(path, below=below, most=spec.most_bytes, what="of answers") as (file, size):
        content = file.read(size)
    return _checked(parse_json(content), form=spec.form, where="the file")


def parse_json(content: bytes) -> Any:
    """JSON text in UTF-8 as plain data. Raises ReadFailure BAD_FORMAT or DUPLICATE."""
    if _depth(content) > _DEEPEST:
        raise _bad(f"lists and objects more than {_DEEPEST} deep")
    try:
        # a mark that editors on Windows write in front is not part of the text
        text = content.decode("utf-8-sig")
        return json.loads(
            text, parse_int=_number, parse_float=_number, parse_constant=_constant, object_pairs_hook=_without_doubles
        )
    # what json says repeats the text around the mistake: it is not passed on
    except (ValueError, RecursionError):
        raise _bad("not JSON text in UTF-8") from None


def _depth(content: bytes) -> int:
    brackets = np.frombuffer(_STRINGS.sub(b"", content).translate(None, _NO_BRACKETS), dtype=np.uint8)
    steps = np.where((brackets == ord("[")) | (brackets == ord("{")), 1, -1)
    return int(np.cumsum(steps, dtype=np.int32).max(initial=0))


def _bad(what: str) -> ReadFailure:
    return ReadFailure(CaseFailure.BAD_FORMAT, what)


def _number(text: str) -> float:
    if len(text) > _LONGEST_NUMBER:
        raise _bad(f"a number of more than {_LONGEST_NUMBER} characters")
    number = float(text)
    if not math.isfinite(number):
        raise _bad("a number beyond float64")
    return number


def _constant(_: str) -> float:
    raise _bad("NaN or Infinity, which JSON does not have")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ReadFailure(CaseFailure.DUPLICATE, "one key stands twice in an object")
    return found


def _checked(value: Any, *, form: Form, where: str) -> Any:
    match form:
        case Text():
            return _text(value, longest=form.longest, where=where)
        case Number():
            if not isinstance(value, float) or not form.low <= value <= form.high:
                raise _wrong(where, f"a number from {form.low:g} to {form.high:g}")
            return value
        case Fields():
            if not isinstance(value, dict) or set(value) != set(form.of):
                raise _wrong(where, f"an object with {_told(form.of)} and nothing else")
            return {key: _checked(value[key], form=inner, where=f"`{key}`") for key, inner in form.of.items()}
        case Rows():
            return _rows(value, form=form, where=where)
        case Table():
            return _table(value, form=form, where=where)


def _text(value: Any, *, longest: int, where: str) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise _wrong(where, f"text of at most {longest} characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        # half a character (\ud800) is JSON, but no text that anybody can write down again
        raise _wrong(where, "text of whole characters") from None
    return value


def _rows(value: Any, *, form: Rows, where: str) -> list[Any]:
    if not isinstance(value, list) or len(value) > form.most:
        raise _wrong(where, f"a list of at most {form.most} objects")
    rows = [_checked(row, form=form.of, where="a row") for row in value]
    found = [row[form.identity] for row in rows]
    if len(set(found)) != len(found):
        raise ReadFailure(CaseFailure.DUPLICATE, f"two rows share one `{form.identity}`")
    _check_names(found, names=form.names)
    return rows


def _table(value: Any, *, form: Table, where: str) -> dict[str, Any]:
    if not isinstance(value, dict) or len(value) > form.most:
        raise _wrong(where, f"an object of at most {form.most} keys")
    names = [_text(key, longest=form.longest_name, where="a key") for key in value]
    _check_names(names, names=form.names)
    if form.complete and form.names is not None and len(names) != len(form.names):
        raise _wrong(where, f"all of {_told(form.names)}")
    return {name: _checked(value[name], form=form.of, where="a value") for name in names}


def _check_names(found: list[str], *, names: frozenset[str] | None) -> None:
    if names is not None and not names.issuperset(found):
        raise ReadFailure(CaseFailure.UNKNOWN_ID, "a name that is not in the input")


def _wrong(where: str, wanted: str) -> ReadFailure:
    return ReadFailure(CaseFailure.BAD_VALUE, f"{where} is not {wanted}")


def _told(names: Any) -> str:
    shown = ", ".join(f"`{name}`" for name in sorted(names)[:12])
    return shown if len(names) <= 12 else f"{shown} and {len(names) - 12} more"
