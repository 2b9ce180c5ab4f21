"""Writes calibration.json from torchmetrics, scikit-learn and numpy. Run by hand:
`var/bench/venv/bin/python -m tests.golden.make_calibration`.

AURC is Geifman et al.'s mean of selective risks in plain numpy, on distinct confidences. Nothing of ours is imported.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from tests.golden.records import probabilities

PATH = Path(__file__).with_name("calibration.json")
#: items, seed
SETS = [(40, 5), (500, 6), (3000, 7)]


def aurc(stated: np.ndarray, outcomes: np.ndarray) -> float:
    sure = np.maximum(stated, 1 - stated)
    wrong = (stated > 0.5) != (outcomes == 1)
    risks, errors = [], 0
    for k, item in enumerate(sorted(range(len(sure)), key=lambda one: -sure[one]), start=1):
        errors += int(wrong[item])
        risks.append(errors / k)
    return float(np.mean(risks))


def rows() -> Iterator[dict[str, Any]]:
    import torch
    from sklearn.metrics import brier_score_loss
    from torchmetrics.functional.classification import (  # type: ignore[import-not-found]
        binary_calibration_error,
        multiclass_calibration_error,
    )

    for items, seed in SETS:
        stated, outcomes = probabilities(items, seed=seed)
        recipe = {"items": items, "seed": seed}
        p, y = torch.tensor(stated), torch.tensor(outcomes)
        both = torch.stack([1 - p, p], dim=1)
        for bins in (10, 15):
            positive = binary_calibration_error(p, y, n_bins=bins, norm="l1")
            confident = multiclass_calibration_error(both, y, num_classes=2, n_bins=bins, norm="l1")
            for variant, value in (("positive_class", positive), ("confidence", confident)):
                yield {
                    "key": "ece",
                    "options": {"variant": variant, "bins": str(bins)},
                    "inputs": recipe,
                    "value": float(value),
                }
        yield {"key": "brier", "options": {}, "inputs": recipe, "value": float(brier_score_loss(outcomes, stated))}
        yield {"key": "aurc", "options": {}, "inputs": recipe, "value": aurc(stated, outcomes)}


def main() -> None:
    document = {
        "command": "var/bench/venv/bin/python -m tests.golden.make_calibration",
        "versions": {
            **{name: version(name) for name in ("torchmetrics", "torch", "scikit-learn", "numpy")},
            "python": platform.python_version(),
        },
        "inputs": "tests/golden/records.py probabilities; torchmetrics is fed float64",
        "rows": list(rows()),
    }
    PATH.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
