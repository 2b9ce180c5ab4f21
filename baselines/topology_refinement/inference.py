"""From an image to a mask: a network's probabilities, and what is put behind them. What the container runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, generate_binary_structure, iterate_structure, label
from torch import nn
from torch.nn.functional import pad

from baselines.topology_refinement.model import MULTIPLE, After, Bundle, Upstream
from baselines.topology_refinement.threshold import bright

Image = NDArray[np.float32]
Mask = NDArray[np.bool_]
#: normalised image or probabilities (x, y) or (x, y, z) -> probabilities in the same shape
Net = Callable[[Image], Image]

#: variant of the morphological rival, which needs no network: its ball's radius, and the smallest piece that stays, in voxels.
#: Chosen by `python -m baselines.topology_refinement.tuning`
CLOSING = "closing"
CLOSING_RADIUS, SMALLEST_PIECE = 2, 40

#: variants without any network, which alone serve volumes where the weights are of pictures
THRESHOLD = "threshold"
#: variant -> (the network or the threshold, what stands behind it)
VARIANTS: Mapping[str, tuple[Upstream | str, After | str | None]] = MappingProxyType(
    {
        THRESHOLD: (THRESHOLD, None),
        f"{THRESHOLD}-{CLOSING}": (THRESHOLD, CLOSING),
        **{upstream.value: (upstream, None) for upstream in Upstream},
        **{
            f"{upstream}-{after}": (upstream, after)
            for upstream in Upstream
            for after in (After.REFINED, After.BIASED, CLOSING)
        },
    }
)


def normalised(image: NDArray[np.floating]) -> Image:
    """Mean 0 and standard deviation 1; an image of one value becomes zeros."""
    values = image.astype(np.float32)
    spread = float(values.std())
    centred: Image = values - values.mean(dtype=np.float64).astype(np.float32)
    return centred / np.float32(spread) if spread > 0 else centred


def probabilities(net: nn.Module) -> Net:
    """A network as a function of one array; sides are padded with zeros to what its strides divide."""
    device = next(net.parameters()).device

    def run(image: Image) -> Image:
        ends = [-size % MULTIPLE for size in image.shape]
        widths = [width for end in reversed(ends) for width in (0, end)]
        padded = pad(torch.from_numpy(np.ascontiguousarray(image)).to(device)[None, None], widths)
        with torch.inference_mode():
            found = net(padded).sigmoid()[0, 0].cpu().numpy()
        kept: Image = found[tuple(slice(0, size) for size in image.shape)]
        return kept

    return run


def closed(mask: Mask, *, radius: int, smallest: int) -> Mask:
    """Gaps up to twice `radius` voxels closed by a diamond, then pieces below `smallest` voxels dropped."""
    ball = iterate_structure(generate_binary_structure(mask.ndim, 1), radius)
    # beyond the edge there is nothing that could be closed with
    wide = np.pad(mask, radius)
    return without_specks(
        binary_closing(wide, ball)[tuple(slice(radius, -radius) for _ in mask.shape)], smallest=smallest
    )


def without_specks(mask: Mask, *, smallest: int) -> Mask:
    """Without pieces (8 or 26 neighbours) of fewer than `smallest` voxels."""
    pieces, _ = label(mask, np.ones((3,) * mask.ndim))
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    kept: Mask = (sizes >= smallest)[pieces]
    return kept


def segmenter(bundle: Bundle, *, variant: str) -> Callable[[NDArray[np.floating]], Mask]:
    """image (x, y) or (x, y, z) -> mask, as `variant` does it. A refiner is fed with probabilities, not with a mask."""
    upstream, after = VARIANTS[variant]
    first = probabilities(bundle.nets[upstream.value]) if isinstance(upstream, Upstream) else None
    second = probabilities(bundle.nets[after.value]) if isinstance(after, After) else None

    def segment(image: NDArray[np.floating]) -> Mask:
        if first is None:
            mask = bright(image)
        else:
            if image.ndim != bundle.dims:
                raise ValueError(
                    f"an image of {image.ndim} axes; these weights were trained on images of {bundle.dims}; "
                    f"the variants {THRESHOLD} and {THRESHOLD}-{CLOSING} take both"
                )
            found = first(normalised(image))
            mask = (found if second is None else second(found)) > 0.5
        return closed(mask, radius=CLOSING_RADIUS, smallest=SMALLEST_PIECE) if after == CLOSING else mask

    return segment
