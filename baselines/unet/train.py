"""Trains the U-Net baseline: python -m baselines.unet.train --size cpu --seed 0."""

from __future__ import annotations

from baselines.cine.losses import normalised_l1
from baselines.cine.training import Recipe, main
from baselines.unet.infer import forward
from baselines.unet.model import MagnitudeUNet

RECIPE = Recipe(folder="unet", build=MagnitudeUNet, forward=forward, loss=normalised_l1)

if __name__ == "__main__":
    main(RECIPE)
