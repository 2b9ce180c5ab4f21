"""Writes classification.json from scikit-learn. Run by hand: `var/bench/venv/bin/python -m tests.golden.make_classification`.

A class without positives is null: scikit-learn gives nan and a warning there. Nothing of ours is imported.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from tests.golden.records import scores

PATH = Path(__file__).with_name("classification.json")
#: records, classes, seed, distinct scores (0: all)
SETS = [(60, 3, 11, 0), (200, 5, 12, 12), (1000, 4, 13, 40)]


def max_f1(labels: np.ndarray, values: np.ndarray) -> float:
    precision, recall, _ = precision_recall_curve(labels, values)
    return float(np.max(2 * precision * recall / np.maximum(precision + recall, 1e-300)))


def fpr95(labels: np.ndarray, values: np.ndarray) -> float:
    fpr, tpr, _ = roc_curve(labels, values, drop_intermediate=False)
    return float(fpr[tpr >= 0.95].min())


PEERS: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "auroc": roc_auc_score,
    "auprc": average_precision_score,
    "max_f1": max_f1,
    "fpr95": fpr95,
}


def rows() -> Iterator[dict[str, Any]]:
    for records, classes, seed, steps in SETS:
        values, labels = scores(records, classes, seed=seed, steps=steps)
        recipe = {"records": records, "classes": classes, "seed": seed, "steps": steps}
        for key, peer in PEERS.items():
            found = [
                float(peer(labels[:, one], values[:, one])) if labels[:, one].any() else None for one in range(classes)
            ]
            mean = float(np.mean([value for value in found if value is not None]))
            yield {"key": key, "options": {}, "inputs": recipe, "values": found, "mean": mean}


def main() -> None:
    document = {
        "command": "var/bench/venv/bin/python -m tests.golden.make_classification",
        "versions": {
            **{name: version(name) for name in ("scikit-learn", "numpy")},
            "python": platform.python_version(),
        },
        "inputs": "tests/golden/records.py scores",
        "rows": list(rows()),
    }
    PATH.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
