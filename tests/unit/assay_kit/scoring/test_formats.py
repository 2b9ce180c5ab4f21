"""Every format that is read, also by the command as a process of its own: the same arrays, the same number."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import scipy.io

from assay_kit.scoring.known import known_metrics
from evaluators.contract.metrics import Family
from tests.golden.pictures import cine
from tests.unit.assay_kit.scoring.conftest import Scoring, strict
from tests.unit.assay_kit.test_help import COMMANDS
from tests.unit.evaluators.readers.files import write_v7, write_v73

nib: Any = import_module("nibabel")

#: mm along x, y and z of the formats that say it
SPACING = (1.25, 1.5, 3.0)


def _nifti(path: Path, values: np.ndarray) -> None:
    steps = [*SPACING, 1.0][: values.ndim]
    image = nib.Nifti1Image(values, np.diag([*SPACING, 1.0]))
    image.header.set_zooms(steps)
    nib.save(image, path)


def _mha(path: Path, values: np.ndarray) -> None:
    kind = {"u1": "MET_UCHAR", "f4": "MET_FLOAT"}[values.dtype.str[1:]]
    header = {
        "ObjectType": "Image",
        "NDims": values.ndim,
        "BinaryData": "True",
        "BinaryDataByteOrderMSB": "False",
        "CompressedData": "False",
        "ElementSpacing": " ".join(map(str, [*SPACING, 1.0][: values.ndim])),
        "DimSize": " ".join(map(str, values.shape)),
        "ElementType": kind,
        "ElementDataFile": "LOCAL",
    }
    head = "".join(f"{name} = {value}\n" for name, value in header.items())
    path.write_bytes(head.encode() + values.tobytes(order="F"))


def _hdf5(path: Path, values: np.ndarray) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("image", data=np.ascontiguousarray(values.T))


WRITERS: Mapping[str, Callable[[Path, np.ndarray], Any]] = {
    "a.npy": np.save,
    "a.npz": lambda path, values: np.savez_compressed(path, image=values),
    "v7.mat": write_v7,
    "v73.mat": write_v73,
    "a.nii": _nifti,
    "a.nii.gz": _nifti,
    "a.mha": _mha,
    "a.json": lambda path, values: path.write_text(json.dumps(values.tolist())),
}


def labels(shape: tuple[int, ...] = (12, 14, 16)) -> tuple[np.ndarray, np.ndarray]:
    """Two maps of the classes 1 and 2, no axis like another."""
    prediction, reference = (np.zeros(shape, dtype="u1") for _ in range(2))
    prediction[1:6, 2:9, 3:11] = reference[2:6, 2:10, 3:12] = 1
    prediction[8:11, 2:5, 3:6] = reference[8:11, 3:6, 3:6] = 2
    return prediction, reference


@pytest.mark.parametrize("name", WRITERS)
def test_label_maps_score_the_same_in_every_format(scoring: Scoring, name: str) -> None:
    prediction, reference = labels()
    WRITERS[name](scoring.folder / name, prediction)
    scoring.keeps("prediction.npy", prediction)
    scoring.keeps("reference.npy", reference)

    assert scoring.says("cldice", name, "reference.npy") == scoring.says("cldice", "prediction.npy", "reference.npy")


@pytest.mark.parametrize(
    "dtype", [f"{order}{kind}{width}" for order in "<>" for kind in "ui" for width in (1, 2, 4, 8)]
)
def test_labels_of_matlab_may_be_any_whole_numbers(scoring: Scoring, dtype: str) -> None:
    prediction, reference = labels()
    write_v73(scoring.folder / "v73.mat", prediction.astype(dtype), compression="gzip")
    files = scoring.keeps("prediction.npy", prediction), scoring.keeps("reference.npy", reference)

    assert scoring.says("dice", "v73.mat", "reference.npy") == scoring.says("dice", *files)


@pytest.mark.parametrize("name", WRITERS)
def test_images_score_the_same_in_every_format(scoring: Scoring, name: str) -> None:
    prediction, reference = (np.asarray(one, dtype="f4") for one in cine((36, 40, 3, 4), seed=5))
    WRITERS[name](scoring.folder / name, prediction)
    scoring.keeps("prediction.npy", prediction)
    scoring.keeps("reference.npy", reference)
    axes = ("--axes", "x y slice frame")

    ran = scoring.process("ssim", name, "reference.npy", *axes)

    assert ran.code == 0, ran.err
    assert "is it --axes" not in ran.err
    assert strict(ran.out) == scoring.says("ssim", "prediction.npy", "reference.npy", *axes)


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.mha"])
@pytest.mark.parametrize("words", [(), ("--axes", "x y slice"), ("--axes", "slice y x")], ids=" ".join)
def test_spacing_comes_from_the_header_of_either_file(scoring: Scoring, name: str, words: tuple[str, ...]) -> None:
    prediction, reference = labels()
    WRITERS[name](scoring.folder / name, prediction)
    WRITERS[name](scoring.folder / f"reference.{name}", reference)
    files = scoring.keeps("p.npy", prediction), scoring.keeps("r.npy", reference)

    by_hand = scoring.says("hd95", *files, "--spacing", "1.25,1.5,3")

    for pair in [(name, f"reference.{name}"), (name, "r.npy"), ("p.npy", f"reference.{name}")]:
        assert scoring.says("hd95", *pair, *words)["per_class"] == by_hand["per_class"]
    assert scoring.says("hd95", name, "r.npy", "--spacing", "1,1,1")["value"] != by_hand["value"]
    assert "spacing=1.25 1.5 3 mm" in scoring.says("hd95", name, "r.npy")["variant"]


def test_files_of_different_grids_are_compared_only_when_told_to(scoring: Scoring) -> None:
    prediction, reference = labels()
    _nifti(scoring.folder / "p.nii", prediction)
    moved = np.diag([*SPACING, 1.0])
    moved[0, 3] = 2.0
    nib.save(nib.Nifti1Image(reference, moved), scoring.folder / "r.nii")

    assert scoring.fails("dice", "p.nii", "r.nii")["error"] == "BAD_GRID"

    assert scoring.says("dice", "p.nii", "r.nii", "--spacing", "1.25,1.5,3")["value"] > 0.5


@pytest.mark.parametrize("name", ["a.npz", "v7.mat", "v73.mat"])
def test_a_file_of_several_arrays_needs_a_name(scoring: Scoring, name: str) -> None:
    arrays = dict(zip(("mine", "theirs"), (one.astype("f4") for one in labels()), strict=True))
    path = scoring.folder / name
    if name == "a.npz":
        np.savez(path, mine=arrays["mine"], theirs=arrays["theirs"])
    elif name == "v7.mat":
        scipy.io.savemat(path, arrays)
    else:
        with h5py.File(path, "w") as file:
            for key, values in arrays.items():
                file.create_dataset(key, data=values.T)

    told = scoring.fails("dice", name, name)
    assert told["error"] == "BAD_FORMAT"
    assert "--variable" in told["next"]
    assert scoring.fails("dice", name, name, "--variable", "yours")["error"] == "BAD_FORMAT"
    assert scoring.says("dice", name, name, "--variable", "mine")["value"] == 1.0
    two = scoring.says("dice", name, name, "--variable", "mine", "--reference-variable", "theirs")
    plain = [scoring.keeps(f"{key}.npy", values) for key, values in arrays.items()]
    assert two == scoring.says("dice", *plain)


def _fitting(metric: str, *, x_first: bool) -> tuple[np.ndarray, np.ndarray]:
    if known_metrics()[metric].family is not Family.IMAGE:
        return labels()
    prediction, reference = (np.asarray(one, dtype="f4") for one in cine((36, 40, 3, 4), seed=5))
    return (prediction, reference) if x_first else (prediction.T, reference.T)


EXAMPLES = [line.strip() for line in COMMANDS["score"].help.splitlines() if line.startswith("  assay ")]


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_the_help_runs_as_it_stands(scoring: Scoring, example: str) -> None:
    _, verb, *words = shlex.split(example)
    if words[0] != "--list":
        metric, *files = words[:3]
        for name, array in zip(files, _fitting(metric, x_first="--axes" in words), strict=True):
            writer = next(write for known, write in WRITERS.items() if Path(known).suffixes == Path(name).suffixes)
            writer(scoring.folder / name, array)

    ran = scoring.person.types(verb, *words)

    assert ran.code == 0, ran.err
    assert ran.out


def test_a_bare_install_is_enough(scoring: Scoring) -> None:
    for name, array in zip(("p.npy", "r.npy"), labels(), strict=True):
        scoring.keeps(name, array)
    command, environment = scoring.person.process()
    absent = ("django", "celery", "torch", "monai", "nibabel", "skimage", "sklearn", "psutil", "sqlalchemy")
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({absent!r}));"
        "from assay_kit.main import execute; sys.exit(execute(['score', 'cldice', 'p.npy', 'r.npy']))"
    )
    done = subprocess.run(
        [command[0], "-c", code], env=environment, cwd=scoring.folder, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert strict(done.stdout)["metric"] == "cldice"


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "v7.mat", "a.nii", "a.nii.gz", "a.mha", "a.json", "a.png"])
@pytest.mark.parametrize("content", [b"", b"not what the name says", b"\x93NUMPY\x01\x00\xff\xff{", b"\x1f\x8b"])
def test_a_file_that_is_nothing_is_refused_in_json(scoring: Scoring, name: str, content: bytes) -> None:
    (scoring.folder / name).write_bytes(content)
    scoring.keeps("r.npy", np.ones((4, 4)))

    told = scoring.fails("cldice", name, "r.npy")

    assert told["error"] == "BAD_FORMAT"
    assert name in told["message"]


@pytest.mark.parametrize("name", ["gone.npy", "gone.json", "gone.nii.gz", "no/folder.mat"])
def test_a_missing_file_is_named(scoring: Scoring, name: str) -> None:
    told = scoring.fails("cldice", name, scoring.keeps("r.npy", np.ones((4, 4))))

    assert told["error"] == "MISSING_FILE"
    assert name in told["message"]


def test_a_folder_is_no_file(scoring: Scoring) -> None:
    (scoring.folder / "p.npy").mkdir()

    assert scoring.fails("cldice", "p.npy", "p.npy")["error"] == "FORBIDDEN_FILE"
