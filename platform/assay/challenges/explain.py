"""Turns what pydantic found into sentences with a place in the file and a fix."""

from __future__ import annotations

import difflib
import json
import re
import types
from collections.abc import Iterable
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from assay.challenges.marked_yaml import Document, Path
from assay.challenges.problems import Problem
from assay.challenges.schema import HINTS, NOT_SERVED_KEYS, NOT_SERVED_VALUES


def problems_of(error: ValidationError, *, model: type[BaseModel], document: Document) -> list[Problem]:
    """Every finding as a problem of the file."""
    findings = error.errors()
    return [
        _problem(found, model=model, document=document)
        for found in findings
        # a list whose entries are wrong is counted as too short on top
        if not (found["type"] == "too_short" and any(_inside(other, found) for other in findings))
    ]


def _inside(other: ErrorDetails, found: ErrorDetails) -> bool:
    around = found["loc"]
    return len(other["loc"]) > len(around) and other["loc"][: len(around)] == around


def did_you_mean(word: str, *, among: Iterable[str]) -> str:
    """`did you mean "x"?`, or the whole list where nothing is near."""
    choices = [str(choice) for choice in among]
    near = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    if near:
        return f'did you mean "{near[0]}"?'
    return f"write one of: {', '.join(choices)}" if choices else "take it out"


def quoted(value: Any) -> str:
    """A value of the file, short and on one line."""
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= 60 else text[:57] + '..."'


def _problem(found: ErrorDetails, *, model: type[BaseModel], document: Document) -> Problem:
    path: Path = tuple(part for part in found["loc"] if part not in {"options", "[key]"})
    name = next((part for part in reversed(path) if isinstance(part, str)), "the file")
    match found["type"]:
        case "extra_forbidden":
            return _unknown_key(str(name), path, model=model, document=document)
        case "missing":
            at = document.place(path[:-1], key=True)
            return Problem(at=at, message=f'"{name}" is missing here', fix=HINTS.get(str(name), f"write `{name}: …`"))
        case "literal_error" | "enum":
            return _unknown_value(str(name), found, path, document=document)
    message, fix = _sentence(str(name), found)
    return Problem(at=document.place(path), message=message, fix=fix)


def _sentence(name: str, found: ErrorDetails) -> tuple[str, str]:
    """What is wrong with a value, and the fix where one is known."""
    facts = found.get("ctx", {})
    match found["type"]:
        case "string_pattern_mismatch":
            return f"{quoted(found['input'])} cannot stand for {name}", _pattern_fix(name)
        case "too_short":
            return f"{name} is empty", f"give {facts.get('min_length', 1)} at least"
        case "value_error":
            return f"{name}: {facts.get('error', found['msg'])}", ""
    shown = "" if isinstance(found["input"], dict | list) else f", found {quoted(found['input'])}"
    return f"{name}: {found['msg'][:1].lower()}{found['msg'][1:]}{shown}", ""


def _unknown_key(name: str, path: Path, *, model: type[BaseModel], document: Document) -> Problem:
    at = document.place(path, key=True)
    if name in NOT_SERVED_KEYS:
        return Problem(at=at, message=f'"{name}" is not served by this release', fix="take it out")
    return Problem(
        at=at, message=f"unknown key {quoted(name)}", fix=did_you_mean(name, among=_keys_at(model, path[:-1]))
    )


def _unknown_value(name: str, found: ErrorDetails, path: Path, *, document: Document) -> Problem:
    at = document.place(path)
    choices = re.findall(r"'([^']*)'", str(found.get("ctx", {}).get("expected", "")))
    value = found["input"]
    if isinstance(value, str) and value in NOT_SERVED_VALUES.get(name, frozenset()):
        message = f"{name} {quoted(value)} is not served by this release"
        return Problem(at=at, message=message, fix=f"write one of: {', '.join(choices)}")
    expected = str(found.get("ctx", {}).get("expected", ""))
    fix = did_you_mean(str(value), among=choices) if choices else f"write {expected}"
    return Problem(at=at, message=f"unknown {name} {quoted(value)}", fix=fix)


def _pattern_fix(name: str) -> str:
    if name in {"ranked", "sample"}:
        return "write it as name@version, such as cine-test@1"
    if name == "hardware":
        return "use small letters, digits and hyphens, such as gpu-24g"
    if name in {"title", "summary"}:
        return "write it on one line"
    return "use small letters and digits, with single hyphens between words"


def _keys_at(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that may stand in the mapping at `path`."""
    current: Any = model
    for part in path:
        if isinstance(part, str) and _is_model(current):
            named = {field.alias or key: field.annotation for key, field in current.model_fields.items()}
            current = _inner(named.get(part))
        else:
            current = _inner(current)
    return [field.alias or key for key, field in current.model_fields.items()] if _is_model(current) else []


def _inner(annotation: Any) -> Any:
    """What a list, tuple, mapping or optional holds; a model as itself."""
    if get_origin(annotation) in {Union, types.UnionType}:
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    if _is_model(annotation):
        return annotation
    held = [part for part in get_args(annotation) if part is not Ellipsis]
    return _inner(held[-1]) if held else annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
