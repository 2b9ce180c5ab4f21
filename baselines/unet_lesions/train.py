"""Trains one U-Net on all modalities, with the mixture's data and steps: python -m baselines.unet_lesions.train --size cpu."""

from __future__ import annotations

from torch import nn

from baselines.lesions.fitting import alone, device_of, fit
from baselines.lesions.training import Recipe, Run, main
from baselines.unet_lesions.model import LesionUNet


def train(run: Run) -> tuple[nn.Module, list[float]]:
    """As many steps as all experts and the joint training together."""
    net = LesionUNet(**run.network).to(device_of())
    losses = fit(
        net=net,
        loss_of=alone(net, over_batch=not run.plan.window),
        data=run.batches(steps=run.plan.all_steps, stage="all"),
        steps=run.plan.all_steps,
        rate=run.plan.rate,
        optimiser=run.plan.optimiser,
        precision=run.plan.precision,
        clipped=net,
        say=run.say,
    )
    return net, losses


RECIPE = Recipe(folder="unet_lesions", build=LesionUNet, train=train)

if __name__ == "__main__":
    main(RECIPE)
