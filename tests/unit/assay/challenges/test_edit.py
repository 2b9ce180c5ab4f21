"""Single values of a file change; the rest stays as it was written."""

from __future__ import annotations

from typing import Any

import pytest

from assay.challenges.edit import CannotEdit, with_values
from assay.challenges.marked_yaml import Path, load
from tests.unit.assay.samples import CHALLENGE

BLOCK = "a: 1   # one\nb:\n  - c: x\n    d: {e: f, g: [1, 2]}   # flow\n\n# end\nh:\n"


@pytest.mark.parametrize(
    ("path", "value", "wanted"),
    [
        (("a",), 2, BLOCK.replace("a: 1", "a: 2")),
        (("a",), "x: y # z", BLOCK.replace("a: 1", 'a: "x: y # z"')),
        (("a",), "true", BLOCK.replace("a: 1", 'a: "true"')),
        (("a",), "2027-01-01 12:00", BLOCK.replace("a: 1", "a: 2027-01-01 12:00")),
        (("a",), None, BLOCK.replace("a: 1   # one\n", "")),
        (("b", 0, "d", "e"), None, BLOCK.replace("{e: f, g", "{g")),
        (("b", 0, "d", "g"), None, BLOCK.replace("{e: f, g: [1, 2]}", "{e: f}")),
        (("b", 0, "d", "i"), "j", BLOCK.replace("2]}", "2], i: j}")),
        (("b", 0, "d", "i", "k"), "j", BLOCK.replace("2]}", "2], i: {k: j}}")),
        (("b", 0, "new"), 3, BLOCK.replace("# flow\n", "# flow\n    new: 3\n")),
        (("h",), "x", BLOCK.replace("h:\n", "h: x\n")),
        (("h", "i"), "x", BLOCK.replace("h:\n", "h: {i: x}\n")),
        (("z", "y"), "x", BLOCK + "z: {y: x}\n"),
        (("a",), 1, BLOCK),
        (("nothing", "here"), None, BLOCK),
    ],
)
def test_one_value_changes_and_nothing_else(path: Path, value: Any, wanted: str) -> None:
    assert with_values(BLOCK, {path: value}) == wanted


def test_a_file_without_a_last_newline_takes_a_key_too() -> None:
    assert with_values("a: 1", {("b",): 2}) == "a: 1\nb: 2\n"


@pytest.mark.parametrize("path", [("a", "b"), ("b", 7, "x"), ("b", 0, "d", "g", "x")])
def test_what_has_no_place_is_refused(path: Path) -> None:
    with pytest.raises(CannotEdit):
        with_values(BLOCK, {path: 1})


def test_a_real_file_keeps_every_comment() -> None:
    at = ("tasks", 0, "phases", 0)
    changes: dict[Path, Any] = {
        ("title",): "Another", (*at, "open", "until"): "2027-01-01 12:00", (*at, "quota", "submissions"): 7,
        (*at, "data", "sample"): None, (*at, "limits", "time"): "1h",
    }  # fmt: skip
    made = with_values(CHALLENGE, changes)
    assert made.count("#") == CHALLENGE.count("#")
    phase = load(made).data["tasks"][0]["phases"][0]
    assert (phase["open"], phase["quota"]["submissions"]) == ({"until": "2027-01-01 12:00"}, 7)
    assert (phase["data"], phase["limits"]) == ({"ranked": "cine-demo-test@1"}, {"time": "1h"})
