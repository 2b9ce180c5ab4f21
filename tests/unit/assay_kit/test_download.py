"""A public sample on a team's own machine: the tree as a container sees it, whole, and never of hidden data."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from evaluators.contract.api import DatasetOut
from evaluators.contract.datasets import DatasetManifest
from tests.unit.assay_kit.conftest import Person
from tests.unit.assay_kit.site import API, Site, phase

SIZE = ("--subjects", "1", "--size", "32x32x2x1x2")
CASES = 6
COMMAND = ("dataset", "download", "demo", "--version", "1", "sample")


def upload(person: Person, *words: str) -> None:
    ran = person.runs(
        "dataset", "phantom", "--name", "demo", "--version", "1", *SIZE, "--seed-file", "-", *words,
        stdin="a secret that nobody else has",
    )  # fmt: skip
    assert ran.code == 0, ran.err


def inputs(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "input").rglob("*") if path.is_file())


@pytest.fixture
def sample(alice: Person, site: Site) -> DatasetManifest:
    upload(alice, "--public")
    return site.manifests["demo@1"]


def test_anybody_gets_inputs_as_a_container_sees_them_and_references_apart(
    alice: Person, sample: DatasetManifest
) -> None:
    del alice.environment["ASSAY_TOKEN"]
    ran = alice.runs(*COMMAND)

    assert ran.code == 0, ran.err
    assert ran.out.split() == ["sample/input", "sample/reference"]
    folder = alice.work / "sample"
    wanted = {file.sha256 for case in sample.cases for file in case.inputs}
    assert {hashlib.sha256(path.read_bytes()).hexdigest() for path in inputs(folder)} == wanted
    images = [path for path in inputs(folder) if not path.stem.endswith("_mask")]
    assert len(images) == CASES
    assert images[0].relative_to(folder / "input").parts[:3] == ("MultiCoil", "Cine", "TestSet")
    references = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "reference").rglob("*.npy")}
    assert references == {file.sha256 for case in sample.cases for file in case.references}


@pytest.mark.parametrize(
    ("word", "there", "not_there"), [("--inputs", "input", "reference"), ("--references", "reference", "input")]
)
def test_one_half_comes_alone(alice: Person, sample: DatasetManifest, word: str, there: str, not_there: str) -> None:
    assert alice.runs(*COMMAND, word).code == 0
    assert (alice.work / "sample" / there).is_dir()
    assert not (alice.work / "sample" / not_there).exists()


def test_what_is_there_whole_is_kept_and_the_rest_is_fetched_again(
    alice: Person, site: Site, sample: DatasetManifest
) -> None:
    alice.runs(*COMMAND)
    first, second, *_ = inputs(alice.work / "sample")
    content = first.read_bytes()
    # one broken off, one of the right length that was changed
    first.write_bytes(content[:-1])
    second.write_bytes(second.read_bytes()[:-1] + b"?")
    site.calls.clear()
    ran = alice.runs(*COMMAND, "--json")

    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert (told["dataset"], told["cases"], told["fetched"]) == ("demo@1", CASES, 2)
    assert sum("/files/" in call for call in site.calls) == 2
    assert first.read_bytes() == content


def test_a_site_that_stumbles_is_asked_again(alice: Person, site: Site, sample: DatasetManifest) -> None:
    site.trouble[rf"GET {API}/datasets/demo/1/files/\w+"] = [503, 0]
    assert alice.runs(*COMMAND).code == 0


def test_bytes_that_arrive_changed_are_no_file(alice: Person, site: Site, sample: DatasetManifest) -> None:
    file = sample.cases[0].inputs[0]
    site.blobs[file.sha256] = bytes(file.size)
    ran = alice.runs(*COMMAND)

    assert ran.code == 7
    assert "error[HASH_MISMATCH]" in ran.err
    assert all(bytes(file.size) != path.read_bytes() for path in (alice.work / "sample").rglob("*") if path.is_file())


def test_a_place_outside_of_the_folder_is_never_written(alice: Person, site: Site, sample: DatasetManifest) -> None:
    case = sample.cases[0]
    moved = case.inputs[0].model_copy(update={"path": "../../outside.mat"})
    changed = case.model_copy(update={"inputs": (moved, *case.inputs[1:])})
    site.manifests["demo@1"] = sample.model_copy(update={"cases": (changed, *sample.cases[1:])})
    ran = alice.runs(*COMMAND)

    assert ran.code == 7
    assert not (alice.work / "outside.mat").exists()


def test_hidden_data_are_refused_with_the_reason_and_the_way_to_the_sample(alice: Person, site: Site) -> None:
    upload(alice)
    site.phases[0] = phase("demo/cine/test").model_copy(update={"ranked": "demo@1", "sample": "small@3"})
    ran = alice.runs(*COMMAND)

    assert ran.code == 6
    assert ran.err.startswith("error[HIDDEN_DATA]: demo@1 is hidden: demo/cine/test ranks on it")
    assert "assay dataset download small --version 3 DIR" in ran.err
    assert not (alice.work / "sample").exists()


def test_an_organiser_reads_why_an_own_version_cannot_be_downloaded(alice: Person, site: Site) -> None:
    for number, state in enumerate(("draft", "sealed"), start=1):
        site.datasets[f"demo@{number}"] = DatasetOut(
            name="demo", version=number, state=state, key=None, sha256=None, cases=0
        )
    draft = alice.runs(*COMMAND)
    hidden = alice.runs("dataset", "download", "demo", "--version", "2", "sample")

    assert (draft.code, hidden.code) == (6, 6)
    assert "error[DATASET_DRAFT]" in draft.err
    assert "error[HIDDEN_DATA]" in hidden.err


def test_a_dataset_that_is_not_there_is_not_found(alice: Person, site: Site) -> None:
    assert alice.runs(*COMMAND).code == 5
