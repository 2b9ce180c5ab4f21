"""`assay score --list`: what there is, and what each number means."""

from __future__ import annotations

import json
import subprocess

import pytest

from evaluators.contract.metrics import Choice, Family, Number
from evaluators.metrics import METRICS
from tests.unit.assay_kit.conftest import Person
from tests.unit.assay_kit.scoring.conftest import Scoring

SERVED = {key: metric.spec for key, metric in METRICS.items() if metric.spec.family is not Family.ANSWERS}


def test_the_table_has_every_metric_once_with_its_options(stranger: Person) -> None:
    lines = stranger.runs("score", "--list").out.splitlines()
    rows = {line.split()[0]: line for line in lines[1:]}

    assert lines[0].split() == ["METRIC", "FAMILY", "TITLE", "UNIT", "OPTIONS"]
    assert set(rows) == set(SERVED) | {"betti_numbers", "euler"}
    assert len(rows) == len(lines) - 1
    assert "normalisation=cmrxrecon2023" in rows["ssim"]
    assert "SSIM ↑" in rows["ssim"]
    assert "connectivity=low|high" in rows["euler"]


def test_json_says_of_every_option_what_each_value_computes(stranger: Person) -> None:
    listed = {row["key"]: row for row in json.loads(stranger.runs("score", "--list", "--json").out)}

    for key, spec in SERVED.items():
        row = listed[key]
        assert row["title"] == spec.title
        assert row["unit"] == spec.unit
        assert row["direction"] == spec.better.value
        assert row["source"] == spec.source
        for name, option in spec.options.items():
            if isinstance(option, Choice):
                assert row["options"][name]["values"] == option.values
            else:
                assert isinstance(option, Number)
                assert row["options"][name]["default"] == option.default


@pytest.mark.parametrize("key", ["ece", "betti_numbers", "ssim"])
def test_one_metric_is_told_in_full(stranger: Person, key: str) -> None:
    row = json.loads(stranger.runs("score", "--list", key, "--json").out)[0]
    out = stranger.runs("score", "--list", key).out

    assert row["key"] == key
    assert row["source"] in out
    for name, option in row["options"].items():
        for value, text in option.get("values", {}).items():
            assert f"--{name} {value}" in out
            assert text
            assert text in out


def test_each_scale_and_region_of_a_task_is_told_with_its_source(stranger: Person) -> None:
    out = stranger.runs("score", "--list", "psnr").out

    for words in (
        "CMRxRecon 2023, Evaluation/Evaluation.py",
        "CMRxRecon 2024, evaluation-2024/Test_Score2024.py",
        "CMRxRecon 2025, test-2025/Test_Score2025.py",
        "fastMRI, fastmri/evaluate.py",
        "the middle third of x by the middle half of y",
        "every pixel, slice and frame of the reference",
        "calmetric(gt, recon)",
    ):
        assert words in out
    # the default here is the whole file, whatever a challenge ranks
    assert out.index("--region full") < out.index("--region challenge-crop")


def test_a_mistyped_metric_gets_a_suggestion(scoring: Scoring) -> None:
    for words in (["ssmi", "p.npy", "r.npy"], ["--list", "ssmi"]):
        ran = scoring.person.runs("score", *words)
        assert ran.code == 1
        assert "did you mean ssim?" in ran.err


@pytest.mark.parametrize("missing", [[], ["ssim"], ["ssim", "p.npy"]])
def test_a_metric_and_two_files_are_needed(scoring: Scoring, missing: list[str]) -> None:
    assert scoring.fails(*missing)["error"] == "USAGE"


@pytest.mark.parametrize("words", [["score", "-h"], ["score", "--list"]])
def test_help_and_list_load_no_metric(stranger: Person, words: list[str]) -> None:
    command, environment = stranger.process()
    heavy = ("numpy", "numba", "scipy", "h5py", "django", "torch")
    code = (
        f"import sys; from assay_kit.main import execute; execute({words!r});"
        f"sys.stderr.write(', '.join(name for name in {heavy!r} if name in sys.modules))"
    )
    done = subprocess.run([command[0], "-c", code], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0
    assert done.stderr == ""
