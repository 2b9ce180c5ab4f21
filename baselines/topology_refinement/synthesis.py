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

    haze: a second field, of a peak drawn from 0 to this, dims up the background of the whole image: the released `_bi` variant,
    which has it in a patch. Networks are unsure over areas, and a refiner that never saw that makes specks of it.
    """

    family: Family = Family.CHEBYSHEV
    order: int = 6
    window: int = 64
    #: brightest haze on background; 0 leaves it out
    haze: float = 0.0
    _known: dict[int, NDArray[np.float64]] = field(default_factory=dict, repr=False, compare=False)

    def draw(self, label: Label, *, rng: np.random.Generator) -> Probability:
        """One torn map of `label`, from 0 to 1, float32, in the mask's shape."""
        torn = label.mask.astype(np.float64)
        if len(label.skeleton):
            window = self.window_around(label.skeleton[int(rng.integers(len(label.skeleton)))], shape=torn.shape)
            torn[window] *= self._gain([part.stop - part.start for part in window], rng=rng)
        torn = torn + self._blobs(label.mask, rng=rng)
        if self.haze:
            shade = rng.uniform(0, self.haze) * self._gain(list(torn.shape), rng=rng)
            torn = np.maximum(torn, np.where(label.mask, 0, shade))
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

    def _gain(self, sizes: list[int], *, rng: np.random.Generator) -> NDArray[np.float64]:
        """max(0, 1.5 r - 0.5) of a random field r: some four fifths of a window fall below a half, a fifth to zero."""
        side = max(sizes)
        if side not in self._known:
            self._known[side] = basis(self.family, order=self.order, size=side)
        random = random_field(self._known[side], axes=len(sizes), rng=rng)
        return np.maximum(0, 1.5 * random - 0.5)[tuple(slice(0, size) for size in sizes)]

    def _blobs(self, mask: Mask, *, rng: np.random.Generator) -> NDArray[np.float64]:
        """One to nine Gaussian blobs centred on the background."""
        blobs = np.zeros(mask.shape)
        background = np.flatnonzero(~mask)
        if not background.size:
            return blobs
        for _ in range(int(rng.integers(1, MOST_BLOBS + 1))):
            centre = np.unravel_index(background[int(rng.integers(background.size))], mask.shape)
            peak = rng.choice(BLOB_PEAKS)
            bump = np.ones(())
            for middle, size in zip(centre, mask.shape, strict=True):
                width = max(0.5, abs(rng.normal(*BLOB_WIDTH)))
                bump = np.multiply.outer(bump, np.exp(-((np.arange(size) - middle) ** 2) / (2 * width**2)))
            blobs += peak * bump
        return blobs
