"""PromptMR sees the neighbours that it should, keeps what was measured, and mixes its prompts by weights that sum to 1."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from baselines.cine.io import Scan
from baselines.cine.network import frame_by_frame, neighbours, zero_filled_image
from baselines.promptmr.model import PromptMR, Together
from baselines.promptmr.prompt_unet import PROMPTS, AttentionBlock, PromptBlock, PromptUnet
from baselines.promptmr.train import RECIPE
from evaluators.phantoms.sampling import cartesian_mask

COILS, NX, NY = 3, 40, 36


@pytest.fixture(autouse=True)
def _same_numbers() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)


def promptmr(adjacent: int = 5, *, trained: bool = True) -> PromptMR:
    """A small network; `trained` moves the last layers, which begin at zero."""
    net = PromptMR(adjacent=adjacent, cascades=2, channels=4, blocks=1, side=8).eval()
    if trained:
        for module in net.modules():
            if isinstance(module, PromptUnet):
                torch.nn.init.normal_(module.last.weight, std=0.05)
    return net


def measured(*shape: int) -> tuple[torch.Tensor, torch.Tensor]:
    """k-space (*shape, coil, kx, ky) on the lines of a fourfold mask, and that mask (ky,)."""
    mask = torch.from_numpy(cartesian_mask(nx=NX, ny=NY, acceleration=4)[:, 0].copy())
    return torch.randn(*shape, COILS, NX, NY, dtype=torch.complex64) * mask, mask


def film(frames: int) -> Scan:
    kspace, mask = measured(frames, 1)
    lines = np.repeat(mask.numpy()[:, None], NX, axis=1)
    return Scan(kspace=kspace.transpose(-1, -2).contiguous().numpy(), mask=lines)


def changed(scan: Scan, *, frame: int) -> Scan:
    kspace = scan.kspace.copy()
    kspace[frame] *= 1.5
    kspace[frame, :, 0] *= -1
    return Scan(kspace=kspace, mask=scan.mask)


def frames_that_differ(adjacent: int, *, frames: int, frame: int) -> set[int]:
    """Of which frames the image changes when the k-space of `frame` does."""
    net = promptmr(adjacent)
    method = frame_by_frame(net=net, forward=RECIPE.forward, adjacent=adjacent)
    scan = film(frames)
    before, after = method(scan), method(changed(scan, frame=frame))
    apart: NDArray[np.float32] = np.abs(after - before).max(axis=(1, 2, 3)) / before.max()
    return {int(at) for at in np.flatnonzero(apart > 1e-5)}


def test_neighbours_go_round_the_heartbeat() -> None:
    assert neighbours(frames=8, adjacent=5)[[0, 3, 7]].tolist() == [[6, 7, 0, 1, 2], [1, 2, 3, 4, 5], [5, 6, 7, 0, 1]]
    assert neighbours(frames=8, adjacent=1)[:, 0].tolist() == list(range(8))


def test_a_series_shorter_than_what_is_asked_repeats_the_nearest() -> None:
    assert neighbours(frames=3, adjacent=5).tolist() == [[2, 2, 0, 1, 1], [0, 0, 1, 2, 2], [1, 1, 2, 0, 0]]
    assert neighbours(frames=1, adjacent=5).tolist() == [[0] * 5]


@pytest.mark.parametrize(
    ("adjacent", "expected"), [(5, {2, 3, 4, 5, 6}), (3, {3, 4, 5}), (1, {4})], ids=["five", "three", "one"]
)
def test_a_frame_depends_on_its_neighbours_and_on_no_other(adjacent: int, expected: set[int]) -> None:
    assert frames_that_differ(adjacent, frames=9, frame=4) == expected


def test_the_first_frame_depends_on_the_last_two() -> None:
    assert frames_that_differ(5, frames=9, frame=8) == {6, 7, 8, 0, 1}


def test_without_its_networks_it_is_the_zero_filled_image_and_keeps_what_was_measured() -> None:
    net = promptmr(trained=False)
    for cascade in net.net.cascades:
        assert cascade.dc_weight.item() == 1
        cascade.model.forward = torch.zeros_like
    kspace, mask = measured(2, 5)
    with torch.inference_mode():
        assert torch.equal(net.kspace(measured=kspace, mask=mask)[..., mask], kspace[:, 2][..., mask])
        torch.testing.assert_close(net(kspace, mask), zero_filled_image(kspace[:, 2]), rtol=1e-5, atol=1e-6)


def test_every_frame_is_pulled_back_to_its_own_measured_lines() -> None:
    net = promptmr(trained=False)
    cascade = net.net.cascades[0]
    cascade.model.forward = torch.zeros_like
    kspace, mask = measured(5)
    wrong = torch.randn_like(torch.view_as_real(kspace))
    lines = mask.reshape(1, 1, 1, -1, 1)
    maps = torch.view_as_real(net.coil_maps(measured=kspace, mask=mask))
    with torch.inference_mode():
        corrected = cascade(wrong, torch.view_as_real(kspace), lines, maps)
    kept = torch.view_as_complex(corrected.contiguous())
    torch.testing.assert_close(kept[..., mask], kspace[..., mask], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(corrected[..., ~mask, :], wrong[..., ~mask, :])


def test_coil_maps_of_each_frame_are_its_own_and_have_unit_sum_of_squares() -> None:
    net = promptmr()
    kspace, mask = measured(5)
    other = kspace.clone()
    other[3] = other[3].roll(1, dims=0)
    with torch.inference_mode():
        maps, moved = (net.coil_maps(measured=one, mask=mask) for one in (kspace, other))
    torch.testing.assert_close(maps.abs().square().sum(dim=1), torch.ones(5, NX, NY), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(moved[[0, 1, 2, 4]], maps[[0, 1, 2, 4]])
    torch.testing.assert_close(moved[3], maps[3].roll(1, dims=0))


def test_prompts_are_mixed_by_weights_that_sum_to_one_and_follow_the_input() -> None:
    block = PromptBlock(features=6, channels=4, side=8)
    features = torch.randn(3, 6, 12, 10)
    weights = block.weights(features)
    assert weights.shape == (3, PROMPTS)
    assert weights.min() > 0
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(3))
    assert (weights[0] - weights[1]).abs().max() > 1e-3
    assert block(features).shape == (3, 4, 12, 10)


def test_prompts_that_are_all_alike_come_out_as_that_one() -> None:
    block = PromptBlock(features=6, channels=4, side=8)
    block.stored[:] = block.stored[0].mean(dim=(-2, -1))[None, :, None, None]
    torch.nn.init.dirac_(block.convolution.weight)
    found = block(torch.randn(2, 6, 12, 10))
    torch.testing.assert_close(found, block.stored[0, :, :1, :1].expand(2, 4, 12, 10))


def test_stored_prompts_are_kept_with_the_weights_and_not_learned() -> None:
    net = promptmr()
    stored = {name for name in net.state_dict() if name.endswith(".stored")}
    assert len(stored) == 3 * 3  # three levels in each of two cascades and in the network of the coil maps
    assert not stored & {name for name, _ in net.named_parameters()}


def test_an_attention_block_adds_to_its_input() -> None:
    block = AttentionBlock(8)
    block.body[2].weight.data.zero_()  # type: ignore[operator]
    image = torch.randn(2, 8, 12, 10)
    assert torch.equal(block(image), image)


def test_a_prompt_unet_has_the_papers_number_of_parameters_at_the_papers_size() -> None:
    # counted on the published network: weights of one cascade, its stored prompts included, all but the attention's biases
    net = PromptUnet(planes=10, channels=48, blocks=3, side=64)
    biases = sum(value.numel() for name, value in net.named_parameters() if ".fc." in name and name.endswith("bias"))
    count = sum(value.numel() for value in net.state_dict().values()) - biases
    assert 12 * count == pytest.approx(82e6, rel=0.1)


def test_it_answers_in_the_scale_of_its_input_at_any_matrix() -> None:
    net = promptmr()
    kspace, mask = measured(1, 5)
    kspace, mask = kspace[..., :37, :34], mask[:34]
    with torch.inference_mode():
        once, gained = net(kspace, mask), net(kspace * 3, mask)
    assert once.shape == (1, 37, 34)
    torch.testing.assert_close(gained, 3 * once, rtol=1e-3, atol=1e-3)


def test_the_coil_maps_learn_from_the_frame_in_the_middle_or_from_all() -> None:
    kspace, mask = measured(1, 5)
    found = []
    for map_frames in (1, 5):
        torch.manual_seed(1)
        net = PromptMR(adjacent=5, cascades=1, channels=4, blocks=1, side=8, map_frames=map_frames)
        torch.nn.init.normal_(net.net.cascades[0].model.unet.last.weight, std=0.05)
        image = net(kspace, mask)
        image.square().sum().backward()
        found.append((image, net.net.coil_sensitivity_model.conv_net.unet.last.weight.grad))
    torch.testing.assert_close(found[0][0], found[1][0])
    assert min(float(gradient.abs().max()) for _, gradient in found) > 0
    assert not torch.allclose(found[0][1], found[1][1], rtol=1e-2)


def test_planes_come_back_to_the_frame_that_they_came_from() -> None:
    net = Together(adjacent=5, channels=4, blocks=1, side=8, keeps_input=True)
    image = torch.randn(10, 1, 16, 8, 2)
    torch.testing.assert_close(net(image), image, rtol=1e-5, atol=1e-5)


def test_a_number_of_frames_without_a_middle_is_refused() -> None:
    with pytest.raises(ValueError, match="choose 1, 3 or 5"):
        PromptMR(adjacent=2, cascades=1, channels=4, blocks=1, side=8)
