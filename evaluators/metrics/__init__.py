"""Pure functions (prediction, reference) -> one number a picture, each under its spec. Importing the package fills the registry."""

from __future__ import annotations

from evaluators.metrics import nmse, psnr, ssim
from evaluators.metrics.registry import METRICS, Metric

__all__ = ["METRICS", "Metric", "nmse", "psnr", "ssim"]
