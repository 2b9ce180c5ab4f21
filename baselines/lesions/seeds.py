"""The trained networks of one seed, read from a folder or trained now and kept there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import cast

from torch import nn

from baselines.cine.network import load_weights, save_weights
from baselines.lesions.data import Images
from baselines.lesions.training import Recipe, Run, note_of, sizes_of, train
from baselines.mome import train as mome
from baselines.mome.model import MoME
from baselines.unet_lesions.train import RECIPE as UNET


@dataclass(frozen=True, kw_only=True)
class Seed:
    """experts: the mixture after phase one; mixture, without_curriculum: after phase two; unet: the rival."""

    experts: MoME
    mixture: MoME
    without_curriculum: MoME
    unet: nn.Module


def networks(*, seed: int, folder: Path, images: Callable[[], Images]) -> Seed:
    """All networks of size cpu of one seed."""
    folder.mkdir(parents=True, exist_ok=True)
    between, plain = (folder / f"{name}-{seed}.safetensors" for name in ("experts", "without-curriculum"))
    sizes, plan = sizes_of(folder="mome", size="cpu")

    def say(line: str) -> None:
        print(f"seed {seed}: {line}", flush=True)

    def keep(net: nn.Module, path: Path) -> None:
        save_weights(path=path, net=net, sizes=sizes, note={"seed": seed})

    recipe = replace(mome.RECIPE, train=partial(mome.train, after_experts=partial(keep, path=between)))
    mixture = _trained(recipe, seed=seed, folder=folder, images=images, say=say)
    if not plain.exists():
        net = load_weights(path=between, build=MoME)
        run = Run(network=sizes, plan=plan, images=images(), seed=seed, say=say)
        mome.train_jointly(net, run=run, with_curriculum=False)
        keep(net, plain)
    unet = _trained(UNET, seed=seed, folder=folder, images=images, say=say)
    experts, without = (load_weights(path=path, build=MoME) for path in (between, plain))
    return Seed(experts=experts, mixture=cast("MoME", mixture), without_curriculum=without, unet=unet)


def _trained(
    recipe: Recipe, *, seed: int, folder: Path, images: Callable[[], Images], say: Callable[[str], None]
) -> nn.Module:
    path = folder / f"{recipe.folder}-{seed}.safetensors"
    if not path.exists():
        result = train(recipe=recipe, size="cpu", seed=seed, say=say, images=images())
        note = note_of(recipe=recipe, size="cpu", seed=seed, trained=result)
        save_weights(path=path, net=result.net, sizes=sizes_of(folder=recipe.folder, size="cpu")[0], note=note)
    return load_weights(path=path, build=recipe.build)
