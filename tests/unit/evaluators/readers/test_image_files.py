"""NIfTI and MetaImage: what nibabel and SimpleITK write is read as they read it, on the grid and with the labels of the task."""

from __future__ import annotations

import dataclasses
import importlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.contract.failures import CaseFailure
from evaluators.readers import ReadFailure, look, read
from tests.unit.evaluators.readers.image_checks import refusal, taken
from tests.unit.evaluators.readers.image_files import (
    AFFINE,
    IMAGE,
    LABELS,
    MHA_NAMES,
    SHAPE,
    labels,
    mha,
    nifti,
    zipped,
)

F = CaseFailure
#: as Any: their types know less than their readers do
nibabel: Any = importlib.import_module("nibabel")
SimpleITK: Any = importlib.import_module("SimpleITK")


def affine_of(path: Path) -> np.ndarray:
    affine = look(path).affine
    assert affine is not None
    return affine


# ---- as peers write them


@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
@pytest.mark.parametrize("kind", [nibabel.Nifti1Image, nibabel.Nifti2Image])
@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "u2", "i4", "u4", "f4", "f8"])
def test_labels_written_by_nibabel(tmp_path: Path, ending: str, kind: Any, dtype: str) -> None:
    path = tmp_path / f"seg{ending}"
    nibabel.save(kind(labels(dtype=dtype), np.array(AFFINE)), path)
    found = read(path, spec=LABELS)
    assert np.array_equal(found, labels())
    assert found.dtype.kind in "iu"
    assert np.allclose(affine_of(path), AFFINE, atol=1e-6)


@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize(
    "dtype", ["uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]
)
def test_labels_written_by_simpleitk(tmp_path: Path, compress: bool, dtype: str) -> None:
    image = SimpleITK.GetImageFromArray(labels(dtype=dtype).T)
    image.SetSpacing((1.25, 1.5, 3.0))
    image.SetDirection((1, 0, 0, 0, -1, 0, 0, 0, 1))
    image.SetOrigin((-10, 20, 30))
    SimpleITK.WriteImage(image, tmp_path / "a.mha", compress)
    assert np.array_equal(read(tmp_path / "a.mha", spec=LABELS), labels())


@settings(deadline=None, max_examples=40)
@given(
    angles=st.tuples(*[st.floats(-3, 3)] * 3),
    spacing=st.tuples(*[st.floats(0.2, 9)] * 3),
    origin=st.tuples(*[st.floats(-300, 300)] * 3),
)
def test_one_image_has_one_affine_whatever_the_format(tmp_path_factory, angles, spacing, origin) -> None:
    folder = tmp_path_factory.mktemp("one")
    turn = np.eye(3)
    for axis, angle in enumerate(angles):
        step, (i, j) = np.eye(3), [k for k in range(3) if k != axis]
        step[i, i] = step[j, j] = math.cos(angle)
        step[i, j], step[j, i] = -math.sin(angle), math.sin(angle)
        turn = turn @ step
    image = SimpleITK.GetImageFromArray(labels().T)
    image.SetDirection(turn.ravel().tolist())
    image.SetSpacing(spacing)
    image.SetOrigin(origin)
    for name in ("a.mha", "a.nii.gz"):
        SimpleITK.WriteImage(image, folder / name)
    meta = look(folder / "a.mha")
    peer = nibabel.load(folder / "a.nii.gz")
    assert np.allclose(affine_of(folder / "a.nii.gz"), peer.affine, atol=1e-6)
    assert np.allclose(affine_of(folder / "a.mha"), peer.affine, atol=1e-3)
    assert meta.spacing == pytest.approx(spacing)
    assert np.array_equal(meta.array, labels())
    # the quaternion alone must say the same
    peer.header["sform_code"] = 0
    (folder / "q.nii").write_bytes(peer.header.binaryblock + bytes(4) + labels().tobytes(order="F"))
    assert np.allclose(affine_of(folder / "q.nii"), peer.header.get_qform(), atol=1e-3 * max(spacing))


@pytest.mark.parametrize(("codes", "units"), [((0, 0), 2), ((0, 0), 1), ((0, 0), 3)])
def test_without_a_form_the_spacing_alone_counts_in_its_own_unit(tmp_path: Path, codes, units: int) -> None:
    (tmp_path / "a.nii").write_bytes(nifti(labels(), codes=codes, units=units))
    factor = {1: 1000.0, 2: 1.0, 3: 0.001}[units]
    assert np.allclose(affine_of(tmp_path / "a.nii"), np.diag([1.25, 1.5, 3, 1 / factor]) * factor)


def test_big_endian_files_and_block_gzip(tmp_path: Path) -> None:
    for content in (
        nifti(labels(dtype="i2"), order=">"),
        nifti(labels(dtype="f8"), order=">", version=2),
        mha(labels(dtype="i4"), msb=True),
        zipped(nifti(labels()), pieces=5),
    ):
        found = taken(tmp_path, content)
        assert np.array_equal(found, labels())
        assert found.dtype.isnative


@settings(deadline=None, max_examples=80)
@given(
    dtype=st.sampled_from(sorted(MHA_NAMES)),
    shape=st.lists(st.integers(1, 6), min_size=1, max_size=4).map(tuple),
    form=st.sampled_from(["n1", "n2", "n1.gz", "n2.gz", "mha", "mha.z"]),
    swapped=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_type_shape_byte_order_and_packing_comes_back_as_it_was(
    tmp_path_factory, dtype: str, shape: tuple[int, ...], form: str, swapped: bool, seed: int
) -> None:
    values = np.random.default_rng(seed).integers(0, 100, shape).astype(dtype)
    if form.startswith("mha"):
        axes = len(shape)
        said = {
            "TransformMatrix": " ".join(map(str, np.eye(axes).ravel())),
            "Offset": "0 " * axes,
            "ElementSpacing": "1 " * axes,
        }
        content = mha(values, compressed=form == "mha.z", msb=swapped, **said)
    else:
        content = nifti(values, version=int(form[1]), order=">" if swapped else "<")
        content = zipped(content) if form.endswith("gz") else content
    path = tmp_path_factory.mktemp("round") / "a"
    path.write_bytes(content)
    spec = dataclasses.replace(IMAGE, shape=shape, dtypes=(dtype,))
    found = read(path, spec=spec)
    assert found.dtype == dtype
    assert np.array_equal(found, values)


# ---- values


def test_scaled_values_are_floats_as_nibabel_shows_them(tmp_path: Path) -> None:
    content = nifti(labels(dtype="i2"), scale=(0.5, -3.0))
    found = taken(tmp_path, content, labels=None, dtypes=("f8",))
    peer = nibabel.Nifti1Image.from_bytes(content).get_fdata()
    assert found.dtype == np.float64
    assert np.array_equal(found, peer)


@pytest.mark.parametrize("scale", [(0.0, 0.0), (1.0, 0.0), (math.nan, math.nan), (0.0, 7.0), (math.inf, 0.0)])
def test_a_scale_that_says_nothing_leaves_integers_alone(tmp_path: Path, scale: tuple[float, float]) -> None:
    found = taken(tmp_path, nifti(labels(), scale=scale))
    assert found.dtype == np.uint8
    assert np.array_equal(found, labels())


def test_labels_that_nibabel_spread_over_all_of_uint8_are_labels_still(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(labels(dtype="f8"), np.array(AFFINE))
    image.header.set_data_dtype(np.uint8)
    nibabel.save(image, tmp_path / "a.nii")
    assert nibabel.load(tmp_path / "a.nii").dataobj.slope != 1
    assert np.array_equal(read(tmp_path / "a.nii", spec=LABELS), labels())


@pytest.mark.parametrize(
    ("value", "code"),
    [(4.0, F.BAD_VALUE), (-1.0, F.BAD_VALUE), (1.5, F.BAD_VALUE), (1e30, F.BAD_VALUE), (math.nan, F.NOT_FINITE)],
)
def test_a_value_that_is_no_label_of_the_task(tmp_path: Path, value: float, code: CaseFailure) -> None:
    values = labels(dtype="f4")
    values[2, 3, 1] = value
    assert refusal(tmp_path, nifti(values)).code is code
    assert refusal(tmp_path, mha(values)).code is code


def test_labels_with_gaps(tmp_path: Path) -> None:
    brats = frozenset({0, 1, 2, 4})
    values = np.where(labels() == 3, 4, labels()).astype("i2")
    assert np.array_equal(taken(tmp_path, nifti(values), labels=brats), values)
    assert refusal(tmp_path, nifti(labels()), labels=brats).code is F.BAD_VALUE


def test_the_lowest_integer_is_no_overflow(tmp_path: Path) -> None:
    values = np.full(SHAPE, -128, dtype="i1")
    assert np.array_equal(taken(tmp_path, nifti(values), labels=None), values)
    assert refusal(tmp_path, nifti(values)).code is F.BAD_VALUE


@pytest.mark.parametrize("code", [0, 1, 32, 128, 1536, 1792, 2304, -1, 32767])
def test_nifti_types_that_are_no_real_numbers(tmp_path: Path, code: int) -> None:
    assert refusal(tmp_path, nifti(labels(), code=code)).code is F.BAD_VALUE


def test_colours_and_unknown_types_in_metaimage(tmp_path: Path) -> None:
    assert refusal(tmp_path, mha(labels(), ElementNumberOfChannels="3")).code is F.BAD_VALUE
    failure = refusal(tmp_path, mha(labels(), ElementType="do-not-repeat-me"))
    assert failure.code is F.BAD_VALUE
    assert "repeat" not in failure.detail


# ---- where voxels lie


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (np.diag([-1.0, -1, 1, 1]), "LPS and RAS"),
        (np.diag([2.0, 1, 1, 1]), "spacing along x is not 1.25 mm"),
        (np.diag([1.0, -1, 1, 1]), "the other way along y: flipped"),
        (np.array([[0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]]), "axes point elsewhere"),
        (np.array([[1, 0, 0, 2.5], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]]), "the origin lies 2e+00 mm away"),
    ],
)
def test_another_grid_says_what_differs(tmp_path: Path, change: np.ndarray, says: str) -> None:
    rows = (change @ np.array(AFFINE))[:3]
    failure = refusal(tmp_path, nifti(labels(), rows=rows))
    assert failure.code is F.BAD_GRID
    assert says in failure.detail
    assert np.array_equal(taken(tmp_path, nifti(labels(), rows=rows), affine=None), labels())


@pytest.mark.parametrize("moved", [(0.0009, True), (0.0012, False)])
def test_a_grid_may_be_off_by_a_thousandth_of_a_millimetre(tmp_path: Path, moved: tuple[float, bool]) -> None:
    rows = np.array(AFFINE)[:3]
    rows[0, 3] += moved[0]
    if moved[1]:
        taken(tmp_path, nifti(labels(), rows=rows, version=2))
    else:
        assert refusal(tmp_path, nifti(labels(), rows=rows, version=2)).code is F.BAD_GRID


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_an_affine_with_nan_is_on_no_grid(tmp_path: Path, bad: float) -> None:
    rows = np.array(AFFINE)[:3]
    rows[1, 1] = bad
    assert refusal(tmp_path, nifti(labels(), rows=rows)).code is F.BAD_GRID
    assert refusal(tmp_path, nifti(labels(), codes=(1, 0), quaternion=(bad, 0, 0, 0, 0, 0))).code is F.BAD_GRID
    assert refusal(tmp_path, nifti(labels(), codes=(1, 0), quaternion=(9.0, 9, 9, 0, 0, 0))).code is F.BAD_GRID
    assert refusal(tmp_path, mha(labels(), Offset=f"{bad} 0 0")).code is F.BAD_GRID
    (tmp_path / "a").write_bytes(nifti(labels(), rows=np.zeros((3, 4))))
    with pytest.raises(ReadFailure, match="BAD_GRID"):
        look(tmp_path / "a")
