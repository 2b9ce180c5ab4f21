"""What the gates found: a table for the eye, a line a gate, and the block that stands in each baseline.yaml."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

import yaml
from safetensors import safe_open

from baselines.cine.command import committed_weights
from baselines.cine.training import ROOT
from evaluators.phantoms.sizes import ACCELERATIONS

MARK = "# --- below: written by `python -m {} --record`, not by hand ---\n"
#: method -> one dictionary of means a seed
Measured = Mapping[str, Sequence[Mapping[str, float]]]
TITLES = {
    "zero_filled": "zero-filled",
    "cg_sense": "CG-SENSE",
    "low_rank_sparse": "L+S",
    "unet": "U-Net",
    "e2e_varnet": "VarNet",
    "d3gm": "D3GM",
    "promptmr": "PromptMR",
}
#: begins the keys of a method's rival that sees one frame at a time
ONE_FRAME = "one-frame-"


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One acceptance test: worst seed and stratum against its limit."""

    name: str
    #: whose baseline.yaml holds it
    methods: tuple[str, ...]
    value: float
    limit: float
    #: False: it is measured and told, and a miss is no failure of the method
    decides: bool = True

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


#: (letter of the methods' notes, better, than, margin of SSIM); "-" is ours: a rival
#: must be above the floor. Which of the rivals and networks is ahead of which is told by the table and gated by nobody
_ORDER = (
    ("a", "unet", "zero_filled", 0.02),
    ("a", "e2e_varnet", "unet", 0.005),
    ("-", "cg_sense", "zero_filled", 0.02),
    ("-", "low_rank_sparse", "zero_filled", 0.02),
    ("-", "promptmr", "zero_filled", 0.02),
)


def gates(measured: Measured) -> list[Gate]:
    """Gates a, b (trained part), d and f of the methods' notes on the phantom scans, and that each classical rival is above the floor.

    The worst seed and stratum decides. A gate is judged when all of its methods were measured.
    """
    found = [
        Gate(
            name=f"{letter}: SSIM {TITLES[better]} - {TITLES[than]}, {region}",
            methods=(better, than),
            value=_margin(measured[better], than=measured[than], region=region),
            limit=limit,
        )
        for letter, better, than, limit in _ORDER
        if {better, than} <= measured.keys()
        for region in ("challenge-crop", "full")
    ]
    if {"unet", "e2e_varnet"} <= measured.keys():
        pairs = zip(measured["unet"], measured["e2e_varnet"], strict=True)
        residual = min(u["phantom/residual"] - v["phantom/residual"] for u, v in pairs)
        name = "b: residual U-Net - VarNet on measured lines"
        found.append(Gate(name=name, methods=("unet", "e2e_varnet"), value=residual, limit=0.0))
    for method in [method for method, seeds in measured.items() if any(key.startswith(ONE_FRAME) for key in seeds[0])]:
        found += _series_gates(method=method, measured=measured)
    for method, seeds in measured.items():
        psnr = [[seed[f"phantom/psnr/full/af={factor}"] for factor in ACCELERATIONS] for seed in seeds]
        step = min(high - low for row in psnr for high, low in pairwise(row))
        name = f"f: PSNR falls from AF 4 to 8 to 10, {TITLES[method]}"
        found.append(Gate(name=name, methods=(method,), value=step, limit=0.0))
    return found


def _series_gates(*, method: str, measured: Measured) -> Iterator[Gate]:
    """Gate d on whole films, each seed against its own rival; and that contrasts are above the floor."""
    floor = measured["zero_filled"][0]
    for region in ("challenge-crop", "full"):
        key = f"film/ssim/{region}/af=8"
        yield Gate(
            name=f"d: SSIM {TITLES[method]} - the same with one frame, films at AF 8, {region}",
            methods=(method,),
            value=min(seed[key] - seed[ONE_FRAME + key] for seed in measured[method]),
            limit=0.0,
        )
    for region in ("challenge-crop", "full"):
        key = f"mapping/ssim/{region}/af=8"
        yield Gate(
            name=f"-: SSIM {TITLES[method]} - zero-filled, T1 and T2 contrasts at AF 8, {region}",
            methods=(method,),
            value=min(seed[key] - floor[key] for seed in measured[method]),
            limit=0.02,
        )


def _margin(better: Sequence[Mapping[str, float]], *, than: Sequence[Mapping[str, float]], region: str) -> float:
    """Smallest difference of SSIM over seeds and factors; a method without seeds meets every seed of the other."""
    keys = [f"phantom/ssim/{region}/af={factor}" for factor in ACCELERATIONS]
    pairs = product(better, than) if 1 in (len(better), len(than)) else zip(better, than, strict=True)
    return min(one[key] - other[key] for one, other in pairs for key in keys)


def record(
    *,
    measured: Measured,
    cases: Mapping[str, int],
    methods: Collection[str],
    judged: Sequence[Gate],
    command: str = "baselines.cine.gates",
) -> None:
    """Replace the measured block in the baseline.yaml of each of `methods`, with those of the judged gates that are about it.

    command: the module that measured.
    """
    for method, seeds in ((method, measured[method]) for method in methods):
        path = ROOT / "baselines" / method / "baseline.yaml"
        kept = path.read_text(encoding="utf-8").split(MARK.partition("{")[0])[0]
        block: dict[str, Any] = {
            "measured": {
                "cases": dict(cases),
                "seeds": len(seeds),
                "mean": _over_seeds(seeds, fmean),
                "spread": _over_seeds(seeds, pstdev) if len(seeds) > 1 else {},
                "gates": [told(gate) for gate in judged if method in gate.methods],
            }
        }
        committed = committed_weights(method)
        if committed.exists():
            block["measured"]["weights"] = note_of_file(committed)
        path.write_text(
            kept + MARK.format(command) + yaml.safe_dump(block, sort_keys=False, width=120), encoding="utf-8"
        )


def add_gates(*, method: str, judged: Sequence[Gate]) -> None:
    """Write these gates into the measured block of a baseline.yaml, in place of those of the same names; the rest stays."""
    path = ROOT / "baselines" / method / "baseline.yaml"
    kept, mark, measured = path.read_text(encoding="utf-8").partition(MARK.partition("{")[0])
    line, _, text = measured.partition("\n")
    block: dict[str, Any] = yaml.safe_load(text)
    names = {gate.name for gate in judged}
    others = [gate for gate in block["measured"]["gates"] if gate["gate"] not in names]
    block["measured"]["gates"] = others + [told(gate) for gate in judged]
    path.write_text(f"{kept}{mark}{line}\n{yaml.safe_dump(block, sort_keys=False, width=120)}", encoding="utf-8")


def measured_mean(method: str) -> Mapping[str, float]:
    """The mean scores that stand in a baseline.yaml."""
    document = yaml.safe_load((ROOT / "baselines" / method / "baseline.yaml").read_text(encoding="utf-8"))
    mean: Mapping[str, float] = document["measured"]["mean"]
    return mean


def told(gate: Gate) -> dict[str, Any]:
    """As it stands in a baseline.yaml."""
    words = {"gate": gate.name, "value": round(gate.value, 4), "limit": gate.limit, "passed": gate.passed}
    return words if gate.decides else words | {"decides": False}


def _over_seeds(seeds: Sequence[Mapping[str, float]], statistic: Any) -> dict[str, float]:
    return {key: round(float(statistic([seed[key] for seed in seeds])), 4) for key in seeds[0]}


def commit_weights(*, method: str, measured: Path) -> None:
    """The weights that were measured become the baseline's own: its table never speaks of others. Without a file nothing changes."""
    if measured.exists():
        shutil.copyfile(measured, committed_weights(method))


def note_of_file(path: Path) -> dict[str, Any]:
    """What a weights file says about its making, and its size."""
    with safe_open(path, framework="numpy") as file:
        note: dict[str, Any] = json.loads(file.metadata()["note"])
    return {"bytes": path.stat().st_size, **note}
