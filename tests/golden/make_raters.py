"""Writes raters.json from scikit-learn and scipy. Run by hand: `var/bench/venv/bin/python -m tests.golden.make_raters`.

Each formula stands here over scikit-learn's Jaccard and F1 of pairs; empty against empty is 1. Nothing of ours is imported.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import f1_score, jaccard_score

from tests.golden.records import masks

PATH = Path(__file__).with_name("raters.json")
#: samples, raters, shape, seed, empty samples, empty raters
SETS: list[tuple[int, int, tuple[int, ...], int, int, int]] = [
    (4, 4, (24, 20), 1, 0, 0),
    (16, 4, (24, 20), 2, 0, 1),
    (5, 3, (9, 12, 7), 3, 2, 1),
    (3, 5, (15, 15), 4, 0, 0),
]


def iou(one: np.ndarray, other: np.ndarray) -> float:
    return float(jaccard_score(one.ravel(), other.ravel(), zero_division=1.0))


def dice(one: np.ndarray, other: np.ndarray) -> float:
    return float(f1_score(one.ravel(), other.ravel(), zero_division=1.0))


def ged(samples: np.ndarray, raters: np.ndarray, *, variant: str) -> float:
    def within(found: np.ndarray) -> float:
        pairs = [(i, j) for i in range(len(found)) for j in range(len(found)) if variant == "v" or i != j]
        return float(np.mean([1 - iou(found[i], found[j]) for i, j in pairs]))

    across = np.mean([1 - iou(s, r) for s in samples for r in raters])
    return float(2 * across - within(samples) - within(raters))


def rows() -> Iterator[dict[str, Any]]:
    for samples, raters, shape, seed, empty_samples, empty_raters in SETS:
        mine = masks(samples, shape=shape, seed=seed, empty=empty_samples)
        theirs = masks(raters, shape=shape, seed=seed + 100, empty=empty_raters)
        recipe = {
            "samples": samples,
            "raters": raters,
            "shape": shape,
            "seed": seed,
            "empty_samples": empty_samples,
            "empty_raters": empty_raters,
        }
        table = np.array([[dice(s, r) for r in theirs] for s in mine])
        for variant in ("v", "u"):
            yield {
                "key": "ged",
                "options": {"variant": variant},
                "inputs": recipe,
                "value": ged(mine, theirs, variant=variant),
            }
        for direction, value in (("samples", table.max(axis=1).mean()), ("raters", table.max(axis=0).mean())):
            yield {"key": "d_max", "options": {"direction": direction}, "inputs": recipe, "value": float(value)}
        matched = table[linear_sum_assignment(1 - table)].sum() / raters
        yield {"key": "dice_match", "options": {}, "inputs": recipe, "value": float(matched)}
        maps = [(10 * found.sum(axis=0), 10 * len(found)) for found in (mine, theirs)]
        soft = [dice(*(whole > round(t * total) for whole, total in maps)) for t in (0.1, 0.3, 0.5, 0.7, 0.9)]
        yield {"key": "soft_dice", "options": {}, "inputs": recipe, "value": float(np.mean(soft))}


def main() -> None:
    document = {
        "command": "var/bench/venv/bin/python -m tests.golden.make_raters",
        "versions": {
            **{name: version(name) for name in ("scikit-learn", "scipy", "numpy")},
            "python": platform.python_version(),
        },
        "inputs": "tests/golden/records.py masks",
        "rows": list(rows()),
    }
    PATH.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
