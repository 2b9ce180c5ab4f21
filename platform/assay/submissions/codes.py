"""Codes of submissions: short enough to read out, without letters that are taken for digits."""

from __future__ import annotations

import secrets

#: no 0 O, no 1 I L
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SHORTEST = 4


def draw_code(*, length: int = SHORTEST) -> str:
    """A random code of `length` characters, such as 4F7Q."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
