"""The two training losses of the baselines, both independent of a frame's scale."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import avg_pool2d

_WINDOW = 7


def one_minus_ssim(image: Tensor, target: Tensor) -> Tensor:
    """1 - SSIM with 7x7 uniform windows and the target's maximum as data range, mean over (batch, x, y). E2E-VarNet's."""
    largest = target.amax(dim=(-2, -1), keepdim=True)
    first, second = (image / largest)[:, None], (target / largest)[:, None]
    c1, c2, pixels = 0.01**2, 0.03**2, _WINDOW**2

    def local_mean(picture: Tensor) -> Tensor:
        return avg_pool2d(picture, _WINDOW, stride=1)

    mean_1, mean_2 = local_mean(first), local_mean(second)
    unbiased = pixels / (pixels - 1)
    power_1 = unbiased * (local_mean(first * first) - mean_1 * mean_1)
    power_2 = unbiased * (local_mean(second * second) - mean_2 * mean_2)
    shared = unbiased * (local_mean(first * second) - mean_1 * mean_2)
    similarity = ((2 * mean_1 * mean_2 + c1) * (2 * shared + c2)) / (
        (mean_1.square() + mean_2.square() + c1) * (power_1 + power_2 + c2)
    )
    return 1 - similarity.mean()


def normalised_l1(image: Tensor, target: Tensor) -> Tensor:
    """Mean absolute error over the target's standard deviation, mean over (batch, x, y). fastMRI's U-Net."""
    return ((image - target).abs() / target.std(dim=(-2, -1), keepdim=True)).mean()
