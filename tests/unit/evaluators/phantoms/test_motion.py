"""Single-coil scans and restless subjects: what changes, and what must not."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from evaluators.phantoms.cine import CineSize, simulate_subject, write_cine_set
from evaluators.phantoms.encoding import ifft2c, root_sum_of_squares
from evaluators.phantoms.motion import Motion, moments
from evaluators.phantoms.real_anatomy import write_real_anatomy_set
from evaluators.phantoms.scan import acquire, combine_coils
from evaluators.phantoms.sizes import View

SIZE = CineSize(nx=64, ny=48, coils=4, slices=1, frames=8)


def rng() -> np.random.Generator:
    return np.random.default_rng(2)


def test_frames_of_a_breath_hold_are_even_and_draw_nothing() -> None:
    generator = rng()
    found = moments(motion=Motion.BREATH_HOLD, frames=4, shift=(1.0, 2.0), rng=generator)
    assert [(one.phase, one.shift, one.along) for one in found] == [(f / 4, (1.0, 2.0), 0.0) for f in range(4)]
    assert generator.bit_generator.state == rng().bit_generator.state


def test_free_breathing_moves_the_heart_by_millimetres_from_frame_to_frame() -> None:
    found = moments(motion=Motion.FREE_BREATHING, frames=12, shift=(0.0, 0.0), rng=rng())
    down = np.array([one.shift[1] for one in found])
    assert [one.phase for one in found] == [f / 12 for f in range(12)]
    assert 2 < np.ptp(down) < 12
    assert np.abs(np.diff(down)).max() < 4


def test_a_premature_beat_sends_frames_back_to_the_start_once() -> None:
    phases = np.array([one.phase for one in moments(motion=Motion.ARRHYTHMIA, frames=12, shift=(0, 0), rng=rng())])
    assert (np.diff(phases) < 0).sum() == 1
    assert np.diff(phases).min() < -0.3


@pytest.mark.parametrize("motion", [Motion.FREE_BREATHING, Motion.ARRHYTHMIA])
def test_restless_scans_differ_in_the_heart_and_not_at_the_spine(motion: Motion) -> None:
    calm, restless = (
        simulate_subject(seed=5, subject=2, size=SIZE, views=(View.SAX,), motion=kind)[View.SAX].image[:, 0]
        for kind in (Motion.BREATH_HOLD, motion)
    )
    change = np.abs(calm - restless).max(axis=0)
    assert change[15:60, 40:95].max() > 0.2 * calm.max()
    assert change[80:].max() < 0.02 * calm.max()


def test_combined_coils_give_the_root_sum_of_squares_picture_with_its_phase() -> None:
    scan = simulate_subject(seed=5, subject=1, size=SIZE, views=(View.SAX,))[View.SAX]
    single = combine_coils(scan)
    assert single.kspace.shape == (8, 1, 48, 64)
    many, one = root_sum_of_squares(scan.kspace), np.abs(ifft2c(single.kspace))
    body = many > 0.1 * many.max()
    assert one[body] == pytest.approx(many[body], rel=0.1)
    assert np.linalg.norm(one - many) < 0.02 * np.linalg.norm(many)


def test_noise_of_a_combined_scan_is_white_and_as_strong_as_in_each_coil() -> None:
    single = combine_coils(simulate_subject(seed=5, subject=1, size=SIZE, views=(View.SAX,))[View.SAX])
    kspace, mask = acquire(scan=single, acceleration=4, rng=rng())
    noise = ((kspace - single.kspace) / single.noise)[..., mask]
    assert noise.real.std() == pytest.approx(1, abs=0.03)
    assert not kspace[..., ~mask].any()


def test_single_coil_files_are_named_and_shaped_as_the_challenges(tmp_path: Path) -> None:
    write_cine_set(root=tmp_path, set_name="TestSet", subjects=1, seed=1, size=SIZE, single_coil=True)
    write_real_anatomy_set(root=tmp_path, set_name="TestSet", subjects=1, seed=1, size=SIZE, single_coil=True, first=2)
    assert not (tmp_path / "MultiCoil").exists()
    for subject in ("P001", "P002"):
        with h5py.File(tmp_path / f"SingleCoil/Cine/TestSet/AccFactor08/{subject}/cine_sax.mat") as file:
            assert file["kspace_single_sub08"].shape == (8, 1, 48, 64)
        with h5py.File(tmp_path / f"SingleCoil/Cine/TestSet/FullSample/{subject}/cine_lax.mat") as file:
            assert list(file) == ["kspace_single_full"]
