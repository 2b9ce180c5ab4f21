"""What a JSON file of answers or scores must look like: small pieces that a task kind puts together. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Text:
    """A string."""

    #: characters
    longest: int = 2_000


@dataclass(frozen=True, kw_only=True)
class Number:
    """A finite number, bounds included; handed out as float."""

    low: float = -1e300
    high: float = 1e300


@dataclass(frozen=True, kw_only=True)
class Fields:
    """An object with these keys and no others, such as {"id": Text(), "answer": Text()}."""

    of: Mapping[str, Form]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A list of objects, none twice: `identity` is the field of text that tells them apart, such as `id`."""

    of: Fields
    identity: str
    #: the identities that may stand there; None: any
    names: frozenset[str] | None = None
    most: int = 100_000


@dataclass(frozen=True, kw_only=True)
class Table:
    """An object of equal values, such as {record: {class: score}}."""

    of: Form
    #: the keys that may stand there; None: any
    names: frozenset[str] | None = None
    #: every one of `names` must be there
    complete: bool = False
    most: int = 100_000
    longest_name: int = 200


Form = Text | Number | Fields | Rows | Table


@dataclass(frozen=True, kw_only=True)
class JsonSpec:
    """One JSON file, known before any file of a container is opened."""

    path: str
    form: Form
    #: of the file; 4 MiB are parsed in about a second
    most_bytes: int = 4 * 2**20
