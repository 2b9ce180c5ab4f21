"""Paths with placeholders such as {subject} or {af:02d}: from the path that one template matches to another template's."""

from __future__ import annotations

import re
from string import Formatter


class PathMismatch(ValueError):
    """A path is not one of its template's."""


def refill(path: str, *, given: str, wanted: str) -> str:
    """`wanted` with the text that stands in `path` for each placeholder of `given`.

    A placeholder stands for a part of one folder's or file's name, {af:02d} for digits; the same name, the same text.
    Raises PathMismatch.
    """
    pattern, seen = "", set()
    for text, name, form, _ in Formatter().parse(given):
        pattern += re.escape(text)
        if name is not None:
            body = r"\d+" if form else "[^/]+?"
            pattern += f"(?P={name})" if name in seen else f"(?P<{name}>{body})"
            seen.add(name)
    found = re.fullmatch(pattern, path)
    if found is None:
        raise PathMismatch(f"{path} is not of the form {given}")
    return "".join(text + (found[name] if name is not None else "") for text, name, _, _ in Formatter().parse(wanted))
