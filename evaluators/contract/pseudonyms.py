"""Names that a container sees in place of subjects: drawn anew for every evaluation, so that AF 4, 8 and 10 of one subject cannot be merged."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable


def draw_pseudonyms(*, groups: Iterable[str], seed: str, shape: str = "P{number:03d}") -> dict[str, str]:
    """One name per group, in the shape of the layout, in an order that says nothing.

    groups: what shares a folder, usually (subject, stratum) as text; duplicates are welcome.
    seed: the evaluation's own secret; the same seed gives the same names at every attempt.
    Returns {group: name}, all names different, numbered 1..n without gaps.
    """
    distinct = sorted(set(groups))
    numbers = list(range(1, len(distinct) + 1))
    # a string seed would go through Python's own mixing, which may change between versions
    random.Random(int.from_bytes(hashlib.sha256(seed.encode()).digest())).shuffle(numbers)  # noqa: S311
    return {group: shape.format(number=number) for group, number in zip(distinct, numbers, strict=True)}
