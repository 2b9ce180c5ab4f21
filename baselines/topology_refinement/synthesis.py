"""What a refiner learns from: a reference mask made into the probability map of a network that tore it and saw specks.

No network's prediction is ever looked at. Li et al. 2024, arXiv:2409.09796, sections on synthesis; the released code's default.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from monai.losses.cldice import soft_skel
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from baselines.topology_refinement.basis import Family, basis, random_field

#: steps of the soft skeleton
SKELETON_STEPS = 3
#: of the final blur by number of axes: standard deviation and half-width of the kernel, voxels
BLUR = {2: (0.5, 2), 3: (0.2, 5)}
#: background blobs: at most this many, mean and deviation of their width per axis in voxels, and how bright they may be
MOST_BLOBS, BLOB_WIDTH, BLOB_PEAKS = 9, (3.0, 0.5), np.arange(10) / 10
#: specks: the range of their width per axis in voxels, and of how bright they are
SPECK_WIDTH, SPECK_PEAKS = (0.6, 1.6), (0.1, 0.9)

Probability = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Label:
    """A reference mask and the voxels of its soft skeleton, (voxel, axis), on which windows are centred."""

    mask: Mask
    skeleton: NDArray[np.intp]

    @classmethod
    def of(cls, mask: Mask) -> Label:
        """mask: (x, y) or (x, y, z); where the soft skeleton is empty the mask stands for it."""
        soft = soft_skel(torch.from_numpy(mask.astype(np.float32))[None, None], SKELETON_STEPS)[0, 0].numpy()
        places = np.argwhere(soft > 0.5)
        return cls(mask=mask, skeleton=places if len(places) else np.argwhere(mask))


@dataclass(frozen=True, kw_only=True)
class Synthesis:
    """How masks are torn. order: polynomials of a family; window: voxels along each axis of the torn part.

    Networks are unsure of much that is background, and a refiner that never saw that makes specks of it. Two things stand for it.
    haze: a second field, of a peak drawn from 0 to this, shines over the whole image: the released `_bi` variant, which has it in a
    patch of background. It shines through torn structure too: haze that left structure out would outline it, and a refiner would
    learn to look for dark lines, which no network draws. Its polynomials are Chebyshev's, whichever family tears: of a high order they alone swing evenly over
    the whole image. specks: up to so many narrow blobs in 10,000 voxels, beside the released wide ones.
    """

    family: Family = Family.CHEBYSHEV
    order: int = 6
    window: int = 64
    #: brightest haze on background; 0 leaves it out
    haze: float = 0.0
    haze_order: int = 6
    specks: int = 0
    _known: dict[tuple[Family, int, int], NDArray[np.float64]] = field(default_factory=dict, repr=False, compare=False)

    def draw(self, label: Label, *, rng: np.random.Generator) -> Probability:
        """One torn map of `label`, from 0 to 1, float32, in the mask's shape."""
        torn = label.mask.astype(np.float64)
        if len(label.skeleton):
            window = self.window_around(label.skeleton[int(rng.integers(len(label.skeleton)))], shape=torn.shape)
            sides = [part.stop - part.start for part in window]
            torn[window] *= self._gain(sides, family=self.family, order=self.order, rng=rng)
        torn = torn + _blobs(label.mask, rng=rng)
        unsure = _specks(label.mask, most=round(self.specks * torn.size / 1e4), rng=rng)
        if self.haze:
            gain = self._gain(list(torn.shape), family=Family.CHEBYSHEV, order=self.haze_order, rng=rng)
            unsure = np.maximum(unsure, rng.uniform(0, self.haze) * gain)
        torn = np.maximum(torn, unsure)
        torn = np.clip(torn, 0, 1)
        sigma, radius = BLUR[torn.ndim]
        blurred: Probability = np.clip(gaussian_filter(torn, sigma=sigma, radius=radius), 0, 1).astype(np.float32)
        return blurred

    def window_around(self, centre: NDArray[np.intp], *, shape: tuple[int, ...]) -> tuple[slice, ...]:
        """The window with `centre` in its middle, pushed inside the image; an image smaller than it is all window."""
        parts = []
        for middle, size in zip(centre.tolist(), shape, strict=True):
            start = min(max(0, middle - self.window // 2), max(0, size - self.window))
            parts.append(slice(start, min(size, start + self.window)))
        return tuple(parts)

    def _gain(self, sizes: list[int], *, family: Family, order: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """max(0, 1.5 r - 0.5) of a random field r: some four fifths of a window fall below a half, a fifth to zero."""
        key = (family, order, max(sizes))
        if key not in self._known:
            self._known[key] = basis(family, order=order, size=key[2])
        random = random_field(self._known[key], axes=len(sizes), rng=rng)
        return np.maximum(0, 1.5 * random - 0.5)[tuple(slice(0, size) for size in sizes)]


def _blobs(mask: Mask, *, rng: np.random.Generator) -> NDArray[np.float64]:
    """One to nine Gaussian blobs centred on the background, added up."""
    blobs = np.zeros(mask.shape)
    for centre in _background(mask, int(rng.integers(1, MOST_BLOBS + 1)), rng=rng):
        peak = rng.choice(BLOB_PEAKS)
        widths = np.maximum(0.5, np.abs(rng.normal(*BLOB_WIDTH, size=mask.ndim)))
        box, bump = _bump(centre, widths=widths, shape=mask.shape)
        blobs[box] += peak * bump
    return blobs


def _specks(mask: Mask, *, most: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """None to `most` narrow blobs centred on the background, the brightest of them at each voxel."""
    specks = np.zeros(mask.shape)
    for centre in _background(mask, int(rng.integers(most + 1)), rng=rng):
        box, bump = _bump(centre, widths=rng.uniform(*SPECK_WIDTH, size=mask.ndim), shape=mask.shape)
        specks[box] = np.maximum(specks[box], rng.uniform(*SPECK_PEAKS) * bump)
    return specks


def _background(mask: Mask, count: int, *, rng: np.random.Generator) -> NDArray[np.intp]:
    """`count` voxels of the background, (voxel, axis); none where there is no background."""
    free = np.argwhere(~mask)
    return free[rng.integers(len(free), size=count)] if len(free) else free


def _bump(
    centre: NDArray[np.intp], *, widths: NDArray[np.float64], shape: tuple[int, ...]
) -> tuple[tuple[slice, ...], NDArray[np.float64]]:
    """A Gaussian of height 1, of a standard deviation of its own along each axis in voxels; where it is above 0.0003, and its values."""
    box, bump = [], np.ones(())
    for middle, width, size in zip(centre.tolist(), widths, shape, strict=True):
        reach = int(np.ceil(4 * width))
        part = slice(max(0, middle - reach), min(size, middle + reach + 1))
        bump = np.multiply.outer(bump, np.exp(-((np.arange(part.start, part.stop) - middle) ** 2) / (2 * width**2)))
        box.append(part)
    return tuple(box), bump
