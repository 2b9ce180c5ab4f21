"""Guesses what was meant by a word with a typing mistake."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The likeliest of `known`, or None when none is near."""
    return next(iter(get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)), None)


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """The likeliest of `known` as a question, or nothing."""
    near = nearest(word, known)
    return f"did you mean {near}?" if near else ""
