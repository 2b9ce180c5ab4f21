"""A person's own file, looked at without a task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import scipy.io

from evaluators.readers import ReadFailure, look
from tests.unit.evaluators.readers.files import write_v7, write_v73
from tests.unit.evaluators.readers.heap import heap_that_loops
from tests.unit.evaluators.readers.image_files import AFFINE, labels, mha, nifti, npy, npz, zipped

VALUES = np.arange(60, dtype="f8").reshape(5, 4, 3) / 7


@pytest.mark.parametrize("name", ["npy", "npz", "mat", "mat73"])
def test_the_only_array_of_a_file_needs_no_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a"
    if name.startswith("mat"):
        (write_v73 if name == "mat73" else write_v7)(path, VALUES, name="volume")
    else:
        path.write_bytes(npz(volume=VALUES) if name == "npz" else npy(VALUES))
    seen = look(path)
    assert np.array_equal(seen.array, VALUES)
    assert seen.format == {"npy": "npy", "npz": "npz", "mat": "mat-v7", "mat73": "mat-v7.3"}[name]
    assert seen.variable == (None if name == "npy" else "volume")
    assert seen.spacing is None
    assert seen.affine is None


@pytest.mark.parametrize("pack", [bytes, zipped])
def test_images_bring_their_spacing(tmp_path: Path, pack) -> None:
    for content, name in ((pack(nifti(labels())), "nifti"), (mha(labels()), "mha")):
        (tmp_path / "a").write_bytes(content)
        seen = look(tmp_path / "a")
        assert np.array_equal(seen.array, labels())
        assert seen.format == name
        assert seen.spacing == pytest.approx((1.25, 1.5, 3.0))
        assert seen.affine is not None
        assert np.allclose(seen.affine, AFFINE)


def test_a_picture_of_two_axes_has_two_spacings(tmp_path: Path) -> None:
    said: dict[str, Any] = {"TransformMatrix": "0 1 -1 0", "Offset": "5 6", "ElementSpacing": "0.5 2"}
    (tmp_path / "a").write_bytes(mha(labels((6, 5)), **said))
    assert look(tmp_path / "a").spacing == (0.5, 2.0)


def _two(path: Path, form: str) -> None:
    both: dict[str, Any] = {"mask": labels(), "do_not_repeat_me": VALUES}
    if form == "npz":
        path.write_bytes(npz(**both))
    elif form == "mat":
        scipy.io.savemat(path, {**both, "text": "words", "struct": {"a": 1}})
    else:
        with h5py.File(path, "w") as file:
            file["do_not_repeat_me"] = VALUES
            file["mask"] = labels(dtype="f4").T
            file.create_group("group")["x"] = VALUES
            file["link"] = h5py.SoftLink("/mask")


@pytest.mark.parametrize("form", ["npz", "mat", "mat73"])
def test_of_several_arrays_one_must_be_named_and_none_is_listed(tmp_path: Path, form: str) -> None:
    _two(tmp_path / "a", form)
    assert np.array_equal(look(tmp_path / "a", variable="mask").array, labels())
    with pytest.raises(ReadFailure, match=r"2 arrays in the file; say which by its name") as caught:
        look(tmp_path / "a")
    assert "repeat" not in caught.value.detail
    with pytest.raises(ReadFailure, match="no array of the name"):
        look(tmp_path / "a", variable="link")


def test_a_link_to_ones_own_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(npy(VALUES))
    (tmp_path / "b").symlink_to("a")
    assert np.array_equal(look(tmp_path / "b").array, VALUES)


def test_sizes_are_bounded_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(zipped(nifti(labels(), version=2, dim=(3, 2**20, 2**20, 2**20, 1, 1, 1, 1))))
    with pytest.raises(ReadFailure, match="BAD_SHAPE"):
        look(tmp_path / "a")
    with pytest.raises(ReadFailure, match="FORBIDDEN_FILE"):
        look(tmp_path / "a", most_bytes=100)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "BAD_FORMAT"),
        (b"hello", "BAD_FORMAT"),
        (npy(VALUES.astype("c16")), "BAD_VALUE"),
        (npz(a=np.array([{"x": 1}], dtype=object)), "BAD_VALUE"),
        (npz(), "BAD_FORMAT"),
        (npy(np.full(3, np.nan)), "NOT_FINITE"),
    ],
)
def test_what_is_no_array_of_real_numbers(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(ReadFailure, match=code):
        look(tmp_path / "a")


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(ReadFailure, match="MISSING_FILE"):
        look(tmp_path / "a")
    with pytest.raises(ReadFailure, match="FORBIDDEN_FILE"):
        look(tmp_path)


def test_a_name_that_is_no_text_hides_nothing_else(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file[b"\xff\xfe"] = np.zeros(3)
        file["v"] = np.arange(6.0).reshape(2, 3)
    assert look(tmp_path / "a.mat").array.shape == (3, 2)


def test_a_file_that_makes_libhdf5_loop_is_refused_and_the_next_one_is_seen(tmp_path: Path) -> None:
    heap_that_loops(tmp_path / "bad.mat")
    with pytest.raises(ReadFailure, match="BAD_FORMAT: damaged: HDF5 crashes or loops"):
        look(tmp_path / "bad.mat")
    write_v73(tmp_path / "good.mat", values=np.ones((5, 6, 3, 2), dtype="float32"))
    assert look(tmp_path / "good.mat").array.shape == (5, 6, 3, 2)


def test_a_variable_of_a_strange_type_hides_no_other(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file["good"] = np.ones((2, 3), dtype="float32")
        space = h5py.h5s.create_simple((2,))
        h5py.h5d.create(file.id, b"strange", h5py.h5t.UNIX_D32LE, space)
    assert look(tmp_path / "a.mat", variable="good").array.shape == (3, 2)
