"""Changes single values of a challenge file and leaves the rest of it, comments and all, as it was written. Pure.

Every change is proved: the text that comes out is read again and must say what was asked for and nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import yaml

from assay.challenges.marked_yaml import Path, YamlProblem, load

_PLAIN = re.compile(r"[A-Za-z0-9](?:[\w ./@+:-]*[\w./@+])?")


class CannotEdit(ValueError):
    """This file is written in a way that single values of it cannot be changed in place."""


def with_values(text: str, changes: Mapping[Path, Any]) -> str:
    """The text with each path set to its value, or without it where the value is None.

    Parents that are not there are made. Raises CannotEdit, YamlProblem (the text itself cannot be read).
    """
    for path, value in changes.items():
        text = _with_value(text, path, value)
    return text


def _with_value(text: str, path: Path, value: Any) -> str:
    data = load(text).data
    wanted = deepcopy(data)
    if not _set(wanted, path, value):
        return text
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is None:
        raise CannotEdit("the file is empty")
    changed = _removed(text, root, path) if value is None else _written(text, root, path, value)
    try:
        same = load(changed).data == wanted
    except YamlProblem:
        same = False
    if not same:
        where = ".".join(map(str, path))
        raise CannotEdit(f"{where} cannot be changed in place; write `{where}` into the file by hand")
    return changed


def _set(data: Any, path: Path, value: Any) -> bool:
    """Do it to plain data; whether anything changed."""
    for depth, part in enumerate(path[:-1]):
        if isinstance(data, dict) and (part not in data or data[part] is None):
            if value is None:
                return False
            data[part] = {}
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            raise CannotEdit(f"there is no {'.'.join(map(str, path[: depth + 1]))}") from None
    last = path[-1]
    if value is None:
        return isinstance(data, dict) and data.pop(last, None) is not None
    if isinstance(data, dict) and data.get(last) == value and last in data:
        return False
    if isinstance(data, dict) or (isinstance(data, list) and isinstance(last, int) and last < len(data)):
        place: Any = data
        place[last] = value
        return True
    raise CannotEdit(f"there is no place for {'.'.join(map(str, path))}")


def _written(text: str, root: yaml.Node, path: Path, value: Any) -> str:
    depth = len(path)
    while (node := _find(root, path[:depth])) is None:
        depth -= 1
    for part in reversed(path[max(depth, 0) + 1 :]):
        value = {part: value}
    shown = _shown(value)
    if depth == len(path):
        start, end = node.start_mark.index, _end(node)
        # `key:` without a value holds an empty node right behind the colon
        return text[:start] + (" " if start == end else "") + shown + text[end:]
    key = str(path[depth])
    if isinstance(node, yaml.ScalarNode) and not node.value:
        start = node.start_mark.index
        return f"{text[:start]} {{{key}: {shown}}}{text[start:]}"
    if not isinstance(node, yaml.MappingNode):
        raise CannotEdit(f"{'.'.join(map(str, path[:depth]))} is no mapping")
    if node.flow_style:
        end = node.end_mark.index - 1
        kept = text[:end].rstrip()
        comma = "" if kept.endswith(("{", ",")) else ","
        return f"{kept}{comma}{' ' if comma else ''}{key}: {shown}{text[end:]}"
    at = _next_line(text, _end(node))
    newline = "" if text[:at].endswith("\n") else "\n"
    indent = " " * node.value[0][0].start_mark.column
    return f"{text[:at]}{newline}{indent}{key}: {shown}\n{text[at:]}"


def _removed(text: str, root: yaml.Node, path: Path) -> str:
    parent = _find(root, path[:-1])
    if not isinstance(parent, yaml.MappingNode):
        raise CannotEdit(f"{'.'.join(map(str, path[:-1]))} is no mapping")
    key, value = next(pair for pair in parent.value if pair[0].value == path[-1])
    start, end = key.start_mark.index, _end(value)
    if not parent.flow_style:
        return text[: text.rfind("\n", 0, start) + 1] + text[_next_line(text, end) :]
    after = re.match(r"\s*,\s*", text[end:])
    if after:
        return text[:start] + text[end + after.end() :]
    return re.sub(r"\s*,?\s*$", "", text[:start]) + text[end:]


def _find(node: yaml.Node, path: Path) -> yaml.Node | None:
    for part in path:
        if isinstance(node, yaml.MappingNode):
            found = next((value for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = node.value[part]
        else:
            found = None
        if found is None:
            return None
        node = found
    return node


def _end(node: yaml.Node) -> int:
    """Where the node's own text ends: a block collection's mark lies behind the blank lines that follow it."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _end(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return _end(node.value[-1])
    return int(node.end_mark.index)


def _next_line(text: str, at: int) -> int:
    """Where the line after the one that holds the end of a value begins. A block of text ends behind its own line."""
    if text[at - 1 : at] == "\n":
        return at
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _shown(value: Any) -> str:
    """A value in flow style, plain where it reads as itself."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_shown(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_shown, value)) + "]"
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and ": " not in value and load(f"[{value}]").data == [value]
        return value if plain else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)
