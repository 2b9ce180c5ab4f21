"""What the networks of one seed reach on heads that nobody trained on: Dice of every image and variant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

import torch
from torch import Tensor

from baselines.lesions.data import GATE_SEED, Case, cases
from baselines.lesions.seeds import Seed
from baselines.lesions.training import GRIDS
from baselines.lesions.volumes import Mask, Network, masks
from baselines.mome.model import MODALITIES, Mixed, MoME
from baselines.unet_lesions.infer import single
from evaluators.metrics.labels.dice import dice
from evaluators.metrics.labels.pair import LabelPair
from evaluators.phantoms.brain.heads import HeadSet

#: group -> (kind of heads, of the atlas); the first is judged, the others are told
GROUPS: Mapping[str, tuple[HeadSet, bool]] = {
    "seen": (HeadSet.SEEN, False),
    "real": (HeadSet.SEEN, True),
    "unseen-scanner": (HeadSet.UNSEEN_SCANNER, False),
    "unseen-lesion": (HeadSet.UNSEEN_LESION, False),
}
GRID = GRIDS["cpu"]
#: where the gates are judged, and the training without curriculum is measured
JUDGED = "seen"


class Variant(StrEnum):
    """What segments an image."""

    #: the one model, modality hidden
    MIXTURE = "mixture"
    #: the expert of the image's modality: after phase one, after phase two, after phase two without the curriculum
    ORACLE = "oracle"
    ORACLE_AFTER = "oracle-after"
    ORACLE_WITHOUT = "oracle-without-curriculum"
    #: the expert that does best on the training images of all modalities: after phase one, and in the container
    BEST = "best-expert"
    BEST_AFTER = "best-expert-after"
    UNET = "unet_lesions"
    WITHOUT_CURRICULUM = "mixture-without-curriculum"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One image: its strata, its Dice by variant, and whether the gate gives most weight to its modality's expert."""

    group: str
    modality: str
    lesion: str
    dice: Mapping[Variant, float]
    to_own_expert: bool


def measure(*, nets: Seed, heads: Mapping[str, int]) -> Iterator[Measured]:
    """Every image of so many heads a group, under the gates' public seed."""
    for group, count in heads.items():
        kind, real = GROUPS[group]
        for case in cases(seed=GATE_SEED, heads=count, of=kind, real=real, grid=GRID):
            yield _one(case, group=group, nets=nets)


def _one(case: Case, *, group: str, nets: Seed) -> Measured:
    own, best = MODALITIES.index(case.modality), int(nets.experts.best)
    mixture, weights = _everything(case, net=nets.mixture)
    before, _ = _everything(case, net=nets.experts)
    unet = masks(case.volume, spacing=[GRID.spacing] * 3, network=single(nets.unet))
    found = {
        Variant.MIXTURE: mixture[0],
        Variant.ORACLE: before[1 + own],
        Variant.ORACLE_AFTER: mixture[1 + own],
        Variant.BEST: before[1 + best],
        Variant.BEST_AFTER: mixture[1 + best],
        Variant.UNET: unet[0],
    }
    if group == JUDGED:
        without, _ = _everything(case, net=nets.without_curriculum)
        found |= {Variant.WITHOUT_CURRICULUM: without[0], Variant.ORACLE_WITHOUT: without[1 + own]}
    return Measured(
        group=group,
        modality=case.modality,
        lesion=case.lesion,
        dice={variant: _dice(mask, case=case) for variant, mask in found.items()},
        to_own_expert=int(weights.argmax()) == own,
    )


def _everything(case: Case, *, net: MoME) -> tuple[Mask, Tensor]:
    """Masks of the mixture and of every expert (1 + expert, x, y, z), and the gate's mean |G| by expert."""
    weights = torch.zeros(len(MODALITIES))

    def forward(image: Tensor) -> Tensor:
        mixed: Mixed = net(image)
        gate = mixed.gates[0].reshape(len(image), len(MODALITIES), -1)
        weights.add_(gate.abs().mean(dim=(0, 2)))
        return torch.cat([mixed.fused[0], *(levels[0] for levels in mixed.experts)], dim=1)

    network = Network(forward=forward, view=net.view)
    return masks(case.volume, spacing=[GRID.spacing] * 3, network=network), weights


def _dice(mask: Mask, *, case: Case) -> float:
    pair = LabelPair(
        prediction=mask, reference=case.reference.astype("uint8"), classes=(1,), spacing=(GRID.spacing,) * 3
    )
    return float(dice(pair)[0])


def means(found: Iterable[Measured]) -> dict[str, float]:
    """Mean Dice: "seen/mixture/t1" of a modality, "seen/mixture" over modalities, "seen/mixture/tumour" of a lesion.

    And "seen/to-own-expert", the share of images whose gate gives most weight to their modality's expert.
    """
    rows, told = list(found), {}
    for group in dict.fromkeys(row.group for row in rows):
        here = [row for row in rows if row.group == group]
        told[f"{group}/to-own-expert"] = fmean(row.to_own_expert for row in here)
        for variant in here[0].dice:
            by_modality = _by(here, [row.modality for row in here], variant)
            told[f"{group}/{variant}"] = fmean(by_modality.values())
            for name, value in {**by_modality, **_by(here, [row.lesion for row in here], variant)}.items():
                told[f"{group}/{variant}/{name}"] = value
    return told


def _by(rows: Sequence[Measured], keys: Sequence[str], variant: Variant) -> dict[str, float]:
    return {
        key: fmean(row.dice[variant] for row, own in zip(rows, keys, strict=True) if own == key)
        for key in dict.fromkeys(keys)
    }
