"""The gates of the method's notes, section 5, a table for the eye, and the block that stands in each baseline.yaml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean, pstdev
from typing import Any

import yaml

from baselines.cine.command import committed_weights
from baselines.cine.report import Gate, note_of_file, told
from baselines.cine.training import ROOT
from baselines.lesions.measure import GROUPS, Variant
from baselines.mome.model import MODALITIES

MARK = "# --- below: written by `python -m baselines.lesions.gates --record`, not by hand ---\n"
#: one dictionary of means a seed
Seeds = Sequence[Mapping[str, float]]
_MOME, _UNET = METHODS = "mome", "unet_lesions"
#: gates are not normalised and signs can cancel: this is told and decides nothing
_TOLD = "e: images whose own expert weighs most, share"
_LESIONS = ("tumour", "stroke", "wmh", "ms")
_HEADS = {
    "seen": "as in training",
    "real": "real anatomy",
    "unseen-scanner": "unseen scanner",
    "unseen-lesion": "unseen lesion",
}
_WORDS = {
    Variant.MIXTURE: "MoME",
    Variant.ORACLE: "right expert of every image, before joint training",
    Variant.ORACLE_AFTER: "right expert of every image, after it",
    Variant.ORACLE_WITHOUT: "right expert of every image, after it without curriculum",
    Variant.BEST: "best single expert, before joint training",
    Variant.BEST_AFTER: "best single expert, after it (the container's rival)",
    Variant.UNET: "one U-Net for all modalities",
    Variant.WITHOUT_CURRICULUM: "MoME without curriculum",
}


def gates(seeds: Seeds) -> list[Gate]:
    """Gates a to e on the seen heads; the worst seed decides, and of gate c the worst expert."""

    def ahead(variant: Variant, than: Variant, part: str = "") -> Callable[[Mapping[str, float]], float]:
        return lambda seed: seed[f"seen/{variant}{part}"] - seed[f"seen/{than}{part}"]

    def every_expert(variant: Variant, than: Variant) -> Callable[[Mapping[str, float]], float]:
        return lambda seed: min(ahead(variant, than, f"/{modality}")(seed) for modality in MODALITIES)

    judged = (
        ("a: Dice MoME - best single expert", ahead(Variant.MIXTURE, Variant.BEST), 0.05, (_MOME,)),
        ("a: Dice MoME - right expert of every image", ahead(Variant.MIXTURE, Variant.ORACLE), -0.02, (_MOME,)),
        ("b: Dice MoME - one U-Net for all modalities", ahead(Variant.MIXTURE, Variant.UNET), -0.01, (_MOME, _UNET)),
        ("c: Dice of an expert after - before", every_expert(Variant.ORACLE_AFTER, Variant.ORACLE), -0.05, (_MOME,)),
        (
            "c: Dice of an expert with - without curriculum",
            every_expert(Variant.ORACLE_AFTER, Variant.ORACLE_WITHOUT),
            0.0,
            (_MOME,),
        ),
        ("d: minus the gate's largest gradient at r = 0", lambda seed: 0.0 - seed["gradient-at-0"], 0.0, (_MOME,)),
        (_TOLD, lambda seed: seed["seen/to-own-expert"], 0.8, (_MOME,)),
    )
    return [
        Gate(
            name=name,
            methods=methods,
            value=min(margin(seed) for seed in seeds),
            limit=limit,
            decides=name != _TOLD,
        )
        for name, margin, limit, methods in judged
    ]


def table(seeds: Seeds, *, variants: Sequence[Variant]) -> dict[str, Any]:
    """Mean Dice, ± its deviation over seeds where there are several, a row for a group of heads and variant."""
    rows = []
    for group in (group for group in GROUPS if f"{group}/{Variant.MIXTURE}" in seeds[0]):
        for variant in (one for one in variants if f"{group}/{one}" in seeds[0]):
            parts = ("", *(f"/{name}" for name in (*MODALITIES, *_LESIONS)))
            rows.append([_HEADS[group], _WORDS[variant], *(_cell(seeds, f"{group}/{variant}{part}") for part in parts)])
    return {"columns": ["heads", "Dice of", "mean over modalities", *MODALITIES, *_LESIONS], "rows": rows}


def _cell(seeds: Seeds, key: str) -> str:
    if key not in seeds[0]:
        return "–"
    values = [seed[key] for seed in seeds]
    return f"{fmean(values):.3f}" + (f" ± {pstdev(values):.3f}" if len(values) > 1 else "")


def record(*, seeds: Seeds, heads: Mapping[str, int]) -> None:
    """Replace the measured block in both baseline.yaml, each with its own variants and the gates that are about it."""
    judged = gates(seeds)
    for method in METHODS:
        variants = [variant for variant in Variant if (variant is Variant.UNET) is (method == _UNET)]
        path, weights = ROOT / "baselines" / method / "baseline.yaml", committed_weights(method)
        own = [key for key in seeds[0] if method == _MOME or f"/{Variant.UNET}" in key]
        kept = path.read_text(encoding="utf-8").split(MARK)[0]
        block: dict[str, Any] = {
            "cases": dict(heads),
            "seeds": len(seeds),
            "mean": {key: round(fmean(seed[key] for seed in seeds), 4) for key in own},
            "spread": {key: round(pstdev([seed[key] for seed in seeds]), 4) for key in own} if len(seeds) > 1 else {},
            "table": table(seeds, variants=variants),
            "gates": [told(one) for one in judged if method in one.methods],
        }
        if weights.exists():
            block["weights"] = note_of_file(weights)
        path.write_text(kept + MARK + yaml.safe_dump({"measured": block}, sort_keys=False, width=200), encoding="utf-8")
