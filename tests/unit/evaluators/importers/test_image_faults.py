"""What can be wrong with images and label maps, told by `assay dataset check` with file, axis and expectation."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from evaluators.importers import LAYOUTS
from evaluators.importers.problems import ImportProblems
from tests.unit.evaluators.importers.image_trees import (
    AFFINE,
    BRATS,
    ISLES,
    SHAPE,
    TREES,
    describe,
    image,
    labels,
    save,
    write_brats,
    write_isles,
    write_nnunet,
)

SEG = f"{BRATS}/{BRATS}-seg.nii.gz"
T1C = f"{BRATS}/{BRATS}-t1c.nii.gz"
T2F = f"{BRATS}/{BRATS}-t2f.nii.gz"


def told(root: Path, layout: str = "brats-2023") -> str:
    with pytest.raises(ImportProblems) as found:
        LAYOUTS[layout](root=root, set_name=TREES[layout][1], staging=root / "s", key=None, seed="s")
    assert not (root / "s").exists() or not any((root / "s").iterdir()), "nothing is left behind"
    return str(found.value)


def flipped(*axes: int) -> np.ndarray:
    affine = AFFINE.copy()
    affine[:, list(axes)] *= -1
    return affine


def lying(path: Path, *, bytes_more: int) -> None:
    content = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(content[:bytes_more] if bytes_more < 0 else content + bytes(bytes_more)))


def promising(path: Path) -> None:
    """A header of four times the frames that follow."""
    content = bytearray(gzip.decompress(path.read_bytes()))
    struct.pack_into("<h", content, 46, 4 * SHAPE[2])
    path.write_bytes(gzip.compress(bytes(content)))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def nowhere(path: Path) -> None:
    """An sform whose first axis has no length; nibabel refuses to write one."""
    content = bytearray(gzip.decompress(path.read_bytes()))
    for row in (280, 296, 312):
        struct.pack_into("<f", content, row, 0)
    path.write_bytes(gzip.compress(bytes(content)))


FAULTS: list[tuple[str, str, Callable[[Path], None], str]] = [
    (
        "another matrix",
        SEG,
        lambda path: save(path, labels(1)[:, :, :3]),
        f"wanted the voxels of {T1C}, (6, 5, 4), found (6, 5, 3), other along z",
    ),
    (
        "another spacing",
        SEG,
        lambda path: save(path, labels(1), affine=AFFINE @ np.diag([1, 1, 2, 1])),
        f"wanted the grid of {T1C}, found another, of (1, 1, 4) mm: spacing along z is not 2 mm",
    ),
    (
        "flipped",
        SEG,
        lambda path: save(path, labels(1), affine=flipped(2)),
        f"wanted the grid of {T1C}, found another, of (1, 1, 2) mm: the other way along z: flipped",
    ),
    (
        "LPS for RAS",
        SEG,
        lambda path: save(path, labels(1), affine=np.diag([-1, -1, 1, 1]) @ AFFINE),
        "x and y run the other way: LPS and RAS were mixed up",
    ),
    (
        "elsewhere",
        SEG,
        lambda path: save(path, labels(1), affine=AFFINE + np.array([[0, 0, 0, 5]] + [[0] * 4] * 3)),
        "the origin lies 5e+00 mm away",
    ),
    (
        "a modality on another grid",
        T2F,
        lambda path: save(path, image(), affine=flipped(0)),
        f"wanted the grid of {T1C}, found another, of (1, 1, 2) mm: the other way along x: flipped",
    ),
    (
        "interpolated labels",
        SEG,
        lambda path: save(path, labels(1).astype("f4") * 0.75),
        "wanted labels: whole numbers, found values between labels in 3 voxels, such as 0.75: interpolated or scaled",
    ),
    (
        "an unknown label",
        SEG,
        lambda path: save(path, labels(1, 4)),
        "wanted labels 0 background, 1 necrotic core, 2 edema, 3 enhancing tumour, found 4 in 3 voxels",
    ),
    (
        "four axes",
        SEG,
        lambda path: save(path, np.stack([labels(1)] * 2, axis=-1)),
        "wanted two or three axes (x, y, z), found 4: (6, 5, 4, 2)",
    ),
    (
        "an image of four axes",
        T2F,
        lambda path: save(path, np.stack([image()] * 3, axis=-1)),
        "wanted two or three axes (x, y, z), found 4: (6, 5, 4, 3)",
    ),
    (
        "an empty file",
        SEG,
        empty,
        "wanted a NIfTI file, .nii or .nii.gz, found an empty file",
    ),
    ("cut short", T1C, lambda path: lying(path, bytes_more=-9), "damaged file: it ends before its data"),
    (
        "more behind it",
        T2F,
        lambda path: lying(path, bytes_more=9),
        "damaged file: more bytes than its header declares",
    ),
    ("a header of four times the slices", SEG, promising, "damaged file: it ends before its data"),
    (
        "no modality",
        T2F,
        lambda path: path.unlink(),
        "wanted a file, as others of this case are there, found no such file",
    ),
    ("no mask", SEG, lambda path: path.unlink(), "wanted a file, as others of this case are there, found no such file"),
    (
        "a spacing of zero",
        T1C,
        nowhere,
        "wanted a header that says where voxels lie, found an affine with a spacing of zero",
    ),
]


@pytest.mark.parametrize(("path", "spoil", "words"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_a_fault_is_told_with_its_file_its_axis_and_what_was_wanted(
    tmp_path: Path, path: str, spoil: Callable[[Path], None], words: str
) -> None:
    write_brats(tmp_path)
    spoil(tmp_path / path)
    lines = told(tmp_path).splitlines()
    assert lines[0].startswith(f"{path}: wanted ")
    assert words in lines[0]
    assert lines[1:] == ["9 files good, 1 bad, nothing imported"] or path.endswith("t1c.nii.gz")


def test_every_bad_file_is_told_at_once(tmp_path: Path) -> None:
    write_brats(tmp_path)
    for _, path, spoil, _ in FAULTS[-4:-1]:
        spoil(tmp_path / path)
    (tmp_path / T1C).write_bytes(b"")
    text = told(tmp_path)
    assert all(f"{path}: wanted" in text for path in (SEG, T1C, T2F))
    assert text.endswith("7 files good, 3 bad, nothing imported")


def test_a_flair_of_a_stroke_may_lie_elsewhere_but_not_its_mask(tmp_path: Path) -> None:
    write_isles(tmp_path)
    mask = f"derivatives/{ISLES}/ses-0001/{ISLES}_ses-0001_msk.nii.gz"
    save(tmp_path / mask, labels(1), affine=flipped(1))
    assert told(tmp_path, "isles-2022").startswith(f"{mask}: wanted the grid of {ISLES}/ses-0001/dwi/")


def test_a_channel_that_is_missing_or_too_much_is_told(tmp_path: Path) -> None:
    write_nnunet(tmp_path)
    (tmp_path / "imagesTr/knee_003_0001.nii.gz").unlink()
    save(tmp_path / "imagesTr/knee_007_0002.nii.gz", image())
    text = told(tmp_path, "nnunet")
    assert "imagesTr/knee_003_0001.nii.gz: wanted a file, as others of this case are there, found no such file" in text
    assert "imagesTr/knee_007_0002.nii.gz: wanted <case>_0000.nii.gz to <case>_0001.nii.gz, found another name" in text


def test_a_label_that_dataset_json_does_not_name_is_told_with_those_that_it_does(tmp_path: Path) -> None:
    write_nnunet(tmp_path)
    describe(tmp_path, channel_names={"0": "T1", "1": "T2"}, labels={"background": 0, "knee": [1, 3], "bone": 1})
    assert "wanted labels 0 background, 1 bone, 3 knee, found 2 in 3 voxels" in told(tmp_path, "nnunet")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "wanted JSON"),
        ("[]", "wanted an object with labels"),
        ("{}", "wanted labels, such as"),
        ('{"labels": {"background": 0, "bone": "one"}}', "found bone: one"),
        ('{"labels": {"background": 0, "bone": 1}}', "wanted channel_names"),
        (
            '{"labels": {"a": 0}, "channel_names": {"0": "T1"}, "file_ending": ".png"}',
            "file_ending .nii.gz or .nii, found .png",
        ),
    ],
)
def test_a_bad_dataset_json_is_told(tmp_path: Path, text: str, words: str) -> None:
    write_nnunet(tmp_path)
    (tmp_path / "dataset.json").write_text(text)
    assert told(tmp_path, "nnunet").startswith("dataset.json: wanted")
    assert words in told(tmp_path, "nnunet")
