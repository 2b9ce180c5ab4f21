"""The training loop: the same data for every method, neighbours beside them, and less memory or precision without another result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from baselines.cine import training
from baselines.cine.data import Batch, Frames, batches, training_frames
from baselines.cine.training import Plan, checkpointed, sizes_of, train
from baselines.d3gm import train as d3gm
from baselines.d3gm.net import NoiseNet
from baselines.e2e_varnet.train import RECIPE as VARNET
from baselines.promptmr.train import RECIPE as PROMPTMR
from baselines.unet.train import RECIPE as UNET
from evaluators.phantoms.sizes import CineSize

SIZE = CineSize(nx=48, ny=36, coils=4, slices=2, frames=3)
RECIPES = {"unet": UNET, "e2e_varnet": VARNET, "promptmr": PROMPTMR}
TRAINED = (*RECIPES, "d3gm")


@pytest.fixture(scope="module")
def frames() -> Frames:
    return training_frames(subjects=2, shapes=1, size=SIZE)


def drawn(frames: Frames, *, adjacent: int = 1, steps: int = 12) -> list[Batch]:
    return list(batches(frames=frames, steps=steps, batch=2, seed=7, adjacent=adjacent))


def test_the_committed_weights_of_one_frame_methods_were_trained_on_these_batches(frames: Frames) -> None:
    # numbers of the stream as it was when the weights of unet and e2e_varnet were trained
    first = drawn(frames, steps=1)[0]
    assert float(first.kspace.abs().sum()) == pytest.approx(476.224, rel=1e-5)
    assert complex(first.kspace[1, 2, 20, 17]) == pytest.approx(-0.4416 + 0.4011j, abs=1e-4)
    assert float(first.target[0, 20, 18]) == pytest.approx(1.0564, abs=1e-4)


@pytest.mark.parametrize("adjacent", [3, 5])
def test_with_neighbours_the_frames_in_the_middle_are_those_of_one_frame(frames: Frames, adjacent: int) -> None:
    for alone, together in zip(drawn(frames), drawn(frames, adjacent=adjacent), strict=True):
        assert together.kspace.shape == (2, adjacent, *alone.kspace.shape[1:])
        assert torch.equal(together.kspace[:, adjacent // 2], alone.kspace)
        assert torch.equal(together.target, alone.target)
        assert torch.equal(together.mask, alone.mask)


def test_mapping_contrasts_come_after_the_films_and_change_none_of_them(frames: Frames) -> None:
    more = training_frames(subjects=2, shapes=1, mapping=1, size=SIZE)
    count = len(frames.kspace)
    assert len(more.kspace) == count + (9 + 3) * SIZE.slices
    assert torch.equal(more.kspace[:count], frames.kspace)
    assert torch.equal(more.target[:count], frames.target)


def test_neighbours_are_of_the_same_slice_of_the_same_scan() -> None:
    size = replace(SIZE, frames=6)
    found = training_frames(subjects=1, shapes=1, mapping=1, size=size)
    scans = [6] * 4 + [9, 3]
    expected, first = [], 0
    for length in scans:
        for time in range(length):
            for at in range(size.slices):
                reach = [-2, -1, 0, 1, 2] if length > 3 else [-1, -1, 0, 1, 1]
                expected.append([first + (time + step) % length * size.slices + at for step in reach])
        first += length * size.slices
    assert found.around.tolist() == expected


def test_neighbours_are_measured_apart_but_one_frame_only_once(frames: Frames) -> None:
    for batch in drawn(frames, adjacent=5):
        film = batch.kspace[0]
        # three frames: the two before are one and the same, as are the two after
        assert torch.equal(film[0], film[1])
        assert torch.equal(film[3], film[4])
        assert not torch.equal(film[1], film[2])
        assert not torch.equal(film[1], film[3])
        assert not film[..., ~batch.mask].any()


def a_short_training(name: str, monkeypatch: pytest.MonkeyPatch, **changes: bool) -> tuple[float, list[torch.Tensor]]:
    """Loss of the last of twenty training steps, which the gradients of the others decide, and the parameters after all."""

    def shortened(*, folder: str, size: training.SizeName) -> tuple[dict[str, int], Plan]:
        network, plan = sizes_of(folder=folder, size=size)
        return network, replace(plan, subjects=1, shapes=0, mapping=0, steps=20, batch=1, **changes)

    for module in (training, d3gm):
        monkeypatch.setattr(module, "sizes_of", shortened)
    if name == "d3gm":
        found = d3gm.train(d3gm.Job(size="ci"), say=lambda _: None)
    else:
        found = train(recipe=RECIPES[name], size="ci", seed=0, say=lambda _: None)
    monkeypatch.undo()
    return found.last_loss, [value.detach() for value in found.net.parameters()]


@pytest.mark.parametrize("name", TRAINED)
def test_checkpointing_changes_no_number(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    plain, weights = a_short_training(name, monkeypatch)
    saved, same = a_short_training(name, monkeypatch, checkpointing=True)
    assert saved == pytest.approx(plain, rel=1e-4)
    for one, other in zip(weights, same, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", TRAINED)
def test_mixed_precision_is_close_and_still_another_arithmetic(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    plain, weights = a_short_training(name, monkeypatch)
    mixed, others = a_short_training(name, monkeypatch, mixed_precision=True)
    assert mixed == pytest.approx(plain, rel=0.05)
    assert {value.dtype for value in others} == {torch.float32}
    assert any(not torch.equal(one, other) for one, other in zip(weights, others, strict=True))


def a_run(name: str) -> tuple[torch.nn.Module, Callable[[], object]]:
    """A network of size ci and one pass through it."""
    torch.manual_seed(0)
    if name == "d3gm":
        noise, image, time = NoiseNet(channels=8, levels=2, patch=1), torch.rand(1, 2, 48, 36), torch.ones(1)
        return noise, lambda: noise(image, image, time)
    recipe = RECIPES[name]
    network, _ = recipe.sizes("ci")
    net = recipe.build(**network)
    batch = next(batches(frames=training_frames(subjects=1, shapes=0, size=SIZE), steps=1, batch=1, seed=0, adjacent=3))
    kspace = batch.kspace if "adjacent" in network else batch.kspace[:, 1]
    return net, lambda: recipe.forward(net)(kspace, batch.mask)


@pytest.mark.parametrize("name", TRAINED)
def test_checkpointing_keeps_fewer_numbers_for_the_way_back(name: str) -> None:
    net, run = a_run(name)

    def kept() -> int:
        sizes: list[int] = []

        def pack(tensor: torch.Tensor) -> torch.Tensor:
            sizes.append(tensor.numel())
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            run()
        return sum(sizes)

    all_of_it = kept()
    with checkpointed(net):
        assert kept() < 0.5 * all_of_it
    assert kept() == all_of_it


@pytest.mark.parametrize("name", TRAINED)
def test_gpu_size_uses_both(name: str) -> None:
    _, plan = sizes_of(folder=name, size="gpu")
    assert plan.mixed_precision
    assert plan.checkpointing


def test_what_is_changed_about_a_recipe_reaches_its_network_and_its_name() -> None:
    alone = replace(PROMPTMR, changed={"adjacent": 1})
    network, plan = alone.sizes("cpu")
    assert (network["adjacent"], alone.name) == (1, "promptmr-adjacent1")
    assert plan == PROMPTMR.sizes("cpu")[1]
    assert alone.build(**network).adjacent == 1
