"""U-Net and VarNet keep the promises of their papers, and learn when they are trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from monai.apps.reconstruction.networks.nets.utils import sensitivity_map_expand, sensitivity_map_reduce
from skimage.metrics import structural_similarity

from baselines.cine.losses import normalised_l1, one_minus_ssim
from baselines.cine.network import load_weights, save_weights, zero_filled_image
from baselines.cine.training import Recipe, sizes_of, train
from baselines.cine.unet import UNet, padded
from baselines.e2e_varnet.model import VarNet
from baselines.e2e_varnet.train import RECIPE as VARNET
from baselines.promptmr.train import RECIPE as PROMPTMR
from baselines.unet.model import MagnitudeUNet
from baselines.unet.train import RECIPE as UNET
from evaluators.phantoms.sampling import cartesian_mask


@pytest.fixture(autouse=True)
def _same_numbers() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(2)


def _measured(*, batch: int = 2, coils: int = 4, nx: int = 40, ny: int = 36) -> tuple[torch.Tensor, torch.Tensor]:
    mask = torch.from_numpy(cartesian_mask(nx=nx, ny=ny, acceleration=4)[:, 0].copy())
    return torch.randn(batch, coils, nx, ny, dtype=torch.complex64) * mask, mask


def _varnet() -> VarNet:
    return VarNet(cascades=2, channels=4, pools=2, coil_channels=2, coil_pools=2).eval()


class Nothing(torch.nn.Module):
    """A refinement that changes nothing."""

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return torch.zeros_like(image)


def test_varnet_without_its_networks_is_the_zero_filled_image_and_keeps_what_was_measured() -> None:
    net = _varnet()
    for cascade in net.net.cascades:
        assert cascade.dc_weight.item() == 1
        cascade.model = Nothing()
    measured, mask = _measured()
    with torch.inference_mode():
        torch.testing.assert_close(net(measured, mask), zero_filled_image(measured), rtol=1e-5, atol=1e-6)
        assert torch.equal(net.kspace(measured=measured, mask=mask)[..., mask], measured[..., mask])


def test_data_consistency_pulls_a_wrong_estimate_back_to_the_measured_lines() -> None:
    net = _varnet()
    net.net.cascades[0].model = Nothing()
    measured, mask = _measured()
    lines = mask.reshape(1, 1, 1, -1, 1)
    maps = torch.view_as_real(net.coil_maps(measured=measured, mask=mask))
    wrong = torch.randn_like(torch.view_as_real(measured))
    with torch.inference_mode():
        corrected = net.net.cascades[0](wrong, torch.view_as_real(measured), lines, maps)
    kept = torch.view_as_complex(corrected.contiguous())
    torch.testing.assert_close(kept[..., mask], measured[..., mask], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(corrected[..., ~mask, :], wrong[..., ~mask, :])


def test_learned_coil_maps_have_unit_sum_of_squares() -> None:
    measured, mask = _measured()
    with torch.inference_mode():
        maps = _varnet().coil_maps(measured=measured, mask=mask)
    torch.testing.assert_close(maps.abs().square().sum(dim=1), torch.ones(2, 40, 36), rtol=1e-4, atol=1e-4)


def test_coil_maps_use_the_calibration_lines_alone() -> None:
    net = _varnet()
    measured, mask = _measured()
    other = measured.clone()
    far = int(mask.nonzero()[0])  # the outermost sampled line
    other[..., far] += 5
    with torch.inference_mode():
        torch.testing.assert_close(
            net.coil_maps(measured=measured, mask=mask), net.coil_maps(measured=other, mask=mask)
        )


def test_varnets_expand_and_reduce_are_adjoint_to_each_other() -> None:
    shape = (1, 5, 24, 20, 2)
    maps, kspace = torch.randn(shape, dtype=torch.float64), torch.randn(shape, dtype=torch.float64)
    image = torch.randn((1, 1, 24, 20, 2), dtype=torch.float64)
    left = (sensitivity_map_expand(image, maps) * kspace).sum()
    right = (image * sensitivity_map_reduce(kspace, maps)).sum()
    assert abs(left - right) / abs(left) < 1e-5


def test_varnet_answers_in_the_scale_of_its_input() -> None:
    net = _varnet()
    torch.nn.init.normal_(net.net.cascades[0].model.unet.last.weight, std=0.1)
    measured, mask = _measured()
    with torch.inference_mode():
        once, gained = net(measured, mask), net(measured * 3, mask)
    torch.testing.assert_close(gained, 3 * once, rtol=1e-3, atol=1e-3)


def test_unet_answers_in_the_scale_of_its_input_at_any_matrix() -> None:
    net = MagnitudeUNet(channels=4, pools=3).eval()
    image = torch.rand(2, 42, 37)
    with torch.inference_mode():
        once, brighter = net(image), net(image * 1e-4)
    assert once.shape == image.shape
    torch.testing.assert_close(brighter, once * 1e-4, rtol=1e-3, atol=1e-7)


def test_padding_is_undone_exactly() -> None:
    image = torch.rand(1, 1, 42, 37)
    bigger, inside = padded(image=image, multiple=8)
    assert bigger.shape == (1, 1, 48, 40)
    assert torch.equal(bigger[..., inside[0], inside[1]], image)


def test_unet_has_the_papers_number_of_parameters_at_the_papers_size() -> None:
    # Zbontar et al. 2018, table of U-Nets: 32 channels, 4 poolings, 7.76 million
    count = sum(value.numel() for value in UNet(inputs=1, outputs=1, channels=32, pools=4).parameters())
    assert round(count / 1e6, 2) == 7.76


def test_ssim_loss_is_one_minus_the_ssim_of_scikit_image() -> None:
    target, image = torch.rand(2, 30, 26), torch.rand(2, 30, 26)
    theirs: Any = structural_similarity
    peer = np.mean(
        [
            theirs(t.numpy(), i.numpy(), data_range=float(t.max()))
            for t, i in zip(target.double(), image.double(), strict=True)
        ]
    )
    assert one_minus_ssim(image, target).item() == pytest.approx(1 - peer, abs=1e-5)


def test_losses_vanish_for_a_perfect_image_and_do_not_see_its_scale() -> None:
    target, image = torch.rand(2, 30, 26), torch.rand(2, 30, 26)
    for loss in (one_minus_ssim, normalised_l1):
        assert loss(target, target).item() == pytest.approx(0, abs=1e-5)
        assert loss(image * 1e-3, target * 1e-3).item() == pytest.approx(loss(image, target).item(), rel=1e-3)


@pytest.mark.parametrize("recipe", [UNET, VARNET, PROMPTMR], ids=["unet", "e2e_varnet", "promptmr"])
def test_a_ci_size_training_lowers_its_loss_and_its_weights_come_back(recipe: Recipe, tmp_path: Path) -> None:
    trained = train(recipe=recipe, size="ci", seed=0, say=lambda _: None)
    assert trained.last_loss < 0.8 * trained.first_loss
    # a folder that is not there yet would lose the training
    path = tmp_path / "new" / "weights.safetensors"
    save_weights(path=path, net=trained.net, sizes=sizes_of(folder=recipe.folder, size="ci")[0], note={})
    again = load_weights(path=path, build=recipe.build)
    frames = recipe.sizes("ci")[0].get("adjacent", 1)
    measured, mask = _measured(batch=2 * frames, coils=4)
    measured = measured if frames == 1 else measured.reshape(2, frames, *measured.shape[1:])
    with torch.inference_mode():
        assert torch.equal(recipe.forward(again)(measured, mask), recipe.forward(trained.net)(measured, mask))


def test_both_networks_get_the_same_data_and_steps() -> None:
    for size in ("ci", "cpu", "gpu"):
        assert sizes_of(folder="unet", size=size)[1] == sizes_of(folder="e2e_varnet", size=size)[1]
