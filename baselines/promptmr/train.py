"""Trains the PromptMR baseline: python -m baselines.promptmr.train --size cpu --seed 0."""

from __future__ import annotations

from baselines.cine.losses import one_minus_ssim
from baselines.cine.training import Recipe, main
from baselines.promptmr.infer import forward
from baselines.promptmr.model import PromptMR

RECIPE = Recipe(folder="promptmr", build=PromptMR, forward=forward, loss=one_minus_ssim)

if __name__ == "__main__":
    main(RECIPE)
