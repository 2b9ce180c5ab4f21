"""The gates of the method's notes, section 3, and the block that they leave in baseline.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean, pstdev
from typing import Any

import yaml

from baselines.cine.report import Gate, note_of_file, told
from baselines.topology_refinement.measuring import BEHIND
from baselines.topology_refinement.model import After, Upstream
from baselines.topology_refinement.training import FOLDER
from evaluators.phantoms.topology.retina import retina_pictures

MARK = "# --- below: written by `python -m baselines.topology_refinement.gates --record`, not by hand ---\n"
#: one dictionary of means a seed
Measured = Sequence[Mapping[str, float]]
METRICS = ("dice", "cldice", "b0", "b1", "matching", "betti_without_specks")
FAMILIES = (After.REFINED, After.LEGENDRE, After.HERMITE)
UNSEEN = (Upstream.A, Upstream.B)
#: share of b1 errors, and of b0 + b1 without specks, that must be mended; and what Dice may lose
LOOPS, ALL, DICE = 0.2, 0.15, -0.01
#: the notes want it reported before it decides anything
_TOLD = "b: b0 + b1 errors without specks, biased - synthesised, network-b"


def gates(measured: Measured) -> list[Gate]:
    """Gates a to e on phantoms; the worst seed decides, and of gate a the worst network."""
    found = []
    for name, limit, margin in (
        ("b1 errors mended, share", LOOPS, _loops),
        ("b0 + b1 errors mended without specks, share", ALL, _all),
        ("Dice refined - raw", DICE, _dice),
    ):
        for upstream in UNSEEN:
            value = min(margin(seed, upstream, After.REFINED) for seed in measured)
            found.append(_gate(f"a: {name}, {upstream}", value, limit))
    biased = min(
        _errors(seed, Upstream.B, After.BIASED) - _errors(seed, Upstream.B, After.REFINED) for seed in measured
    )
    found.append(_gate(_TOLD, biased, 0.0))
    for family in FAMILIES:
        best = min(max(_slack(seed, upstream, family) for upstream in UNSEEN) for seed in measured)
        found.append(_gate(f"c: gate a on one network at least, {_POLYNOMIALS[family]}: smallest margin", best, 0.0))
    dice = min(seed[f"identity/dice/{After.REFINED}"] for seed in measured)
    pieces = max(seed[f"identity/b0/{After.REFINED}"] for seed in measured)
    found.append(_gate("d: Dice of a refined clean reference", dice, 0.98))
    found.append(_gate("d: minus b0 errors of a refined clean reference", -pieces, -0.05))
    upon = min(
        _errors(seed, Upstream.CLDICE, None) - _errors(seed, Upstream.CLDICE, After.REFINED) for seed in measured
    )
    found.append(_gate("e: b0 + b1 errors without specks behind clDice training, raw - refined", upon, 0.0))
    return found


_POLYNOMIALS = {After.REFINED: "Chebyshev", After.LEGENDRE: "Legendre", After.HERMITE: "Hermite"}


def _gate(name: str, value: float, limit: float) -> Gate:
    return Gate(name=name, methods=("topology_refinement",), value=value, limit=limit, decides=name != _TOLD)


def _variant(upstream: Upstream, after: After | None) -> str:
    return f"{upstream}-{after}" if after else str(upstream)


def _errors(seed: Mapping[str, float], upstream: Upstream, after: After | None) -> float:
    return seed[f"phantom/betti_without_specks/{_variant(upstream, after)}"]


def _loops(seed: Mapping[str, float], upstream: Upstream, after: After) -> float:
    return 1 - seed[f"phantom/b1/{_variant(upstream, after)}"] / seed[f"phantom/b1/{upstream}"]


def _all(seed: Mapping[str, float], upstream: Upstream, after: After) -> float:
    return 1 - _errors(seed, upstream, after) / _errors(seed, upstream, None)


def _dice(seed: Mapping[str, float], upstream: Upstream, after: After) -> float:
    return seed[f"phantom/dice/{_variant(upstream, after)}"] - seed[f"phantom/dice/{upstream}"]


def _slack(seed: Mapping[str, float], upstream: Upstream, after: After) -> float:
    """By how much the tightest of gate a's three parts is met."""
    return min(
        _loops(seed, upstream, after) - LOOPS, _all(seed, upstream, after) - ALL, _dice(seed, upstream, after) - DICE
    )


def table(measured: Measured) -> dict[str, Any]:
    """Means and deviations over seeds, a row a variant: what `python -m baselines.table` prints of this baseline."""
    groups = [group for group in ("phantom", "retina") if f"{group}/dice/{Upstream.A}" in measured[0]]
    return {
        "columns": [
            "images",
            "variant",
            "Dice",
            "clDice",
            "b0 error",
            "b1 error",
            "Betti matching",
            "b0 + b1 without specks",
        ],
        "rows": [
            [group, variant, *(_cell([seed[f"{group}/{metric}/{variant}"] for seed in measured]) for metric in METRICS)]
            for group in groups
            for variant in variants()
        ],
    }


def variants() -> Iterator[str]:
    """Every network, alone and with everything behind it."""
    for upstream in Upstream:
        for behind in BEHIND:
            yield f"{upstream}-{behind}" if behind else str(upstream)


def _cell(values: Sequence[float]) -> str:
    digits = 3 if max(values) <= 1 else 2
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    return f"{fmean(values):.{digits}f} ± {pstdev(values):.{digits}f}"


def record(*, measured: Measured, each: int) -> None:
    """Replace the measured block of baseline.yaml."""
    path, weights = FOLDER / "baseline.yaml", FOLDER / "weights.safetensors"
    kept = path.read_text(encoding="utf-8").split(MARK)[0]
    block: dict[str, Any] = {
        "cases": {"each": each, "retina": len(retina_pictures())},
        "seeds": len(measured),
        "mean": {key: round(fmean([seed[key] for seed in measured]), 4) for key in measured[0]},
        "spread": {key: round(pstdev([seed[key] for seed in measured]), 4) for key in measured[0]}
        if len(measured) > 1
        else {},
        "table": table(measured),
        "gates": [told(one) for one in gates(measured)],
    }
    if weights.exists():
        block["weights"] = note_of_file(weights)
    path.write_text(kept + MARK + yaml.safe_dump({"measured": block}, sort_keys=False, width=200), encoding="utf-8")
