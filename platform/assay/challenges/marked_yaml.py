"""YAML that remembers where everything stood, so that every complaint names line and column.

A small, predictable part of YAML 1.2: mappings with text keys, lists, text, numbers, true/false, null. Anchors, tags and
duplicate keys are refused; dates stay text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

Path = tuple[str | int, ...]

MOST_CHARACTERS = 400_000
_MOST_NODES = 10_000
_MOST_DEPTH = 20
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, order=True, kw_only=True)
class Mark:
    """A place in the file, counted from 1 as editors do."""

    line: int
    column: int


class YamlProblem(ValueError):
    """The file is not the YAML that is read here."""

    def __init__(self, message: str, *, at: Mark, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.fix = fix


@dataclass(frozen=True, kw_only=True)
class Document:
    """Plain data, and where each value and each key stood."""

    data: Any
    values: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)

    def place(self, path: Path, *, key: bool = False) -> Mark:
        """Where the value (or its key) at `path` stands; the nearest one around it where there is none."""
        for length in range(len(path), -1, -1):
            part = path[:length]
            found = self.keys.get(part) if key else None
            if found := found or self.values.get(part):
                return found
        return Mark(line=1, column=1)


def load(text: str) -> Document:
    """Parse one document. Raises YamlProblem with the place and, where one is known, a fix."""
    if len(text) > MOST_CHARACTERS:
        raise YamlProblem(f"the file has more than {MOST_CHARACTERS} characters", at=Mark(line=1, column=1))
    _check_events(text)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.MarkedYAMLError, yaml.reader.ReaderError) as error:
        raise _problem(error) from None
    document = Document(data=None)
    if root is None:
        return document
    return Document(data=_build(root, (), document), values=document.values, keys=document.keys)


def _check_events(text: str) -> None:
    """Bounds and forbidden constructs, before anything recurses."""
    depth = count = 0
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            at = _mark(event.start_mark)
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise YamlProblem("anchors and aliases are not read here", at=at, fix="write the value out")
            if getattr(event, "tag", None):
                raise YamlProblem("tags are not read here", at=at, fix="leave the !tag out")
            count += isinstance(event, yaml.NodeEvent)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _MOST_DEPTH:
                raise YamlProblem(f"the file is nested more than {_MOST_DEPTH} deep", at=at)
            if count > _MOST_NODES:
                raise YamlProblem(f"the file has more than {_MOST_NODES} values", at=at)
    except (yaml.MarkedYAMLError, yaml.reader.ReaderError) as error:
        raise _problem(error) from None


def _build(node: yaml.Node, path: Path, document: Document) -> Any:
    document.values[path] = _mark(node.start_mark)
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, (*path, index), document) for index, child in enumerate(node.value)]
    assert isinstance(node, yaml.MappingNode)  # noqa: S101 -- there is no fourth kind
    built: dict[str, Any] = {}
    for key_node, value_node in node.value:
        at = _mark(key_node.start_mark)
        if not isinstance(key_node, yaml.ScalarNode) or not key_node.value:
            raise YamlProblem("a key must be a word", at=at)
        key = str(key_node.value)
        if key in built:
            first = document.keys[(*path, key)]
            raise YamlProblem(f"{key!r} stands here twice, first in line {first.line}", at=at, fix="keep one of them")
        document.keys[(*path, key)] = at
        built[key] = _build(value_node, (*path, key), document)
    return built


def _scalar(node: yaml.ScalarNode) -> str | int | float | bool | None:
    text = str(node.value)
    if node.style is not None:  # quoted: text, whatever it looks like
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _problem(error: yaml.YAMLError) -> YamlProblem:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        message = error.problem or error.context or "this is not YAML"
        at = Mark(line=1, column=1) if mark is None else _mark(mark)
        return YamlProblem(message, at=at, fix="check the indentation and the brackets before it")
    return YamlProblem("a character that YAML does not allow", at=Mark(line=1, column=1), fix="save the file as UTF-8")


def _mark(mark: Any) -> Mark:
    return Mark(line=mark.line + 1, column=mark.column + 1)
