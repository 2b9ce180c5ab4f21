"""Label maps: classes, spacing and what is told of each class."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.assay_kit.scoring.conftest import Scoring


@pytest.fixture
def files(scoring: Scoring) -> tuple[str, str]:
    """Class 1: one piece in both. Class 3: two pieces in the prediction, a ring in the reference."""
    prediction, reference = (np.zeros((12, 14, 16), dtype="u1") for _ in range(2))
    prediction[1:4, 1:4, 1:4] = reference[1:4, 2:5, 1:4] = 1
    prediction[6:8, 6:8, 6:8] = prediction[9:11, 9:11, 9:11] = 3
    reference[6:11, 6:11, 8] = 3
    reference[8, 8, 8] = 0
    return scoring.keeps("p.npy", prediction), scoring.keeps("r.npy", reference)


def test_every_label_of_the_files_has_a_value_and_the_mean_is_theirs(scoring: Scoring, files: tuple[str, str]) -> None:
    said = scoring.says("betti_error", *files)

    assert said["per_class"] == {"1": 0.0, "3": 2.0}
    assert said["value"] == 1.0
    assert said["variant"] == "connectivity=low, dimension=all"
    assert (said["metric"], said["unit"], said["direction"]) == ("betti_error", "1", "lower")


def test_named_classes_are_scored_even_where_no_file_holds_them(scoring: Scoring, files: tuple[str, str]) -> None:
    assert scoring.says("betti_error", *files, "--classes", "3,2")["per_class"] == {"3": 2.0, "2": 0.0}


def test_betti_numbers_and_euler_tell_both_files_numbers(scoring: Scoring, files: tuple[str, str]) -> None:
    betti = scoring.says("betti_numbers", *files)
    euler = scoring.says("euler", *files)

    assert betti["per_class"]["3"] == {"prediction": [2, 0, 0], "reference": [1, 1, 0]}
    assert euler["per_class"]["3"] == {"prediction": 2, "reference": 0}
    assert betti["value"] == scoring.says("betti_error", *files)["value"]
    assert euler["value"] == scoring.says("euler_error", *files)["value"]


@pytest.mark.parametrize(("connectivity", "pieces"), [("low", 3), ("high", 1)])
def test_connectivity_decides_whether_a_diagonal_is_one_piece(scoring: Scoring, connectivity: str, pieces: int) -> None:
    files = scoring.keeps("p.npy", np.eye(3, dtype=bool)), scoring.keeps("r.npy", np.ones((3, 3)))

    said = scoring.says("betti_numbers", *files, "--connectivity", connectivity)

    assert said["per_class"]["1"]["prediction"] == [pieces, 0]
    assert said["variant"] == f"connectivity={connectivity}"


def test_axes_turn_the_files_into_one_order(scoring: Scoring, files: tuple[str, str]) -> None:
    scoring.keeps("turned.npy", np.load(scoring.folder / "r.npy").T)
    told = scoring.fails("cldice", "p.npy", "turned.npy")
    assert told["error"] == "BAD_SHAPE"
    assert "--reference-axes" in told["next"]

    said = scoring.says("cldice", "p.npy", "turned.npy", "--axes", "x y slice", "--reference-axes", "slice y x")

    assert said["per_class"] == scoring.says("cldice", *files)["per_class"]


def test_distances_are_in_mm_along_the_axes_of_the_file(scoring: Scoring) -> None:
    masks = np.zeros((2, 9, 9, 9), dtype=bool)
    masks[0, 2:4, 2:4, 2:4] = masks[1, 2:4, 2:4, 4:6] = True
    files = scoring.keeps("p.npy", masks[0]), scoring.keeps("r.npy", masks[1])

    said = scoring.says("hd95", *files, "--spacing", "1,1,3")

    assert said["value"] == 6.0
    assert (said["unit"], said["variant"]) == ("mm", "variant=monai, spacing=1 1 3 mm")
    assert scoring.says("hd95", *files, "--spacing", "1 1 3", "--axes", "slice y x")["value"] == 6.0
    assert scoring.says("hd95", *files, "--spacing", "3,1,1")["value"] == 2.0


def test_a_metric_in_mm_asks_for_the_spacing_that_a_file_does_not_tell(scoring: Scoring) -> None:
    files = scoring.keeps("p.npy", np.ones((4, 4))), scoring.keeps("r.npy", np.ones((4, 4)))

    for metric, words in {"hd95": [], "assd": [], "nsd": ["--tolerance", "1"]}.items():
        told = scoring.fails(metric, *files, *words)
        assert told["error"] == "NO_SPACING"
        assert "--spacing" in told["next"]
    assert scoring.says("dice", *files)["value"] == 1.0


def test_an_option_that_has_no_default_is_asked_for(scoring: Scoring) -> None:
    files = scoring.keeps("p.npy", np.ones((4, 4))), scoring.keeps("r.npy", np.ones((4, 4)))

    assert "tolerance, a number in mm" in scoring.fails("nsd", *files, "--spacing", "1,1")["message"]


@pytest.mark.parametrize(
    ("values", "words", "error"),
    [
        (np.zeros((4, 4)), [], "NO_CLASSES"),
        (np.full((4, 4), 0.5), [], "BAD_VALUE"),
        (np.full((4, 4), -1), [], "BAD_VALUE"),
        (np.full((4, 4), 70_000), [], "BAD_VALUE"),
        (np.arange(1600).reshape(40, 40), [], "BAD_VALUE"),
        (np.ones(4), [], "BAD_SHAPE"),
        (np.ones((2, 2, 2, 2)), [], "BAD_SHAPE"),
        (np.ones((0, 4)), [], "BAD_SHAPE"),
        (np.ones((4, 4)), ["--spacing", "1,1,3"], "BAD_SHAPE"),
    ],
)
def test_what_is_no_label_map_is_refused_with_a_code(
    scoring: Scoring, values: np.ndarray, words: list[str], error: str
) -> None:
    files = scoring.keeps("p.npy", values), scoring.keeps("r.npy", values)

    assert scoring.fails("betti_error", *files, *words)["error"] == error


@pytest.mark.parametrize(
    "words",
    [
        ["--classes", "0,1"],
        ["--classes", "1,1"],
        ["--classes", "1000000"],
        ["--classes", "one"],
        ["--spacing", "1,0,1"],
        ["--spacing", "1,nan,1"],
        ["--spacing", ""],
        ["--connectivity", "6"],
        ["--tolerance-of-nothing", "3"],
        ["--variant", "medpy"],
        ["--reference-axes", "y x"],
    ],
)
def test_flags_that_make_no_sense_are_wrong_usage(scoring: Scoring, files: tuple[str, str], words: list[str]) -> None:
    ran = scoring.person.runs("score", "betti_error", *files, *words)

    # what the parser does not know is wrong usage; what it knows and the metric does not is an answer
    assert ran.code == (2 if "nothing" in words[0] else 1)
    assert ran.err.startswith("error[USAGE]: ")
    assert words[0].lstrip("-") in ran.err
