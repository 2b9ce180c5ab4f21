"""Trains the E2E-VarNet baseline: python -m baselines.e2e_varnet.train --size cpu --seed 0."""

from __future__ import annotations

from baselines.cine.losses import one_minus_ssim
from baselines.cine.training import Recipe, main
from baselines.e2e_varnet.infer import forward
from baselines.e2e_varnet.model import VarNet

RECIPE = Recipe(folder="e2e_varnet", build=VarNet, forward=forward, loss=one_minus_ssim)

if __name__ == "__main__":
    main(RECIPE)
