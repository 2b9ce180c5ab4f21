"""Trains the mixture: every expert on its modality, then experts and gate together: python -m baselines.mome.train --size cpu."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from baselines.lesions.data import Batch
from baselines.lesions.fitting import LossOf, alone, device_of, fit
from baselines.lesions.losses import deep_supervision
from baselines.lesions.training import Recipe, Run, main
from baselines.mome.model import MODALITIES, Mixed, MoME, curriculum, own_experts

_BATCHES_TO_CHOOSE = 50


def train(run: Run, *, after_experts: Callable[[MoME], None] = lambda _: None) -> tuple[nn.Module, list[float]]:
    """Both phases; the losses of the second. after_experts: sees the network between them."""
    net = MoME(**run.network).to(device_of())
    train_experts(net, run=run)
    find_best(net, run=run)
    after_experts(net)
    return net, train_jointly(net, run=run)


def train_experts(net: MoME, *, run: Run) -> None:
    """Phase one: every expert alone, on images of its modality."""
    for place, (name, expert) in enumerate(zip(MODALITIES, net.experts, strict=True)):
        fit(
            net=expert,
            loss_of=alone(expert, over_batch=not run.plan.window),
            data=run.batches(steps=run.plan.expert_steps, stage=f"expert {name}", modality=place),
            steps=run.plan.expert_steps,
            rate=run.plan.rate,
            optimiser=run.plan.optimiser,
            precision=run.plan.precision,
            clipped=expert,
            say=partial(_say, run, f"expert {name}"),
        )


def _say(run: Run, stage: str, line: str) -> None:
    run.say(f"{stage}: {line}")


def find_best(net: MoME, *, run: Run) -> None:
    """Keep in the network which expert does best alone: Dice over random training slices, mean over modalities."""
    overlap = torch.zeros(len(net.experts), len(MODALITIES), 2)
    with torch.inference_mode():
        for batch in run.batches(steps=_BATCHES_TO_CHOOSE, stage="best"):
            for place, expert in enumerate(net.experts):
                logits = expert(batch.image.to(device_of())).logits[0].cpu()
                found = logits[:, 1] > logits[:, 0]
                both = (found & (batch.target > 0)).flatten(1).sum(1)
                sizes = found.flatten(1).sum(1) + batch.target.flatten(1).sum(1)
                overlap[place].index_add_(0, batch.modality, torch.stack([2 * both, sizes], dim=1).float())
    dice = overlap[..., 0] / overlap[..., 1].clamp_min(1)
    net.best.fill_(int(dice.mean(dim=1).argmax()))
    run.say(f"best expert alone: {MODALITIES[int(net.best)]}, Dice {dice.mean(dim=1).max():.3f}")


def train_jointly(net: MoME, *, run: Run, with_curriculum: bool = True) -> list[float]:
    """Phase two: one optimiser over experts and gate, on images of all modalities; the loss of every step.

    Without the curriculum the mixture's loss alone counts from the first step on.
    """
    return fit(
        net=net,
        loss_of=together(net, over_batch=not run.plan.window, with_curriculum=with_curriculum),
        data=run.batches(steps=run.plan.joint_steps, stage="joint"),
        steps=run.plan.joint_steps,
        rate=run.plan.joint_rate,
        optimiser=run.plan.optimiser,
        precision=run.plan.precision,
        clipped=net.gate,
        say=partial(_say, run, "joint"),
    )


def together(net: MoME, *, over_batch: bool, with_curriculum: bool = True) -> LossOf:
    """(1 - r)^2 of the loss of each item's own expert, and the rest of the mixture's. r: share of the steps already made."""

    def loss_of(batch: Batch, *, progress: float) -> Tensor:
        mixed: Mixed = net(batch.image)
        own, mixture = curriculum(progress) if with_curriculum else (0.0, 1.0)
        experts = deep_supervision(own_experts(mixed.experts, batch.modality), batch.target, over_batch=over_batch)
        fused = deep_supervision(mixed.fused, batch.target, over_batch=over_batch)
        return own * experts + mixture * fused

    return loss_of


RECIPE = Recipe(folder="mome", build=MoME, train=train)

if __name__ == "__main__":
    main(RECIPE)
