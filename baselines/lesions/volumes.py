"""From a volume to what a network reads, and from its logits back to a mask: intensities, the box of the brain, slices or windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from monai.inferers.utils import sliding_window_inference
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate, pad

Volume = NDArray[np.floating[Any]]
Mask = NDArray[np.uint8]
#: (batch, planes, *space) -> logits (batch, 2, *space) of background and lesion, full resolution
Forward = Callable[[Tensor], Tensor]
_SLICES_AT_ONCE = 16


@dataclass(frozen=True, kw_only=True)
class View:
    """How a network wants to see a volume.

    dims: 2 takes `planes` neighbouring axial slices and answers the middle one, 3 takes windows. multiple: of this is every side
    of a slice. spacing: mm between voxels that it was trained on. window: voxels along each side in 3-D.
    """

    dims: int
    planes: int
    multiple: int
    spacing: float
    window: int = 128


@dataclass(frozen=True, kw_only=True)
class Network:
    """A network ready to segment."""

    forward: Forward
    view: View


def brain_box(volume: Volume) -> tuple[slice, slice, slice]:
    """The smallest box around all voxels above 0; the whole volume where there is none. (x, y, z)"""
    bright = volume > 0
    sides = []
    for axis in range(3):
        seen = np.flatnonzero(bright.any(axis=tuple(other for other in range(3) if other != axis)))
        sides.append(slice(int(seen[0]), int(seen[-1]) + 1) if len(seen) else slice(0, volume.shape[axis]))
    return sides[0], sides[1], sides[2]


def normalised(volume: Volume) -> NDArray[np.float32]:
    """Mean 0 and standard deviation 1 over voxels above 0, which stay 0 elsewhere: scanners have no unit. (x, y, z)"""
    brain = volume > 0
    if not brain.any():
        return np.zeros(volume.shape, dtype=np.float32)
    values = volume[brain].astype(np.float64)
    scaled = (volume - values.mean()) / max(float(values.std()), 1e-6)
    found: NDArray[np.float32] = np.where(brain, scaled, 0).astype(np.float32)
    return found


def stacks(volume: Tensor, *, planes: int) -> Tensor:
    """Every axial slice with its neighbours, empty ones beyond the ends: (x, y, z) -> (z, planes, x, y)."""
    reach = planes // 2
    return pad(volume, (reach, reach)).unfold(2, planes, 1).permute(2, 3, 0, 1)


def resized(volume: Tensor, *, shape: Sequence[int]) -> Tensor:
    """Onto a coarser or finer grid that covers the same space: means where voxels merge, else linear. (channel, x, y, z)"""
    smaller = tuple(min(now, wanted) for now, wanted in zip(volume.shape[1:], shape, strict=True))
    merged = interpolate(volume[None], size=smaller, mode="area")
    return interpolate(merged, size=tuple(shape), mode="trilinear")[0]


def segment(volume: Volume, *, spacing: Sequence[float], network: Network) -> Mask:
    """Lesion 1, else 0, on the volume's grid. volume: (x, y, z), any intensity unit, 0 outside the brain; spacing: mm."""
    mask: Mask = masks(volume, spacing=spacing, network=network)[0]
    return mask


def masks(volume: Volume, *, spacing: Sequence[float], network: Network) -> Mask:
    """As segment, for a network that answers several pairs of logits, one mask a pair: (mask, x, y, z)."""
    box = brain_box(volume)
    image = torch.from_numpy(normalised(volume[box]))
    shape = tuple(
        max(1, round(side * mm / network.view.spacing)) for side, mm in zip(image.shape, spacing, strict=True)
    )
    run = _slices if network.view.dims == 2 else _windows
    with torch.inference_mode():
        logits = resized(run(resized(image[None], shape=shape)[0], network), shape=image.shape)
    found = np.zeros((len(logits) // 2, *volume.shape), dtype=np.uint8)
    found[:, *box] = (logits[1::2] > logits[0::2]).numpy()
    # nothing is known of what was not imaged
    found[:, volume <= 0] = 0
    return found


def _slices(image: Tensor, network: Network) -> Tensor:
    """(x, y, z) -> logits (logit, x, y, z), slice by slice."""
    width, height, multiple = int(image.shape[0]), int(image.shape[1]), network.view.multiple
    seen = pad(stacks(image, planes=network.view.planes), (0, -height % multiple, 0, -width % multiple))
    parts = [network.forward(part).cpu() for part in torch.split(seen, _SLICES_AT_ONCE)]
    return torch.cat(parts)[:, :, :width, :height].permute(1, 2, 3, 0)


def _windows(image: Tensor, network: Network) -> Tensor:
    """(x, y, z) -> logits (logit, x, y, z): overlapping windows, weighed by a Gaussian around their centres, as nnU-Net does."""
    found: Any = sliding_window_inference(
        inputs=image[None, None],
        roi_size=(network.view.window,) * 3,
        sw_batch_size=1,
        predictor=network.forward,
        overlap=0.5,
        mode="gaussian",
    )
    logits: Tensor = found[0].cpu()
    return logits
