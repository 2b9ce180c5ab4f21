"""Images: whatever order the file's axes are in, the number is the board's."""

from __future__ import annotations

import hashlib
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest

from evaluators.contract.datasets import FileRef
from evaluators.scoring.case import score_case
from evaluators.tasks import KINDS
from tests.golden.pictures import cine
from tests.unit.assay_kit.scoring.conftest import Scoring
from tests.unit.evaluators.readers.files import write_v7, write_v73
from tests.unit.evaluators.tasks.specs import job_case, reconstruction_task

SHAPE = (36, 40, 3, 4)
BOARD = ("x", "y", "slice", "frame")


@pytest.fixture
def pair() -> tuple[np.ndarray, np.ndarray]:
    """(x, y, slice, frame), float32."""
    prediction, reference = cine(SHAPE, seed=3)
    return np.asarray(prediction, dtype="f4"), np.asarray(reference, dtype="f4")


OFFER = KINDS["reconstruction"].offer
#: every column that a task of the kind may have: metric, then each of the kind's options
COLUMNS = [
    {"metric": metric, **dict(zip(OFFER.options, values, strict=True))}
    for metric in OFFER.metrics
    for values in product(*(option.values for option in OFFER.options.values()))
]


@pytest.mark.parametrize("write", [write_v7, write_v73])
def test_the_number_is_the_one_that_the_scorer_gives_the_same_file(
    scoring: Scoring, pair: tuple[np.ndarray, np.ndarray], write, tmp_path: Path
) -> None:
    prediction, reference = pair
    write(scoring.folder / "cine_sax.mat", prediction)
    scoring.keeps("reference.npy", reference)
    content = (scoring.folder / "reference.npy").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    (tmp_path / digest).write_bytes(content)
    scored = score_case(
        task=reconstruction_task(metrics=[{**column, "as": f"c{index}"} for index, column in enumerate(COLUMNS)]),
        case=job_case(shape=SHAPE, reference=FileRef(path="cine_sax.npy", sha256=digest, size=len(content))),
        prediction=scoring.folder / "cine_sax.mat",
        references=tmp_path,
        key=None,
    ).values
    assert len(scored) == len(COLUMNS)
    for index, column in enumerate(COLUMNS):
        flags = [word for name in OFFER.options for word in (f"--{name}", column[name])]
        said = scoring.says(column["metric"], "cine_sax.mat", "reference.npy", "--axes", " ".join(BOARD), *flags)
        assert said["value"] == scored[f"c{index}"], column
        assert all(f"{name}={column[name]}" in said["variant"] for name in OFFER.options)


@pytest.mark.parametrize("order", [*permutations(BOARD)][::5], ids=" ".join)
def test_every_order_of_axes_gives_the_same_number(
    scoring: Scoring, pair: tuple[np.ndarray, np.ndarray], order: tuple[str, ...]
) -> None:
    board = [scoring.keeps(name, np.transpose(one, (3, 2, 1, 0))) for name, one in zip(("p", "r"), pair, strict=True)]
    turned = [np.transpose(one, [BOARD.index(name) for name in order]) for one in pair]
    files = [scoring.keeps(name, one) for name, one in zip(("q.npy", "s.npy"), turned, strict=True)]

    plain = scoring.says("ssim", *(f"{name}.npy" for name in board))

    assert plain["variant"].endswith("axes=frame slice y x")
    assert scoring.says("ssim", *files, "--axes", " ".join(order))["value"] == pytest.approx(plain["value"], abs=1e-12)


def test_files_may_differ_in_the_order_of_their_axes(scoring: Scoring, pair: tuple[np.ndarray, np.ndarray]) -> None:
    scoring.keeps("p.npy", pair[0])
    scoring.keeps("r.npy", pair[1].T)
    scoring.keeps("q.npy", pair[0].T)

    said = scoring.says("nmse", "p.npy", "r.npy", "--axes", "x y slice frame", "--reference-axes", "frame slice y x")

    assert said["value"] == pytest.approx(scoring.says("nmse", "q.npy", "r.npy")["value"], abs=1e-15)


@pytest.mark.parametrize("axes", [2, 3])
def test_fewer_axes_are_the_last_ones_of_the_default(
    scoring: Scoring, pair: tuple[np.ndarray, np.ndarray], axes: int
) -> None:
    whole = [one.T[:1, :1] for one in pair]
    part = [one.reshape(one.shape[-axes:]) for one in whole]
    for name, array in zip(("p", "r", "q", "s"), (*whole, *part), strict=True):
        scoring.keeps(f"{name}.npy", array)

    said = scoring.says("psnr", "q.npy", "s.npy")

    assert said["value"] == scoring.says("psnr", "p.npy", "r.npy")["value"]
    assert said == scoring.says("psnr", "q.npy", "s.npy", "--axes", " ".join(["slice", "y", "x"][-axes:]))


def test_a_volume_read_along_the_wrong_axes_is_doubted_on_stderr(
    scoring: Scoring, pair: tuple[np.ndarray, np.ndarray]
) -> None:
    narrow = [one[:, :, :2] for one in cine((64, 48, 12, 12), seed=1)]
    for name, one in zip("pr", narrow, strict=True):
        scoring.keeps(f"{name}.npy", np.repeat(one, 6, axis=2))

    ran = scoring.person.runs("score", "nmse", "p.npy", "r.npy")

    assert ran.code == 0
    assert "pictures of 12 by 12" in ran.err
    assert "x y slice frame" in ran.err


def test_a_refusal_that_wrong_axes_explain_says_so(scoring: Scoring, pair: tuple[np.ndarray, np.ndarray]) -> None:
    files = [scoring.keeps(name, one) for name, one in zip(("p.npy", "r.npy"), pair, strict=True)]

    told = scoring.fails("ssim", *files)

    assert told["error"] == "UNDEFINED"
    assert 'is it --axes "x y slice frame"?' in told["next"]


@pytest.mark.parametrize(
    ("prediction", "reference", "words", "error"),
    [
        (np.ones((2, 8, 8)), np.ones((3, 8, 8)), [], "BAD_SHAPE"),
        (np.ones((2, 8, 8)), np.ones((2, 8, 8)), ["--axes", "y x"], "BAD_SHAPE"),
        (np.ones(8), np.ones(8), [], "BAD_SHAPE"),
        (np.ones((8, 8), dtype=complex), np.ones((8, 8)), [], "BAD_VALUE"),
        (np.full((8, 8), np.nan), np.ones((8, 8)), [], "NOT_FINITE"),
        (np.ones((8, 8)), np.full((8, 8), np.inf), [], "NOT_FINITE"),
        (np.full((8, 8), 1e300), np.ones((8, 8)), [], "BAD_VALUE"),
        (np.ones((8, 8)), np.zeros((8, 8)), [], "UNDEFINED"),
        (np.ones((3, 3)), np.ones((3, 3)), [], "UNDEFINED"),
        (np.array([["a"]]), np.ones((3, 3)), [], "BAD_VALUE"),
    ],
)
def test_what_has_no_score_is_refused_with_a_code(
    scoring: Scoring, prediction: np.ndarray, reference: np.ndarray, words: list[str], error: str
) -> None:
    files = scoring.keeps("p.npy", prediction), scoring.keeps("r.npy", reference)

    assert scoring.fails("ssim", *files, *words)["error"] == error


@pytest.mark.parametrize("axes", ["y", "x y x", "x y z", "slice frame", ""])
def test_axes_that_make_no_sense_are_wrong_usage(scoring: Scoring, axes: str) -> None:
    files = [scoring.keeps(name, np.ones((8, 8))) for name in ("p.npy", "r.npy")]

    assert "--axes" in scoring.fails("ssim", *files, "--axes", axes)["message"]
