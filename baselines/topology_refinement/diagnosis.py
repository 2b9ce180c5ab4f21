"""What a refiner is trained on beside what it is given, and what it does wrong: python -m baselines.topology_refinement.diagnosis.

Validation phantoms and the committed weights; nothing of the gates' phantoms is looked at. --crop shows what crops of another side
would be.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from baselines.cine.network import load_weights
from baselines.topology_refinement.data import VALIDATION_SEED, Pair, Subject, batch_of, subjects
from baselines.topology_refinement.infer import WEIGHTS_FILE
from baselines.topology_refinement.inference import Mask, Net, probabilities
from baselines.topology_refinement.measuring import SPECK
from baselines.topology_refinement.model import After, Bundle, Upstream
from baselines.topology_refinement.synthesis import Label
from baselines.topology_refinement.training import sizes_of, synthesis_of
from evaluators.phantoms.topology.phantom import PICTURE, SHAPES

#: crops that are drawn of torn masks
DRAWS = 300
EIGHT = np.ones((3, 3))


def given(pairs: Sequence[Pair]) -> dict[str, float]:
    """Shares, over (probability, mask) pairs that hold foreground: what a refiner has to go by.

    blank: pairs of which less than a tenth of the foreground is seen at all, so that only a guess can be right.
    """
    held = [(map_, mask) for map_, mask in pairs if mask.any()]
    inside = np.concatenate([map_[mask] for map_, mask in held])
    outside = np.concatenate([map_[~mask] for map_, mask in held])
    return {
        "foreground below 0.5": float((inside < 0.5).mean()),
        "background above 0.1": float((outside > 0.1).mean()),
        "background above 0.5": float((outside > 0.5).mean()),
        "blank": float(np.mean([(map_[mask] > 0.5).mean() < 0.1 for map_, mask in held])),
    }


def crops(data: Sequence[Subject], *, family: After, crop: int, rng: np.random.Generator) -> list[Pair]:
    """Torn masks as training draws them in size cpu, but for the side of the crop."""
    synthesis = synthesis_of(family, plan=sizes_of("cpu")[1])
    labels = [Label.of(one.phantom.mask) for one in data]

    def draw() -> Pair:
        one = labels[int(rng.integers(len(labels)))]
        return synthesis.draw(one, rng=rng), one.mask

    inputs, masks = batch_of(draw, batch=DRAWS, crop=crop, rng=rng)
    return list(zip(inputs[:, 0].numpy(), masks[:, 0].numpy() > 0, strict=True))


def errors(mask: Mask, *, reference: Mask) -> dict[str, float]:
    """Errors by kind: islands beside the structure, tears in it, true loops open or filled, loops in walls; share of false voxels."""
    pieces, count = label(mask, EIGHT)
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)[1:]
    own = np.bincount(pieces.ravel(), weights=reference.ravel(), minlength=count + 1)[1:] > 0
    holes, found = (label(np.pad(~one, 1, constant_values=True))[0] for one in (reference, mask))
    inner = [holes == which for which in range(1, holes.max() + 1) if which != holes[0, 0]]
    empty = found > 0
    walls = {which for which in range(1, found.max() + 1) if which != found[0, 0]}
    for hole in inner:
        walls -= set(found[hole].tolist())
    return {
        "small islands": float((~own & (sizes < SPECK)).sum()),
        "islands": float((~own & (sizes >= SPECK)).sum()),
        "pieces beyond the true": float(own.sum() - label(reference, EIGHT)[1]),
        "loops open": float(sum((found[hole & empty] == found[0, 0]).any() for hole in inner)),
        "loops filled": float(sum(not (hole & empty).any() for hole in inner)),
        "loops too many": float(len(walls)),
        "false voxels, share": float((mask & ~reference).sum() / reference.sum()),
    }


def unprompted(net: Net) -> dict[str, float]:
    """Mean answer to a picture of nothing, and along a dark line in haze of 0.2: where a refiner should see nothing."""
    nothing = np.zeros(PICTURE.shape, np.float32)
    hazy = nothing + np.float32(0.2)
    hazy[20:76, 46:49] = 0
    return {"picture of nothing": float(net(nothing).mean()), "dark line in haze": float(net(hazy)[25:70, 47].mean())}


def rows(bundle: Bundle, *, data: Sequence[Subject], sides: Sequence[int]) -> Iterator[tuple[str, dict[str, float]]]:
    """Every row that is printed, with its title."""
    nets = {name: probabilities(net) for name, net in bundle.nets.items()}
    maps: dict[str, list[NDArray[np.float32]]] = {
        upstream.value: [nets[upstream.value](one.pair[0]) for one in data] for upstream in Upstream
    }
    maps["clean reference"] = [one.phantom.mask.astype(np.float32) for one in data]
    for upstream in Upstream:
        yield (
            f"given by {upstream}",
            given([(map_, one.phantom.mask) for map_, one in zip(maps[upstream.value], data, strict=True)]),
        )
    for side in sides:
        torn = crops(data, family=After.REFINED, crop=side, rng=np.random.default_rng(0))
        yield f"trained on, crops of {side}", given(torn)
    for name, found in maps.items():
        for shape in SHAPES[2]:
            own = [(map_, one.phantom.mask) for map_, one in zip(found, data, strict=True) if one.shape == shape]
            yield f"{name}, {shape}", _mean([errors(map_ > 0.5, reference=mask) for map_, mask in own])
            for after in (After.REFINED, After.BIASED):
                mended = [errors(nets[after.value](map_) > 0.5, reference=mask) for map_, mask in own]
                yield f"{name}-{after}, {shape}", _mean(mended)
    for after in After:
        yield f"unprompted, {after}", unprompted(nets[after.value])


def _mean(many: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([one[name] for one in many])) for name in many[0]}


def main() -> None:
    """Print every row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=10)
    parser.add_argument("--crop", type=int, nargs="+", default=[48, 96])
    options = parser.parse_args()
    bundle = load_weights(path=WEIGHTS_FILE, build=Bundle)
    assert isinstance(bundle, Bundle)  # noqa: S101 - tells the type checker
    data = subjects(seed=VALIDATION_SEED, each=options.each, axes=2, size=PICTURE.size)
    for title, row in rows(bundle, data=data, sides=options.crop):
        print(f"{title:34}", "  ".join(f"{name} {value:.3f}" for name, value in row.items()), flush=True)


if __name__ == "__main__":
    main()
