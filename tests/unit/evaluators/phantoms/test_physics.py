"""Sampling, coils and the encoding operator of the phantom obey the laws that reconstruction methods rely on."""

from __future__ import annotations

import numpy as np
import pytest

from evaluators.phantoms.cine import DEMO, FULL, CineSize, View, acquire, simulate_subject
from evaluators.phantoms.coils import sensitivity_maps
from evaluators.phantoms.encoding import adjoint_multicoil, ifft2c, multicoil_kspace, root_sum_of_squares
from evaluators.phantoms.randomness import stream
from evaluators.phantoms.sampling import acs_lines, cartesian_mask
from evaluators.phantoms.shapes import simulate_shapes
from evaluators.phantoms.signal import TISSUES, Relaxation, Sequence, Tissue, bssfp

SMALL = CineSize(nx=48, ny=36, coils=4, slices=1, frames=2)


@pytest.mark.parametrize("factor", [4, 8, 10])
def test_masks_keep_every_nth_line_and_the_centre(factor: int) -> None:
    mask = cartesian_mask(nx=512, ny=246, acceleration=factor)
    lines = mask[:, 0]
    assert (mask == lines[:, None]).all()
    assert lines[246 // 2 - 12 : 246 // 2 + 12].all()
    outside = np.flatnonzero(lines[: 246 // 2 - 12])
    assert (np.diff(outside) == factor).all()
    uniform = np.ceil(246 / factor)
    assert uniform - 1 <= lines.sum() - 24 + 24 // factor <= uniform + 1


def test_acs_lines_are_24_at_real_sizes_and_the_same_share_of_the_demo() -> None:
    assert [acs_lines(ny=ny) for ny in (246, 204, DEMO.ny)] == [24, 24, 8]


def test_encoding_operator_passes_the_adjoint_test() -> None:
    rng = np.random.default_rng(0)

    def random(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)

    coils, image, kspace = random(5, 40, 56), random(2, 40, 56), random(2, 5, 20, 28)
    forward = multicoil_kspace(image=image, coils=coils, matrix=(20, 28))
    left = np.vdot(kspace, forward)
    right = np.vdot(adjoint_multicoil(kspace=kspace, coils=coils), image)
    assert abs(left - right) / abs(left) < 1e-10


def test_coil_maps_are_smooth_different_and_normalised() -> None:
    maps = sensitivity_maps(rng=np.random.default_rng(1), coils=8, matrix=(72, 96), field_of_view=(400, 300))
    assert np.allclose(np.square(np.abs(maps)).sum(axis=0), 1, atol=1e-5)
    assert np.abs(np.diff(maps[:, 12:-12], axis=1)).max() < 0.2
    overlap = np.abs(np.einsum("cyx,dyx->cd", maps, maps.conj()))
    overlap /= np.sqrt(np.outer(np.diag(overlap), np.diag(overlap)))
    assert overlap[~np.eye(8, dtype=bool)].max() < 0.95


def test_root_sum_of_squares_of_full_kspace_is_the_painted_anatomy() -> None:
    size = CineSize(nx=192, ny=144, coils=8, slices=1, frames=1)
    scan = simulate_subject(seed=5, subject=1, size=size, views=(View.SAX,))[View.SAX]
    kspace, _ = acquire(scan=scan, acceleration=None, rng=np.random.default_rng(0))
    seen = root_sum_of_squares(kspace)
    painted = scan.image.reshape(1, 1, 144, 2, 192, 2).mean(axis=(3, 5))
    # truncation and noise remain; a wrong scale, shift or orientation would be far more
    error = np.linalg.norm(seen - painted) / np.linalg.norm(painted)
    assert error < 0.2
    body = painted > 0.1 * painted.max()
    assert abs(seen[body].mean() / painted[body].mean() - 1) < 0.03


def test_noise_is_independent_between_accelerations_and_white_over_coils() -> None:
    scan = simulate_subject(seed=5, subject=1, size=SMALL, views=(View.SAX,))[View.SAX]
    noises = []
    for factor in (4, 8):
        kspace, mask = acquire(scan=scan, acceleration=factor, rng=stream(5, "noise", 1, View.SAX, factor))
        both = cartesian_mask(nx=48, ny=36, acceleration=8)
        assert (mask | ~both).all()
        noises.append(((kspace - scan.kspace) / scan.noise)[..., both])
    first, second = (noise.ravel() for noise in noises)
    correlation = abs(np.vdot(first, second)) / (np.linalg.norm(first) * np.linalg.norm(second))
    assert correlation < 4 / np.sqrt(first.size)
    assert first.real.std() == pytest.approx(1, abs=0.05)
    coil = noises[0].swapaxes(0, 2).reshape(SMALL.coils, -1)
    assert np.abs(np.corrcoef(coil) - np.eye(SMALL.coils)).max() < 5 / np.sqrt(coil.shape[1])


def test_the_same_seed_gives_the_same_scan_and_other_subjects_are_others() -> None:
    def scan(seed: bytes, subject: int, view: View = View.LAX) -> np.ndarray:
        return simulate_subject(seed=seed, subject=subject, size=SMALL, views=(view,))[view].kspace

    assert np.array_equal(scan(b"a", 1), scan(b"a", 1))
    for other in (scan(b"a", 2), scan(b"b", 1)):
        assert np.linalg.norm(scan(b"a", 1) - other) > 0.1 * np.linalg.norm(other)


def test_the_heart_beats_and_the_spine_does_not() -> None:
    size = CineSize(nx=96, ny=72, coils=1, slices=1, frames=4)
    for view, scan in simulate_subject(seed=5, subject=2, size=size).items():
        image = scan.image[:, 0]
        change = np.abs(np.diff(image, axis=0)).max(axis=0)
        heart = change[20:90, 60:140].max() / image.max()
        assert heart > 0.3, view
        assert not change[115:, :].any(), view


def test_the_largest_real_matrix_can_be_simulated() -> None:
    size = CineSize(nx=FULL.nx, ny=FULL.ny, coils=FULL.coils, slices=1, frames=1)
    scan = simulate_subject(seed=5, subject=1, size=size, views=(View.LAX,))[View.LAX]
    kspace, mask = acquire(scan=scan, acceleration=10, rng=np.random.default_rng(0))
    assert kspace.shape == (1, 1, 10, 246, 512)
    image = np.sqrt(np.square(np.abs(ifft2c(kspace))).sum(axis=2))
    assert np.isfinite(image).all()
    assert mask.any(axis=1).sum() < 246 / 5


def test_bssfp_signal_of_a_tissue_with_equal_relaxation_times_is_the_textbook_half() -> None:
    # T1 = T2, TR << T2, flip 90 degrees: the steady state is half of the equilibrium magnetisation
    tissue = Relaxation(t1=2000, t2=2000, density=1)
    assert bssfp(tissue=tissue, sequence=Sequence(tr=1, te=0, flip=90)) == pytest.approx(0.5, abs=1e-3)


def test_blood_is_brighter_than_muscle_and_lung_is_dark() -> None:
    sequence = Sequence(tr=3.5, te=1.5, flip=50)
    signal = {name: bssfp(tissue=tissue, sequence=sequence) for name, tissue in TISSUES.items()}
    assert signal[Tissue.BLOOD] > 1.8 * signal[Tissue.MYOCARDIUM] > 5 * signal[Tissue.LUNG]


def test_random_shapes_differ_between_subjects_and_come_in_the_form_of_a_scan() -> None:
    first, second = (simulate_shapes(seed=5, subject=n, size=SMALL, views=(View.SAX,))[View.SAX] for n in (1, 2))
    assert first.kspace.shape == (SMALL.frames, SMALL.slices, SMALL.coils, SMALL.ny, SMALL.nx)
    assert np.linalg.norm(first.kspace - second.kspace) > 0.1 * np.linalg.norm(first.kspace)
    again = simulate_shapes(seed=5, subject=1, size=SMALL, views=(View.SAX,))[View.SAX]
    assert np.array_equal(first.kspace, again.kspace)
