"""Label maps object by object: LabelPair to one number a class (class,), float64 and finite."""

from __future__ import annotations

from evaluators.metrics.lesions.lesion_dice import lesion_dice
from evaluators.metrics.lesions.lesion_f1 import lesion_f1
from evaluators.metrics.lesions.lesion_hd95 import lesion_hd95
from evaluators.metrics.lesions.panoptic_quality import panoptic_quality

__all__ = ["lesion_dice", "lesion_f1", "lesion_hd95", "panoptic_quality"]
