"""Tasks, datasets, results: what is refused where it is written down."""

from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from evaluators.contract.datasets import CaseManifest, DatasetManifest, FileRef, check_relative_path
from evaluators.contract.failures import FailureNote
from evaluators.contract.metrics import Better, MetricSpec
from evaluators.contract.outputs import ArchivedFile, output_digest
from evaluators.contract.scores import CaseResult
from evaluators.contract.tasks import MetricUse, StratumSpec
from tests.unit.evaluators.tasks.specs import job_case, reconstruction_task


@pytest.mark.parametrize("path", ["", "/etc/passwd", "a/../b", "..", "a//b", "./a", "a\\b", "a\0b", "a/"])
def test_a_path_that_could_leave_its_root_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="plain relative path"):
        check_relative_path(path)
    with pytest.raises(ValidationError):
        FileRef(path=path, sha256="0" * 64, size=1)


def test_a_plain_path_is_kept() -> None:
    assert check_relative_path("MultiCoil/Cine/{name}/cine_sax.mat") == "MultiCoil/Cine/{name}/cine_sax.mat"


def _case(label: str, group: str) -> CaseManifest:
    file = FileRef(path="{name}/a.mat", sha256="0" * 64, size=1)
    return CaseManifest(
        label=label, unit="P001", group=group, strata={}, inputs=(file,), references=(file,), shape=(1, 2)
    )


def test_two_cases_share_neither_label_nor_first_file() -> None:
    DatasetManifest(layout="x", visibility="public", cases=(_case("case 1", "a"), _case("case 2", "b")))
    with pytest.raises(ValidationError, match="label"):
        DatasetManifest(layout="x", visibility="public", cases=(_case("case 1", "a"), _case("case 1", "b")))
    with pytest.raises(ValidationError, match="first input file"):
        DatasetManifest(layout="x", visibility="public", cases=(_case("case 1", "a"), _case("case 2", "a")))


def test_a_result_is_values_or_a_failure_and_every_value_is_finite() -> None:
    failure = FailureNote(code="BAD_SHAPE")
    for broken in ({}, {"values": {"ssim": 1.0}, "failure": failure}):
        with pytest.raises(ValidationError, match="either values or a failure"):
            CaseResult(case=0, **broken)
    for value in (math.nan, math.inf):
        with pytest.raises(ValidationError, match="finite"):
            CaseResult(case=0, values={"ssim": value})


def test_options_of_a_metric_are_written_flat_and_its_key_is_its_own_name() -> None:
    use = MetricUse.model_validate({"metric": "ssim", "region": "full", "digits": 2})
    assert (use.key, use.options, use.digits) == ("ssim", {"region": "full"}, 2)
    assert MetricUse.model_validate({"metric": "ssim", "as": "ssim_full"}).key == "ssim_full"


def test_a_task_survives_being_sent() -> None:
    task = reconstruction_task()
    assert type(task).model_validate_json(task.model_dump_json(by_alias=True)) == task
    assert type(task).model_validate_json(task.model_dump_json()) == task


def test_two_columns_cannot_share_a_key_and_one_must_rank() -> None:
    with pytest.raises(ValidationError, match=r"'ssim'.*`as:`"):
        reconstruction_task(metrics=[{"metric": "ssim"}, {"metric": "ssim", "region": "full"}])
    with pytest.raises(ValidationError, match="at least one metric must rank"):
        reconstruction_task(metrics=[{"metric": "ssim", "ranks": False}])


def test_a_ranking_says_what_missing_counts() -> None:
    with pytest.raises(ValidationError, match="missing"):
        reconstruction_task(ranking={"rule": "mean_then_rank"})


def test_strata_values_are_text_whatever_was_written() -> None:
    assert StratumSpec.model_validate({"title": "AF", "values": [4, 8]}).values == {"4": "4", "8": "8"}
    assert StratumSpec.model_validate({"title": "View", "values": {"sax": "short axis"}}).values == {
        "sax": "short axis"
    }


def test_the_output_mirrors_the_first_input() -> None:
    case = job_case(subject="P007")
    assert case.output == case.inputs[0].path == "MultiCoil/Cine/TestSet/AccFactor04/P007/cine_sax.mat"


def test_the_arrow_points_to_the_good_side() -> None:
    common = {
        "key": "k",
        "family": "image",
        "title": "K",
        "unit": "1",
        "bounds": (None, None),
        "worst": 0.0,
        "source": "s",
        "peer": "p",
    }
    assert MetricSpec(better=Better.HIGHER, **common).arrow == "↑"
    assert MetricSpec(better=Better.LOWER, **common).arrow == "↓"


def test_one_digest_names_a_runs_output_by_paths_sizes_and_hashes() -> None:
    first, second = ArchivedFile(sha256="a" * 64, size=1), ArchivedFile(sha256="b" * 64, size=2)
    digest = output_digest({"p": first, "q": second})
    assert digest == output_digest({"q": second, "p": first})
    others = [{"p": first}, {"p": second, "q": first}, {"r": first, "q": second}, {}]
    assert len({digest, *map(output_digest, others)}) == 5
