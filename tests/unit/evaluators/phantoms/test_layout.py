"""A phantom set opens with the code that opens the real CMRxRecon 2023 set."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from evaluators.phantoms.cine import ACCELERATIONS, CineSize, write_cine_set
from evaluators.phantoms.errors import ImpossibleSize, RealAnatomyMissing
from evaluators.phantoms.real_anatomy import inside_package, write_real_anatomy_set

SMALL = CineSize(nx=48, ny=36, coils=4, slices=2, frames=3)


@pytest.fixture(scope="module")
def small_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("set")
    write_cine_set(root=root, set_name="TestSet", subjects=1, seed=b"hidden", size=SMALL, first=7)
    return root


def test_every_file_lies_where_the_real_set_has_it(small_set: Path) -> None:
    files = {str(path.relative_to(small_set)) for path in small_set.rglob("*.mat")}
    base = "MultiCoil/Cine/TestSet"
    expected = {f"{base}/FullSample/P007/cine_{view}.mat" for view in ("sax", "lax")}
    for factor in ("04", "08", "10"):
        for view in ("sax", "lax"):
            expected |= {f"{base}/AccFactor{factor}/P007/cine_{view}{tail}.mat" for tail in ("", "_mask")}
    assert files == expected


def test_returned_paths_are_the_files_written(tmp_path: Path) -> None:
    paths = write_cine_set(root=tmp_path, set_name="ValidationSet", subjects=1, seed=3, size=SMALL)
    assert sorted(paths) == sorted(tmp_path.rglob("*.mat"))


@pytest.mark.parametrize("factor", [4, 8, 10])
def test_kspace_is_stored_as_matlab_stores_complex_single(small_set: Path, factor: int) -> None:
    path = small_set / f"MultiCoil/Cine/TestSet/AccFactor{factor:02d}/P007/cine_sax.mat"
    with h5py.File(path) as file:
        assert list(file) == [f"kspace_sub{factor:02d}"]
        data = file[f"kspace_sub{factor:02d}"]
        assert data.shape == (SMALL.frames, SMALL.slices, SMALL.coils, SMALL.ny, SMALL.nx)
        assert data.dtype == np.dtype([("real", "<f4"), ("imag", "<f4")])
        assert data.attrs["MATLAB_class"] == b"single"
        assert file.userblock_size == 512


def test_full_kspace_and_masks_have_the_official_names(small_set: Path) -> None:
    base = small_set / "MultiCoil/Cine/TestSet"
    with h5py.File(base / "FullSample/P007/cine_lax.mat") as file:
        assert list(file) == ["kspace_full"]
    with h5py.File(base / "AccFactor08/P007/cine_lax_mask.mat") as file:
        assert list(file) == ["mask08"]
        assert file["mask08"].shape == (SMALL.ny, SMALL.nx)
        assert file["mask08"].attrs["MATLAB_class"] == b"double"


def test_files_begin_with_matlabs_own_header(small_set: Path) -> None:
    for path in small_set.rglob("*.mat"):
        head = path.read_bytes()[:520]
        assert head.startswith(b"MATLAB 7.3 MAT-file")
        assert head[124:128] == b"\x00\x02IM"
        assert head[512:520] == b"\x89HDF\r\n\x1a\n"


def test_unsampled_points_are_zero_and_sampled_ones_are_not(small_set: Path) -> None:
    folder = small_set / "MultiCoil/Cine/TestSet/AccFactor10/P007"
    with h5py.File(folder / "cine_sax.mat") as file, h5py.File(folder / "cine_sax_mask.mat") as masks:
        kspace = file["kspace_sub10"][:]["real"]
        mask = masks["mask10"][:] == 1
    assert not kspace[..., ~mask].any()
    assert (kspace[..., mask] != 0).mean() > 0.999


def test_real_anatomy_comes_in_the_same_files(tmp_path: Path, small_set: Path) -> None:
    write_real_anatomy_set(root=tmp_path, set_name="TestSet", subjects=1, seed=b"hidden", size=SMALL, first=7)
    assert {p.relative_to(tmp_path) for p in tmp_path.rglob("*.mat")} == {
        p.relative_to(small_set) for p in small_set.rglob("*.mat")
    }
    with h5py.File(tmp_path / "MultiCoil/Cine/TestSet/AccFactor04/P007/cine_lax.mat") as file:
        assert file["kspace_sub04"].shape == (SMALL.frames, SMALL.slices, SMALL.coils, SMALL.ny, SMALL.nx)


def test_a_missing_image_package_is_told_with_the_extra_to_install() -> None:
    with pytest.raises(RealAnatomyMissing, match=r"\[phantoms\]"):
        inside_package("a_package_that_nobody_has")


@pytest.mark.parametrize("wrong", [{"nx": 514}, {"ny": 37}, {"coils": 0}, {"frames": 13}])
def test_an_impossible_size_is_refused_with_what_to_choose(wrong: dict[str, int]) -> None:
    sizes = {"nx": 96, "ny": 72, "coils": 8, "slices": 2, "frames": 8} | wrong
    with pytest.raises(ImpossibleSize, match="choose"):
        CineSize(**sizes)


def test_the_factors_are_the_challenges() -> None:
    assert ACCELERATIONS == (4, 8, 10)
