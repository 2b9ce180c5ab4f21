"""What CMRxRecon 2023 ranked of a volume, worked by hand from its MATLAB rule."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.tasks.regions import challenge_crop, cut, ranked_shape
from tests.golden.make_reconstruction import run4ranking


# (first, behind the last), counted from 0
@pytest.mark.parametrize(
    ("shape", "x", "y", "slices", "frames"),
    [
        # round(512/3)=171 from 256-85; 246/2=123 from 123-61; slices 4 and 5 of 10 counted from 1 are round(10/2)-1 and 5
        ((512, 246, 10, 12), (171, 342), (62, 185), (3, 5), (0, 3)),
        # 96/3=32 from 48-16; 72/2=36 from 36-18; two slices: both
        ((96, 72, 2, 8), (32, 64), (18, 54), (0, 2), (0, 3)),
        # round(101/3)=34 from 50-17; 51/2=25.5 goes up to 26, from 25-13; round(7/2)=4: slices 3 and 4; two frames: both
        ((101, 51, 7, 2), (33, 67), (12, 38), (2, 4), (0, 2)),
        # 35/3=11.67 to 12 from 17-6; 29/2=14.5 up to 15 from 14-7; round(3/2)=2: slices 1 and 2
        ((35, 29, 3, 4), (11, 23), (7, 22), (0, 2), (0, 3)),
        ((512, 204, 1, 12), (171, 342), (51, 153), (0, 1), (0, 3)),
    ],
)
def test_the_challenge_crop_worked_by_hand(shape, x, y, slices, frames) -> None:
    assert [(part.start, part.stop) for part in challenge_crop(shape, scan="cine_sax.mat")] == [x, y, slices, frames]


@given(st.tuples(st.integers(7, 60), st.integers(7, 60), st.integers(1, 13), st.integers(1, 13)))
def test_the_crop_is_matlabs_for_every_size(shape: tuple[int, int, int, int]) -> None:
    volume = np.arange(np.prod(shape), dtype=np.float64).reshape(shape)
    assert np.array_equal(cut(volume, region="challenge-crop"), run4ranking(volume))


def test_the_full_region_is_the_volume_itself() -> None:
    volume = np.ones((9, 8, 2, 3))
    assert cut(volume, region="full").shape == volume.shape


@pytest.mark.parametrize(
    ("scan", "frames"),
    [
        ("cine_lax.mat", 3),
        ("T1map.mat", 9),
        ("T2map_kus_Uniform4.mat", 9),
        ("T1mappost_kus_ktRadial8.mat", 9),
        ("T2smap_kus_Uniform8.mat", 9),
        ("T1rho_kus_Uniform8.mat", 9),
        ("T1w_kus_Uniform8.mat", 3),
        ("perfusion_kus_Uniform8.mat", 3),
        ("tagging_kus_Uniform4.mat", 3),
    ],
)
def test_of_a_mapping_scan_every_weighting_is_ranked_and_of_others_three_frames(scan: str, frames: int) -> None:
    assert ranked_shape((96, 72, 5, 9), scan=scan) == (32, 36, 2, frames)


def test_a_still_scan_of_one_slice_keeps_what_it_has() -> None:
    assert ranked_shape((96, 72, 1, 1), scan="blackblood_kus_Uniform4.mat") == (32, 36, 1, 1)
