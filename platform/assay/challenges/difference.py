"""What differs between two challenge files, by key path. Pure. Comments and layout do not count."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: of a list of mappings: the key that tells its entries apart
_NAMES = ("task", "phase", "as", "metric", "ask")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One value that is not the same; None: it is not there."""

    path: str
    before: str | None
    after: str | None


def differences(before: Any, after: Any) -> list[Difference]:
    """In the order of the new file, then what is gone.

    Values are told as they stand in a file; `tasks[cine].phases[test].quota.submissions` is a path.
    """
    old, new = dict(_flat(before)), dict(_flat(after))
    changed = [
        Difference(path=path, before=old.get(path), after=value)
        for path, value in new.items()
        if old.get(path) != value
    ]
    found = changed + [
        Difference(path=path, before=value, after=None) for path, value in old.items() if path not in new
    ]
    if not found and json.dumps(before) != json.dumps(after):
        return [Difference(path="order of keys", before="as it stands", after="as in the file")]
    return found


def _flat(data: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(data, Mapping) and data:
        for key, value in data.items():
            yield from _flat(value, f"{path}.{key}" if path else str(key))
    elif isinstance(data, list) and any(isinstance(entry, dict) for entry in data):
        names = [_name(entry) for entry in data]
        if all(names):
            yield path, ", ".join(names)
        for place, (name, entry) in enumerate(zip(names, data, strict=True)):
            # twins, and entries without a name, are told by their place
            yield from _flat(entry, f"{path}[{name if name and names.count(name) == 1 else place}]")
    elif data is not None:
        yield path, _written(data)


def _name(entry: Any) -> str:
    return next((str(entry[key]) for key in _NAMES if isinstance(entry, dict) and key in entry), "")


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"[{', '.join(_written(each) for each in value)}]"
    return json.dumps(value, ensure_ascii=False)
