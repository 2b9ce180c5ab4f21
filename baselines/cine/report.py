"""What the gates found: a table for the eye, a line a gate, and the block that stands in each baseline.yaml."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

import yaml
from safetensors import safe_open

from baselines.cine.training import ROOT
from evaluators.phantoms.sizes import ACCELERATIONS

MARK = "# --- below: written by `python -m baselines.cine.gates --record`, not by hand ---\n"
#: method -> one dictionary of means a seed
Measured = Mapping[str, Sequence[Mapping[str, float]]]
_UNET_MARGIN, _VARNET_MARGIN = 0.02, 0.005


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One acceptance test: worst seed and stratum against its limit."""

    name: str
    value: float
    limit: float

    @property
    def passed(self) -> bool:
        """Values are margins: at least the limit."""
        return self.value >= self.limit

    def __str__(self) -> str:
        return f"{'pass' if self.passed else 'MISS'}  {self.name}: {self.value:.4f}, at least {self.limit:g}"


def table(measured: Measured) -> Iterator[str]:
    """Mean (and spread over seeds) of SSIM and PSNR, a line for method, group, region and acceleration."""
    for group in ("phantom", "real"):
        for region in ("challenge-crop", "full"):
            for factor in ACCELERATIONS:
                for method, seeds in measured.items():
                    words = [f"{group:8}{region:15}AF {factor:<3} {method:12}"]
                    for metric in ("ssim", "psnr"):
                        found = [seed[f"{group}/{metric}/{region}/af={factor}"] for seed in seeds]
                        words.append(f"{metric} {fmean(found):8.4f} ± {pstdev(found):.4f}")
                    yield "  ".join(words)
        for method, seeds in measured.items():
            yield f"{group:8}residual on measured lines  {method:12}  {fmean(s[f'{group}/residual'] for s in seeds):.4f}"


def gates(measured: Measured) -> list[Gate]:
    """Gates a, b (trained part) and f of the methods' notes on the phantom scans: the worst seed and stratum decides."""
    zero, unet, varnet = measured["zero_filled"], measured["unet"], measured["e2e_varnet"]

    def worst(better: Sequence[Mapping[str, float]], than: Sequence[Mapping[str, float]], region: str) -> float:
        keys = [f"phantom/ssim/{region}/af={factor}" for factor in ACCELERATIONS]
        rivals = than if len(than) == len(better) else list(than) * len(better)
        return min(one[key] - other[key] for one, other in zip(better, rivals, strict=True) for key in keys)

    found = []
    for region in ("challenge-crop", "full"):
        found += [
            Gate(name=f"a: SSIM U-Net - zero-filled, {region}", value=worst(unet, zero, region), limit=_UNET_MARGIN),
            Gate(name=f"a: SSIM VarNet - U-Net, {region}", value=worst(varnet, unet, region), limit=_VARNET_MARGIN),
        ]
    residuals = [u["phantom/residual"] - v["phantom/residual"] for u, v in zip(unet, varnet, strict=True)]
    found.append(Gate(name="b: residual U-Net - VarNet on measured lines", value=min(residuals), limit=0.0))
    for method, seeds in measured.items():
        psnr = [[seed[f"phantom/psnr/full/af={factor}"] for factor in ACCELERATIONS] for seed in seeds]
        step = min(high - low for row in psnr for high, low in pairwise(row))
        found.append(Gate(name=f"f: PSNR falls from AF 4 to 8 to 10, {method}", value=step, limit=0.0))
    return found


def record(*, measured: Measured, cases: Mapping[str, int]) -> None:
    """Replace the measured block of each baseline.yaml."""
    judged = gates(measured)
    for method, seeds in measured.items():
        path = ROOT / "baselines" / method / "baseline.yaml"
        kept = path.read_text(encoding="utf-8").split(MARK)[0]
        block: dict[str, Any] = {
            "measured": {
                "cases": dict(cases),
                "seeds": len(seeds),
                "mean": _over_seeds(seeds, fmean),
                "spread": _over_seeds(seeds, pstdev) if len(seeds) > 1 else {},
                "gates": [
                    {"gate": g.name, "value": round(g.value, 4), "limit": g.limit, "passed": g.passed} for g in judged
                ],
            }
        }
        committed = ROOT / "baselines" / method / "weights.safetensors"
        if committed.exists():
            block["measured"]["weights"] = note_of_file(committed)
        path.write_text(kept + MARK + yaml.safe_dump(block, sort_keys=False, width=120), encoding="utf-8")


def _over_seeds(seeds: Sequence[Mapping[str, float]], statistic: Any) -> dict[str, float]:
    return {key: round(float(statistic([seed[key] for seed in seeds])), 4) for key in seeds[0]}


def note_of_file(path: Path) -> dict[str, Any]:
    """What a weights file says about its making, and its size."""
    with safe_open(path, framework="numpy") as file:
        note: dict[str, Any] = json.loads(file.metadata()["note"])
    return {"bytes": path.stat().st_size, **note}
