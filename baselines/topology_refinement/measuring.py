"""Scores of one seed's networks on phantoms that nobody trained on, and on the real retina."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from baselines.topology_refinement.data import GATE_SEED, subjects
from baselines.topology_refinement.inference import (
    CLOSING_RADIUS,
    SMALLEST_PIECE,
    Mask,
    Net,
    closed,
    normalised,
    probabilities,
    without_specks,
)
from baselines.topology_refinement.model import After, Bundle, Upstream
from evaluators.metrics.labels import LabelPair
from evaluators.metrics.labels.dice import dice
from evaluators.metrics.topology import betti_error, betti_matching, cldice
from evaluators.metrics.topology.betti import HIGH
from evaluators.phantoms.topology.phantom import PICTURE
from evaluators.phantoms.topology.retina import retina_pictures

#: pieces below this are dropped from raw and refined masks alike before b0 + b1 is compared (the method's notes)
SPECK = 10
#: what is put behind a network, "" for nothing
BEHIND = ("", "closing", *(after.value for after in After))


@dataclass(frozen=True, kw_only=True)
class Case:
    """One image of a group (a shape, or retina) with its reference."""

    group: str
    image: NDArray[np.float32]
    reference: Mask


def cases(*, each: int, retina: bool, seed: int = GATE_SEED) -> Iterator[Case]:
    """`each` phantoms of every shape under a public seed, then the retina's pictures."""
    for one in subjects(seed=seed, each=each, axes=2, size=PICTURE.size):
        yield Case(group=one.shape, image=normalised(one.phantom.image), reference=one.phantom.mask)
    if retina:
        for picture in retina_pictures():
            yield Case(group="retina", image=normalised(picture.image), reference=picture.mask)


def scores(mask: Mask, *, reference: Mask) -> dict[str, float]:
    """Dice, clDice, errors of b0 and b1, Betti matching, and b0 + b1 without specks; foreground 8-connected."""
    pair, clean = (_pair(one, reference) for one in (mask, without_specks(mask, smallest=SPECK)))
    return {
        "dice": float(dice(pair)[0]),
        "cldice": float(cldice(pair)[0]),
        "b0": float(betti_error(pair, connectivity=HIGH, dimension="0")[0]),
        "b1": float(betti_error(pair, connectivity=HIGH, dimension="1")[0]),
        "matching": float(betti_matching(pair, connectivity=HIGH)[0]),
        "betti_without_specks": float(betti_error(clean, connectivity=HIGH)[0]),
    }


def _pair(mask: Mask, reference: Mask) -> LabelPair:
    return LabelPair(
        prediction=mask.astype(np.uint8), reference=reference.astype(np.uint8), classes=(1,), spacing=(1.0, 1.0)
    )


def measure(
    bundle: Bundle, *, each: int, retina: bool, seed: int = GATE_SEED, what: Collection[str] = BEHIND
) -> dict[str, float]:
    """Means over phantoms and over the retina: {"phantom/b1/network-a-refined": ...}; and "identity/...": of clean references.

    what: of BEHIND, what is measured behind each network.
    """
    nets = {name: probabilities(net) for name, net in bundle.nets.items()}
    values: dict[str, list[float]] = {}

    def note(prefix: str, mask: Mask, case: Case, suffix: str) -> None:
        for name, value in scores(mask, reference=case.reference).items():
            values.setdefault(f"{prefix}/{name}/{suffix}", []).append(value)

    for case in cases(each=each, retina=retina, seed=seed):
        group = "retina" if case.group == "retina" else "phantom"
        for upstream in Upstream:
            found = nets[upstream.value](case.image)
            for behind in what:
                variant = f"{upstream}-{behind}" if behind else str(upstream)
                note(group, _after(behind, nets=nets)(found), case, variant)
        if group == "phantom":
            clean = case.reference.astype(np.float32)
            for after in (one for one in After if one.family is not None and one in what):
                note("identity", nets[after.value](clean) > 0.5, case, after)
    return {name: fmean(numbers) for name, numbers in values.items()}


def _after(behind: str, *, nets: Mapping[str, Net]) -> Callable[[NDArray[np.float32]], Mask]:
    if not behind:
        return lambda found: found > 0.5
    if behind == "closing":
        return lambda found: closed(found > 0.5, radius=CLOSING_RADIUS, smallest=SMALLEST_PIECE)
    return lambda found: nets[behind](found) > 0.5
