"""The refiner is the released code's network, all networks learn, and what stands behind a network does what it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from torch import nn

from baselines.topology_refinement import training, tuning_synthesis
from baselines.topology_refinement.basis import Family
from baselines.topology_refinement.data import GATE_SEED, TRAINING_SEED, VALIDATION_SEED, batch_of, subjects
from baselines.topology_refinement.inference import (
    CLOSING_RADIUS,
    SMALLEST_PIECE,
    VARIANTS,
    closed,
    normalised,
    probabilities,
    segmenter,
    without_specks,
)
from baselines.topology_refinement.model import After, Bundle, Refiner, Upstream
from baselines.topology_refinement.training import SizeName, Trained, WindowFillsCrop, sizes_of, train
from baselines.topology_refinement.tuning import GRID


@pytest.mark.parametrize(("dims", "parameters"), [(2, 109_817), (3, 328_841)])
def test_the_refiner_has_the_released_codes_parameters_and_keeps_the_shape(dims: int, parameters: int) -> None:
    net = Refiner(dims=dims, channels=8)
    assert sum(one.numel() for one in net.parameters()) == parameters
    image = torch.rand(2, 1, *(32, 24, 16)[:dims])
    assert net(image).shape == image.shape


@pytest.fixture(scope="module", params=["ci", "ci-volume"])
def trained(request: pytest.FixtureRequest) -> Trained:
    size: SizeName = request.param
    torch.set_num_threads(2)
    return train(size=size, seed=0, say=lambda _: None)


def test_a_short_training_lowers_the_loss_of_every_network(trained: Trained) -> None:
    assert set(trained.first_loss) == {*Upstream, *After}
    for name, first in trained.first_loss.items():
        assert trained.last_loss[name] < 0.97 * first, name


def test_the_seed_decides_the_training() -> None:
    names = (After.REFINED,)
    one, again = (train(size="ci", seed=5, say=lambda _: None, names=names).last_loss for _ in range(2))
    other = train(size="ci", seed=6, say=lambda _: None, names=names).last_loss
    assert one == again
    assert one != other


class _Lift(nn.Module):
    """A refiner by hand: a probability of 0.3 and more is foreground."""

    def __init__(self) -> None:
        super().__init__()
        self.by = nn.Parameter(torch.tensor(0.2))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return (image + self.by).clamp(0.01, 0.99).logit()


def test_a_refiner_is_fed_with_probabilities_and_not_with_a_mask() -> None:
    torch.manual_seed(0)
    bundle = Bundle(dims=2, channels=4, dilated=4, refiner=4)
    bundle.nets[After.REFINED.value] = _Lift()
    image = np.random.default_rng(0).standard_normal((64, 64)).astype(np.float32)
    first = probabilities(bundle.nets[Upstream.A.value])(normalised(image))
    assert ((first > 0.31) & (first < 0.49)).any()
    assert np.array_equal(segmenter(bundle, variant="network-a-refined")(image), first > np.float32(0.3))


def test_sides_that_no_stride_divides_come_back_as_they_were(trained: Trained) -> None:
    shape = (37, 50, 21)[: trained.bundle.dims]
    image = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    for variant in VARIANTS:
        mask = segmenter(trained.bundle, variant=variant)(image)
        assert mask.shape == shape
        assert mask.dtype == np.bool_


def test_weights_of_pictures_refuse_volumes() -> None:
    bundle = Bundle(dims=2, channels=4, dilated=4, refiner=4)
    with pytest.raises(ValueError, match="trained on images of 2"):
        segmenter(bundle, variant="network-b")(np.zeros((8, 8, 8), dtype=np.float32))


def test_every_family_has_a_refiner_and_the_rival_has_none() -> None:
    assert {after.family for after in After} == {*Family, None}
    assert After.BIASED.family is None


def test_the_biased_rival_never_sees_a_torn_reference_and_the_refiner_never_a_network() -> None:
    """Network A is untrained here: what the rival learns changes with it, what the refiner learns does not."""
    both = (After.REFINED, After.BIASED)
    alone = train(size="ci", seed=7, say=lambda _: None, names=both)
    behind = train(size="ci", seed=7, say=lambda _: None, names=(Upstream.A, *both))
    assert alone.last_loss["refined"] == behind.last_loss["refined"]
    assert alone.last_loss["biased"] != behind.last_loss["biased"]


def test_a_window_that_fills_the_crop_of_a_refiner_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = yaml.safe_load((training.FOLDER / "baseline.yaml").read_text(encoding="utf-8"))
    recipe["sizes"]["cpu"]["training"]["refiner_crop"] = 64
    (tmp_path / "baseline.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    monkeypatch.setattr(training, "FOLDER", tmp_path)
    with pytest.raises(WindowFillsCrop, match="choose refiner_crop larger than window"):
        sizes_of("cpu")


def test_crops_keep_image_and_mask_together() -> None:
    mask = np.random.default_rng(2).random((20, 30)) < 0.3
    inputs, masks = batch_of(
        lambda: (2 * mask.astype(np.float32), mask), batch=6, crop=16, rng=np.random.default_rng(3)
    )
    assert inputs.shape == masks.shape == (6, 1, 16, 16)
    assert torch.equal(inputs, 2 * masks)
    assert len({one.numpy().tobytes() for one in masks}) > 1


def test_closing_mends_a_gap_and_drops_a_speck() -> None:
    mask = np.zeros((40, 40), dtype=bool)
    mask[20:23, 2:18] = mask[20:23, 20:38] = True
    mask[3, 3] = True
    found = closed(mask, radius=1, smallest=20)
    assert found[21, 2:38].all()
    assert not found[3, 3]
    assert np.array_equal(without_specks(mask, smallest=2)[10:], mask[10:])


def test_an_image_of_one_value_has_no_spread_to_divide_by() -> None:
    assert not normalised(np.full((4, 4), 7.0)).any()
    assert sizes_of("cpu")[1].window == 64


def test_what_was_tuned_is_a_point_of_the_grid_that_chose_it() -> None:
    assert (CLOSING_RADIUS, SMALLEST_PIECE) in GRID
    plan = sizes_of("cpu")[1]
    assert (plan.haze, plan.haze_order, plan.specks, plan.refiner_crop) in tuning_synthesis.GRID


def test_no_phantom_of_the_gates_was_trained_on_or_tuned_on() -> None:
    sets = [
        {one.phantom.image.tobytes() for one in subjects(seed=seed, each=2, axes=2, size=96)}
        for seed in (TRAINING_SEED, VALIDATION_SEED, GATE_SEED)
    ]
    assert len(set.union(*sets)) == sum(map(len, sets)) == 18
