"""Named, independent random streams: the same seed and names always give the same numbers, in any order of calls."""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: bytes | int, *names: str | int) -> np.random.Generator:
    """A generator of its own for (seed, names). Without the seed nothing about it can be told from its neighbours."""
    secret = seed if isinstance(seed, bytes) else b"int:%d" % seed
    digest = hashlib.sha256()
    # lengths go in too, so that ("a", "bc") and ("ab", "c") are different streams
    for part in (secret, *(str(name).encode() for name in names)):
        digest.update(len(part).to_bytes(8, "big") + part)
    return np.random.default_rng(np.frombuffer(digest.digest(), dtype=np.uint32))
