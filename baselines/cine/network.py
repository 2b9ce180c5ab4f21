"""What a trained network needs inside a container: its weights file, the device, the loop over slices and frames."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from baselines.cine.io import Scan
from baselines.cine.run import Method, available_cpus

# (batch, coil, kx, ky) complex64 scaled to a zero-filled maximum near 1, mask (ky,) -> image (batch, x, y); a network that looks
# at adjacent frames gets them on an axis after the batch
Forward = Callable[[Tensor, Tensor], Tensor]
Net = TypeVar("Net", bound=nn.Module)
_FRAMES_AT_ONCE = 4


def save_weights(*, path: Path, net: nn.Module, sizes: Mapping[str, int], note: Mapping[str, Any]) -> None:
    """Write a network's weights with the sizes that rebuild it and a note on how they were made, in a folder made where it lacks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {name: value.contiguous() for name, value in net.state_dict().items()}
    metadata = {"sizes": json.dumps(dict(sizes), sort_keys=True), "note": json.dumps(dict(note), sort_keys=True)}
    save_file(tensors, path, metadata=metadata)
    path.chmod(0o644)  # safetensors writes for its owner alone, and a container may run as somebody else


def load_weights(*, path: Path, build: Callable[..., Net]) -> Net:
    """The network that save_weights wrote, ready for inference; `build` gets the stored sizes as keywords."""
    with safe_open(path, framework="pt") as file:
        net = build(**json.loads(file.metadata()["sizes"]))
        net.load_state_dict({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118 - not a mapping
    return net.eval()


def zero_filled_image(kspace: Tensor) -> Tensor:
    """Root sum of squares over coils of the inverse transform: (batch, coil, kx, ky) -> (batch, x, y)."""
    plane = (-2, -1)
    image = torch.fft.ifft2(torch.fft.ifftshift(kspace, dim=plane), norm="ortho")
    magnitude: Tensor = torch.fft.fftshift(image.abs().square().sum(dim=1).sqrt(), dim=plane)
    return magnitude


def neighbours(*, frames: int, adjacent: int) -> NDArray[np.int64]:
    """(frame, adjacent): for each frame of a series its neighbours in order, itself in the middle; adjacent is odd.

    A heartbeat is periodic, so the first frame follows the last; contrasts of a mapping scan are taken as periodic too, as
    PromptMR does. In a series shorter than `adjacent` the nearest neighbours are repeated: of 3 contrasts 5 are 2 2 0 1 1.
    """
    reach = np.arange(adjacent) - adjacent // 2
    nearest = np.clip(reach, -(frames // 2), frames // 2)
    found: NDArray[np.int64] = (np.arange(frames)[:, None] + nearest) % frames
    return found


def mixed_precision(device: torch.device, *, wanted: bool) -> torch.autocast:
    """Convolutions in bfloat16 where `wanted` and the device can; transforms and sums stay float32. No loss scaling is needed."""
    able = device.type != "cuda" or torch.cuda.is_bf16_supported()
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=wanted and able)


def frame_by_frame(*, net: nn.Module, forward: Callable[[nn.Module], Forward], adjacent: int = 1) -> Method:
    """A method for the container's loop: every frame of every slice, alone or with its neighbours.

    On a GPU where there is one, there in mixed precision.
    """
    torch.set_num_threads(available_cpus())
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    run = forward(net.to(device).eval())

    def method(scan: Scan) -> NDArray[np.float32]:
        frames, slices, _, ny, nx = scan.kspace.shape
        flat = scan.kspace.reshape(frames * slices, *scan.kspace.shape[2:])
        times = neighbours(frames=frames, adjacent=adjacent)[:, None] * slices
        around = (times + np.arange(slices)[:, None]).reshape(frames * slices, adjacent)
        mask = torch.from_numpy(np.ascontiguousarray(scan.mask.any(axis=1))).to(device)
        image = np.zeros((frames * slices, ny, nx), dtype=np.float32)
        for start in range(0, len(flat), _FRAMES_AT_ONCE):
            part = torch.from_numpy(flat[around[start : start + _FRAMES_AT_ONCE]]).to(device).transpose(-1, -2)
            middle = zero_filled_image(part[:, adjacent // 2])
            scale = middle.amax(dim=(-2, -1)).clamp_min(torch.finfo(torch.float32).tiny)
            part = part / scale[:, None, None, None, None]
            with torch.inference_mode(), mixed_precision(device, wanted=device.type == "cuda"):
                result = run(part if adjacent > 1 else part[:, 0], mask).float() * scale[:, None, None]
            image[start : start + _FRAMES_AT_ONCE] = result.clamp_min(0).transpose(-1, -2).cpu().numpy()
        # a frame without any signal has no scale, and a network would answer it with numbers that are not
        image[~flat.any(axis=(1, 2, 3))] = 0
        return image.reshape(frames, slices, ny, nx)

    return method
