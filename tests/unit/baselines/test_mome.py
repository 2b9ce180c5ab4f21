"""MoME's two formulas, what its gate learns from and when, and that mixture and rival are trained alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
import torch
from monai.losses.dice import DiceLoss
from torch import Tensor

from baselines.cine.network import load_weights, save_weights
from baselines.lesions.data import Batch
from baselines.lesions.losses import deep_supervision, dice_and_cross_entropy, level_weights
from baselines.lesions.training import Recipe, Run, images_of, sizes_of, train
from baselines.lesions.unet import DeepUNet, Levels
from baselines.mome.model import MODALITIES, Mixed, MoME, curriculum, fuse, own_experts
from baselines.mome.train import RECIPE as MOME
from baselines.mome.train import find_best, together
from baselines.unet_lesions.model import LesionUNet
from baselines.unet_lesions.train import RECIPE as UNET


@pytest.fixture(autouse=True)
def _same_numbers() -> None:
    torch.manual_seed(0)
    # small networks: a second thread costs more than it brings
    torch.set_num_threads(1)


def _net(*, dims: int = 2, recompute: int = 0) -> MoME:
    planes = 3 if dims == 2 else 1
    return MoME(dims=dims, planes=planes, channels=4, stages=3, spacing=4, recompute=recompute)


def _batch(*, dims: int = 2) -> Batch:
    space = (16,) * dims
    target = (torch.rand(5, *space) > 0.8).to(torch.uint8)
    return Batch(image=torch.randn(5, 3 if dims == 2 else 1, *space), target=target, modality=torch.arange(5))


@pytest.mark.parametrize(("progress", "own", "mixture"), [(0, 1, 0), (0.5, 0.25, 0.75), (1, 0, 1)])
def test_the_experts_own_loss_fades_quadratically(progress: float, own: float, mixture: float) -> None:
    assert curriculum(progress) == (own, mixture)


def test_the_first_step_teaches_the_gate_nothing_and_the_experts_their_own_modality() -> None:
    net = _net()
    # a gate whose last layer is not zero would learn at any other moment
    for head in net.gate.heads:
        torch.nn.init.normal_(cast("Tensor", head.weight))
    together(net, over_batch=True)(_batch(), progress=0.0).backward()  # type: ignore[no-untyped-call]
    for parameter in net.gate.parameters():
        assert parameter.grad is None or not parameter.grad.any()
    for expert in net.experts:
        assert max(float(value.grad.abs().max()) for value in expert.parameters() if value.grad is not None) > 0
    net.zero_grad()
    together(net, over_batch=True)(_batch(), progress=0.5).backward()  # type: ignore[no-untyped-call]
    gradients = [value.grad for value in net.gate.parameters() if value.grad is not None]
    assert max(float(value.abs().max()) for value in gradients) > 0


def test_without_curriculum_the_mixtures_loss_alone_counts_from_the_first_step() -> None:
    net, batch = _net(), _batch()
    loss = together(net, over_batch=True, with_curriculum=False)(batch, progress=0.0)
    assert loss.item() == pytest.approx(deep_supervision(net(batch.image).fused, batch.target, over_batch=True).item())


def test_a_gate_of_one_expert_gives_that_experts_logits() -> None:
    experts = [torch.randn(2, 2, 8, 8) for _ in MODALITIES]
    for place, expert in enumerate(experts):
        gate = torch.zeros(2, len(MODALITIES) * 2, 8, 8)
        gate[:, 2 * place : 2 * place + 2] = 1
        torch.testing.assert_close(fuse(gate, experts), expert)


def test_the_gate_weighs_every_voxel_and_class_apart() -> None:
    experts = [torch.full((1, 2, 1, 2), float(value)) for value in (1, 10)]
    # expert 0 for lesion at the first voxel, expert 1 for background at the second, twice
    gate = torch.zeros(1, 4, 1, 2)
    gate[0, 1, 0, 0], gate[0, 2, 0, 1] = 1, 2
    assert fuse(gate, experts)[0].tolist() == [[[0, 20]], [[1, 0]]]


@pytest.mark.parametrize("dims", [2, 3])
def test_every_level_is_mixed_and_begins_as_the_experts_mean(dims: int) -> None:
    net = _net(dims=dims)
    mixed: Mixed = net(_batch(dims=dims).image)
    assert [tuple(level.shape) for level in mixed.fused] == [(5, 2, *(16,) * dims), (5, 2, *(8,) * dims)]
    for at, level in enumerate(mixed.fused):
        mean = torch.stack([levels[at] for levels in mixed.experts]).mean(dim=0)
        torch.testing.assert_close(level, mean, rtol=1e-4, atol=1e-5)


def test_the_gate_sees_the_image_and_what_every_expert_makes_of_it_first() -> None:
    # 161 channels at the paper's size: one image and 32 features of each of five experts
    (first, *_) = next(iter(MoME(**sizes_of(folder="mome", size="gpu")[0] | {"stages": 2}).gate.down)).children()
    assert first.in_channels == 161


def test_of_every_item_its_own_modalitys_expert_is_taken() -> None:
    experts = [[torch.full((3, 2, 4, 4), float(place))] for place in range(5)]
    (found,) = own_experts(experts, torch.tensor([4, 0, 2]))
    assert found[:, 0, 0, 0].tolist() == [4, 0, 2]


def test_recomputed_activations_give_the_same_gradients() -> None:
    batch, found = _batch(dims=3), []
    for recompute in (0, 1):
        torch.manual_seed(1)
        net = _net(dims=3, recompute=recompute)
        together(net, over_batch=False)(batch, progress=0.5).backward()  # type: ignore[no-untyped-call]
        found.append([value.grad for value in net.parameters() if value.grad is not None])
    for kept, again in zip(*found, strict=True):
        torch.testing.assert_close(kept, again, rtol=1e-4, atol=1e-6)


def test_levels_weigh_half_of_the_one_above_and_the_lowest_nothing() -> None:
    assert level_weights(1) == (1,)
    assert level_weights(3) == (2 / 3, 1 / 3, 0)


@pytest.mark.parametrize("over_batch", [True, False])
def test_the_loss_is_monais_dice_and_cross_entropy(over_batch: bool) -> None:
    logits, target = torch.randn(4, 2, 8, 8), (torch.rand(4, 8, 8) > 0.7).long()
    theirs = DiceLoss(include_background=False, to_onehot_y=True, softmax=True, batch=over_batch)(
        logits, target[:, None]
    )
    peer = theirs + torch.nn.functional.cross_entropy(logits, target)
    assert dice_and_cross_entropy(logits, target, over_batch=over_batch).item() == pytest.approx(peer.item(), abs=1e-5)
    sure = torch.stack([1 - target, target], dim=1).float() * 100
    assert dice_and_cross_entropy(sure, target, over_batch=over_batch).item() == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("recipe", [MOME, UNET], ids=["mome", "unet_lesions"])
def test_a_ci_size_training_lowers_its_loss_and_its_weights_come_back(recipe: Recipe, tmp_path: Path) -> None:
    heard: list[str] = []
    trained = train(recipe=recipe, size="ci", seed=0, say=heard.append)
    assert trained.last_loss < 0.95 * trained.first_loss
    path = tmp_path / "weights.safetensors"
    save_weights(path=path, net=trained.net, sizes=sizes_of(folder=recipe.folder, size="ci")[0], note={})
    again = load_weights(path=path, build=recipe.build)
    for name, value in trained.net.state_dict().items():
        assert torch.equal(again.state_dict()[name], value)


def test_the_best_expert_is_the_one_that_segments_training_images_of_all_modalities_best() -> None:
    sizes, plan = sizes_of(folder="mome", size="ci")
    images = images_of("ci", plan=plan)
    net = MoME(**sizes)
    # every expert calls nothing lesion, but the third, which calls what is bright lesion; the reference is made to be just that
    bright = (images.volume > 1).to(torch.uint8)
    for expert in net.experts:
        for head in cast("DeepUNet", expert).heads:
            for parameter in head.parameters():
                torch.nn.init.zeros_(parameter)
    chosen = _Bright()
    net.experts[2] = chosen
    find_best(net, run=Run(network=sizes, plan=plan, images=replace(images, mask=bright), seed=0, say=lambda _: None))
    assert MODALITIES[int(net.best)] == "t2"


class _Bright(torch.nn.Module):
    """Calls lesion what is bright in the middle slice."""

    def forward(self, image: Tensor) -> Levels:
        middle = image[:, image.shape[1] // 2, None] - 1
        return Levels(features=[], logits=[torch.cat([-middle, middle], dim=1)])


def test_mixture_and_rival_get_the_same_data_and_steps_and_as_many_parameters() -> None:
    for size in ("ci", "cpu", "gpu"):
        (network, plan), (rival, same) = (sizes_of(folder=folder, size=size) for folder in ("mome", "unet_lesions"))
        assert plan == same
        assert plan.all_steps == 5 * plan.expert_steps + plan.joint_steps
        with torch.device("meta"):
            counts = [sum(one.numel() for one in net.parameters()) for net in (MoME(**network), LesionUNet(**rival))]
        assert 0.97 <= counts[1] / counts[0] <= 1.03
