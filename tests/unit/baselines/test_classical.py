"""The classical rivals are what their papers say: true maps, an exact adjoint, least squares, a film split in two."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from baselines.cg_sense.model import WEIGHT, least_squares
from baselines.cg_sense.model import reconstruct as cg_sense
from baselines.cine.io import Scan, zero_filled
from baselines.cine.sense import Complex, Encoding, calibration_lines, coil_maps, to_kspace
from baselines.cine.tuning import GRIDS
from baselines.low_rank_sparse.model import reconstruct as low_rank_sparse
from baselines.low_rank_sparse.model import separate
from evaluators.metrics.image.ssim import ssim
from evaluators.phantoms.cine import CineSize, acquire, simulate_subject
from evaluators.phantoms.encoding import root_sum_of_squares
from evaluators.phantoms.mapping import simulate_mapping
from evaluators.phantoms.randomness import stream
from evaluators.phantoms.scan import combine_coils
from evaluators.phantoms.sizes import View, Weighting
from evaluators.tasks.normalisation import by_own_maximum

SIZE = CineSize(nx=64, ny=48, coils=6, slices=1, frames=6)
SEED = 5


def complex_noise(*shape: int, seed: int) -> Complex:
    random = np.random.default_rng(seed)
    noise: Complex = (random.standard_normal(shape) + 1j * random.standard_normal(shape)).astype(np.complex64)
    return noise


def smooth_maps(coils: int, *, ny: int, nx: int) -> Complex:
    """Sensitivities of coils around the picture, sum |S|^2 = 1."""
    y, x = np.mgrid[-1 : 1 : ny * 1j, -1 : 1 : nx * 1j]
    angles = 2 * np.pi * np.arange(coils)[:, None, None] / coils
    near = np.exp(-((x - np.cos(angles)) ** 2 + (y - np.sin(angles)) ** 2)) * np.exp(1j * angles * x)
    maps: Complex = (near / np.sqrt(np.square(np.abs(near)).sum(axis=0))).astype(np.complex64)
    return maps


def measured_scan(factor: int) -> tuple[Scan, NDArray[np.float32]]:
    scan = simulate_subject(seed=SEED, subject=1, size=SIZE)[View.SAX]
    full, _ = acquire(scan=scan, acceleration=None, rng=stream(SEED, "full"))
    kspace, mask = acquire(scan=scan, acceleration=factor, rng=stream(SEED, factor))
    return Scan(kspace=kspace, mask=mask), root_sum_of_squares(full)


def similarity(image: NDArray[np.float32], reference: NDArray[np.float32]) -> float:
    pair = [by_own_maximum(volume.transpose(3, 2, 1, 0)).volume for volume in (image, reference)]
    return float(ssim(*pair).mean())


def test_calibration_lines_are_the_run_around_the_middle() -> None:
    mask = np.zeros((12, 4), dtype=bool)
    mask[[0, 5, 6, 7, 9]] = True
    assert calibration_lines(mask) == slice(5, 8)


def test_maps_of_a_known_object_are_found_up_to_a_common_phase() -> None:
    true = smooth_maps(6, ny=48, nx=64)
    body = np.zeros((3, 48, 64), dtype=np.complex64)
    body[:, 8:40, 10:54] = 1
    body[1, 20:30, 20:40] = 0.3
    mask = np.zeros((48, 64), dtype=bool)
    mask[14:34] = True
    found = coil_maps(to_kspace(true * body[:, None]) * mask, mask=mask)
    np.testing.assert_allclose(np.square(np.abs(found)).sum(axis=0), 1, atol=1e-5)
    alike = np.abs((found.conj() * true).sum(axis=0))
    assert alike[10:38, 12:52].min() > 0.99


def test_encoding_and_its_adjoint_are_adjoint() -> None:
    mask = np.random.default_rng(0).random((20, 1)) < 0.4
    encoding = Encoding(maps=smooth_maps(4, ny=20, nx=24), mask=np.broadcast_to(mask, (20, 24)))
    image, kspace = complex_noise(2, 20, 24, seed=1), complex_noise(2, 4, 20, 24, seed=2)
    there = np.vdot(encoding.forward(image), kspace)
    back = np.vdot(image, encoding.adjoint(kspace))
    assert there == pytest.approx(back, rel=1e-5)


def test_cg_sense_without_weight_recovers_an_image_that_the_coils_determine() -> None:
    maps = smooth_maps(8, ny=24, nx=20)
    mask = np.zeros((24, 20), dtype=bool)
    mask[::2] = True
    encoding = Encoding(maps=maps, mask=mask)
    image = complex_noise(1, 24, 20, seed=3)
    found = least_squares(encoding.forward(image), encoding, weight=0.0, steps=200)
    assert np.linalg.norm(encoding.adjoint(encoding.forward(image)) - image) > 0.5 * np.linalg.norm(image)
    assert np.linalg.norm(found - image) < 0.02 * np.linalg.norm(image)


def test_cg_sense_solves_the_weighted_normal_equations() -> None:
    encoding = Encoding(maps=smooth_maps(4, ny=24, nx=20), mask=np.random.default_rng(4).random((24, 20)) < 0.3)
    measured = complex_noise(2, 4, 24, 20, seed=5) * encoding.mask
    found = least_squares(measured, encoding, weight=0.1, steps=60)
    left = encoding.normal(found) + 0.1 * found
    np.testing.assert_allclose(left, encoding.adjoint(measured), atol=1e-4)


def test_low_rank_sparse_descends_on_what_it_promises_to_minimise() -> None:
    scan, _ = measured_scan(8)
    measured = scan.kspace[:, 0]
    encoding = Encoding(maps=coil_maps(measured, mask=scan.mask), mask=scan.mask)
    measured = measured / np.abs(encoding.adjoint(measured)).max()
    misfit = [
        float(np.linalg.norm(encoding.forward(separate(measured, encoding, steps=steps)) - measured))
        for steps in (1, 5, 40)
    ]
    assert misfit[0] > misfit[1] > misfit[2]


def test_low_rank_sparse_keeps_a_still_film_still() -> None:
    encoding = Encoding(maps=smooth_maps(6, ny=24, nx=20), mask=np.ones((24, 20), dtype=bool))
    still = np.broadcast_to(complex_noise(1, 24, 20, seed=6), (5, 24, 20))
    found = separate(encoding.forward(still), encoding, low_rank=0.0, sparse=0.0, steps=60)
    np.testing.assert_allclose(found, still, atol=1e-3)
    shrunk = separate(encoding.forward(still), encoding, low_rank=0.1, sparse=10.0, steps=60)
    # one singular value is all there is: the threshold takes its share of it and nothing moves
    np.testing.assert_allclose(shrunk, 0.9 * still, atol=1e-3)


def test_coils_beat_zero_filling_and_time_beats_coils_alone() -> None:
    for factor in (4, 8):
        scan, reference = measured_scan(factor)
        floor = similarity(zero_filled(scan.kspace), reference)
        coils, time = (similarity(method(scan), reference) for method in (cg_sense, low_rank_sparse))
        assert floor + 0.01 < coils < time - 0.01, factor


def one_coil_scan(factor: int) -> Scan:
    scan = combine_coils(simulate_subject(seed=SEED, subject=1, size=SIZE)[View.SAX])
    kspace, mask = acquire(scan=scan, acceleration=factor, rng=stream(SEED, "single", factor))
    return Scan(kspace=kspace[:, :, None], mask=mask)


def test_one_coil_has_a_map_of_ones() -> None:
    scan = one_coil_scan(4)
    assert np.array_equal(coil_maps(scan.kspace[:, 0], mask=scan.mask), np.ones((1, SIZE.ny, SIZE.nx)))


def test_cg_sense_of_one_coil_is_the_zero_filled_image_but_for_its_scale() -> None:
    scan = one_coil_scan(8)
    expected = zero_filled(scan.kspace) / (1 + WEIGHT)
    np.testing.assert_allclose(cg_sense(scan), expected, atol=1e-4 * float(expected.max()))


@pytest.mark.parametrize(("weighting", "contrasts"), [(Weighting.T1, 9), (Weighting.T2, 3)])
def test_low_rank_sparse_helps_contrasts_as_it_helps_frames(weighting: Weighting, contrasts: int) -> None:
    scan = simulate_mapping(seed=SEED, subject=1, size=SIZE, weightings=(weighting,))[weighting]
    full, _ = acquire(scan=scan, acceleration=None, rng=stream(SEED, "full", weighting))
    kspace, mask = acquire(scan=scan, acceleration=4, rng=stream(SEED, 4, weighting))
    measured, reference = Scan(kspace=kspace, mask=mask), root_sum_of_squares(full)
    assert len(reference) == contrasts
    coils, together = (similarity(method(measured), reference) for method in (cg_sense, low_rank_sparse))
    assert together > coils + 0.01


@pytest.mark.parametrize("name", GRIDS)
def test_the_numbers_in_use_are_a_point_of_the_grid_that_chose_them(name: str) -> None:
    assert dict(GRIDS[name].chosen) in list(GRIDS[name].points())
