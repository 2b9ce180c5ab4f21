"""An organiser's data: simulated, checked, sealed here and uploaded."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

import assay.challenges
from evaluators.contract.api import DatasetOut
from evaluators.contract.sealing import unseal
from tests.unit.assay_kit.conftest import Person
from tests.unit.assay_kit.site import API, Site

#: an import of a download says nothing of the anatomy
CHALLENGE = (
    (Path(assay.challenges.__file__).parent / "library" / "cine-demo.yaml")
    .read_text()
    .replace("      anatomy: {title: Anatomy", "      # anatomy: {title: Anatomy")
)
SEED = "a secret that nobody else has\n"
SIZE = ("--subjects", "1", "--size", "32x32x2x1x2")
CASES = 6  # two views, three acceleration factors


def simulate(person: Person, *extra: str) -> Path:
    folder = person.work / "data"
    ran = person.runs("dataset", "phantom", "--out", str(folder), *SIZE, "--seed-file", "-", *extra, stdin=SEED)
    assert ran.code == 0, ran.err
    return folder


def test_phantoms_are_uploaded_as_a_hidden_dataset_whose_references_are_ciphertext(alice: Person, site: Site) -> None:
    site.datasets["demo@1"] = draft = DatasetOut(
        name="demo", version=1, state="draft", key="5" * 64, sha256=None, cases=0
    )
    ran = alice.runs("dataset", "phantom", "--name", "demo", "--version", "1", *SIZE, "--seed-file", "-", stdin=SEED)

    assert ran.code == 0, ran.err
    assert ran.out.split()[:4] == ["demo@1", "sealed", str(CASES), "cases"]
    manifest = site.manifests["demo@1"]
    assert manifest.visibility == "hidden"
    assert len(manifest.cases) == CASES
    assert {case.strata["anatomy"] for case in manifest.cases} == {"phantom"}
    assert {case.strata["af"] for case in manifest.cases} == {"4", "8", "10"}
    reference = manifest.cases[0].references[0]
    sealed = site.blobs[reference.sha256]
    assert b"NUMPY" not in sealed[:64]
    image = np.load(io.BytesIO(unseal(sealed, key=str(draft.key), path=reference.path)), allow_pickle=False)
    assert image.shape == manifest.cases[0].shape
    assert str(draft.key) not in ran.out + ran.err
    # a hidden case is never drawn
    assert site.pictures == {}
    assert not any("pictures" in call for call in site.calls)


@pytest.mark.parametrize("scan", ["cine", "T1map"])
def test_a_public_sample_brings_the_pictures_of_its_viewer(alice: Person, site: Site, scan: str) -> None:
    command = ("dataset", "phantom", "--name", "demo", "--version", "1", *SIZE, "--scan", scan, "--public")
    ran = alice.runs(*command, "--seed-file", "-", stdin=SEED)

    assert ran.code == 0, ran.err
    manifest = site.manifests["demo@1"]
    put = site.pictures["demo@1"]
    assert {(one.case, one.kind, one.method) for one in put} == {
        (case.label, kind, method)
        for case in manifest.cases
        for kind, method in (("reference", ""), ("image", "Zero-filled"), ("error", "Zero-filled"))
    }
    assert {(one.width, one.height, one.frames) for one in put} == {(32, 32, manifest.cases[0].shape[3])}
    assert f"{3 * len(manifest.cases)} pictures for the viewer" in ran.err


def test_the_images_of_a_method_on_a_sample_are_drawn_from_what_its_container_wrote(alice: Person, site: Site) -> None:
    command = ("dataset", "phantom", "--name", "demo", "--version", "1", *SIZE, "--public", "--seed-file", "-")
    assert alice.runs(*command, stdin=SEED).code == 0
    outputs = alice.work / "output"
    for case in site.manifests["demo@1"].cases:
        reference = np.load(io.BytesIO(site.blobs[case.references[0].sha256]), allow_pickle=False)
        path = outputs / case.inputs[0].path.replace("{name}", case.group.split("/")[0])
        path.parent.mkdir(parents=True, exist_ok=True)
        savemat(path, {"img4ranking": 7 * reference})
    site.pictures.clear()
    words = ("dataset", "pictures", "demo", "--version", "1", "--method", "Perfect", "--outputs", str(outputs))
    ran = alice.runs(*words)

    assert ran.code == 0, ran.err
    put = site.pictures["demo@1"]
    assert {(one.kind, one.method) for one in put} == {("image", "Perfect"), ("error", "Perfect")}
    assert len(put) == 2 * CASES
    # the scale of a method does not show, so a perfect one has an error of one dark colour
    errors = [Image.open(io.BytesIO(one.png)).convert("RGB").getcolors() for one in put if one.kind == "error"]
    assert all(colours is not None and [colour for _, colour in colours] == [(0x44, 0x01, 0x54)] for colours in errors)


def test_an_output_that_cannot_be_read_is_named_with_its_code(alice: Person, site: Site) -> None:
    command = ("dataset", "phantom", "--name", "demo", "--version", "1", *SIZE, "--public", "--seed-file", "-")
    assert alice.runs(*command, stdin=SEED).code == 0
    words = ("dataset", "pictures", "demo", "--version", "1", "--method", "Lost", "--outputs", str(alice.work))
    ran = alice.runs(*words)

    assert ran.code == 1
    assert "MISSING_FILE" in ran.err


def test_real_anatomy_stands_as_a_stratum_of_its_own(alice: Person, site: Site) -> None:
    ran = alice.runs(
        "dataset", "phantom", "--name", "demo", "--version", "1", *SIZE, "--real", "1", "--seed-file", "-", stdin=SEED
    )

    assert ran.code == 0, ran.err
    anatomy = [case.strata["anatomy"] for case in site.manifests["demo@1"].cases]
    assert (anatomy.count("phantom"), anatomy.count("real")) == (CASES, CASES)


def test_the_same_seed_makes_the_same_scans_and_another_makes_others(alice: Person, site: Site) -> None:
    for name, seed in (("one", SEED), ("same", SEED), ("other", SEED[::-1])):
        command = ("dataset", "phantom", "--name", name, "--version", "1", *SIZE, "--seed-file", "-", "--public")
        assert alice.runs(*command, stdin=seed).code == 0
    one, same, other = (
        {ref.sha256 for case in site.manifests[f"{name}@1"].cases for ref in case.inputs[:1]}
        for name in ("one", "same", "other")
    )

    assert one == same
    assert not one & other


def test_a_short_secret_is_refused_for_hidden_data(alice: Person, site: Site) -> None:
    command = ("dataset", "phantom", "--name", "demo", "--version", "1", *SIZE, "--seed-file", "-")

    assert alice.runs(*command, stdin="1234\n").code == 2
    assert not site.datasets


def test_only_writing_needs_no_site(stranger: Person) -> None:
    folder = simulate(stranger, "--set", "TrainingSet")

    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*.mat")}
    assert "MultiCoil/Cine/TrainingSet/AccFactor10/P001/cine_lax.mat" in found
    assert "MultiCoil/Cine/TrainingSet/FullSample/P001/cine_sax.mat" in found


@pytest.mark.parametrize("name", ["../x", "..", "a/b", "/tmp/x", "", ".hidden", "a b"])
def test_a_set_that_is_no_plain_folder_name_is_refused_before_anything_is_written(stranger: Person, name: str) -> None:
    folder = stranger.work / "data"
    command = ("dataset", "phantom", "--out", str(folder), *SIZE, "--seed-file", "-", "--set", name)
    ran = stranger.runs(*command, stdin=SEED)

    assert ran.code == 2
    assert f"--set {name!r} is no plain folder name" in ran.err
    assert list(stranger.work.iterdir()) == []
    folder.mkdir()
    assert stranger.runs("dataset", "check", "cmrxrecon", str(folder), "--set", name).code == 2


def test_a_good_folder_is_good(stranger: Person) -> None:
    folder = simulate(stranger)
    ran = stranger.runs("dataset", "check", "cmrxrecon", str(folder))

    assert ran.code == 0
    # masks that are equal are files all the same
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert f"{len(files)} files good, 6 cases of 1 subject\n" in ran.out


@pytest.fixture
def spoilt(alice: Person) -> Path:
    folder = simulate(alice)
    (folder / "MultiCoil/Cine/TestSet/AccFactor08/P001/cine_sax.mat").write_text("not a .mat file")
    (folder / "MultiCoil/Cine/TestSet/AccFactor04/P001/cine_lax_mask.mat").unlink()
    return folder


def test_every_bad_file_is_named_and_the_answer_is_no(alice: Person, spoilt: Path) -> None:
    ran = alice.runs("dataset", "check", "cmrxrecon", str(spoilt))

    assert ran.code == 1
    assert "AccFactor08/P001/cine_sax.mat (kspace_sub08): wanted" in ran.out
    assert "AccFactor04/P001/cine_lax_mask.mat (mask04): wanted" in ran.out
    assert "nothing imported" in ran.out.splitlines()[-1]


def test_bad_files_as_json(alice: Person, spoilt: Path) -> None:
    ran = alice.runs("dataset", "check", "cmrxrecon", str(spoilt), "--json")

    assert ran.code == 1
    assert len(json.loads(ran.out)["problems"]) == 2


def test_a_folder_with_a_bad_file_is_not_uploaded(alice: Person, site: Site, spoilt: Path) -> None:
    ran = alice.runs("dataset", "import", "cmrxrecon", str(spoilt), "--name", "demo", "--version", "1")

    assert ran.code == 1
    assert "error[DATASET_INVALID]" in ran.err
    assert not site.blobs


def files_sent(site: Site) -> int:
    """How often a file was sent; pictures are drawn anew each time."""
    return sum(
        count for call, count in site.calls.items() if call.startswith("PUT ") and not call.endswith("/pictures")
    )


def test_an_import_that_broke_off_goes_on_where_it_was(alice: Person, site: Site) -> None:
    folder = simulate(alice)
    command = ("dataset", "import", "cmrxrecon", str(folder), "--name", "sample", "--version", "1", "--public")
    site.trouble[rf"POST {API}/datasets/sample/1/seal"] = [500]
    assert alice.runs(*command).code == 7
    first = files_sent(site)

    ran = alice.runs(*command)

    assert ran.code == 0
    assert "sample@1: 0 files sent" in ran.err
    assert files_sent(site) == first
    assert site.manifests["sample@1"].visibility == "public"


def test_a_closed_version_is_never_written_again(alice: Person, site: Site) -> None:
    folder = simulate(alice)
    command = ("dataset", "import", "cmrxrecon", str(folder), "--name", "sample", "--version", "1", "--public")
    assert alice.runs(*command).code == 0

    ran = alice.runs(*command)

    assert ran.code == 6
    assert "next: use --version 2" in ran.err


def test_the_same_line_may_be_run_again_when_only_what_is_missing_is_wanted(alice: Person, site: Site) -> None:
    command = ("dataset", "phantom", "--name", "demo", "--version", "1", *SIZE, "--seed-file", "-", "--if-missing")
    assert alice.runs(*command, stdin=SEED).code == 0
    before = sum(site.calls.values())

    ran = alice.runs(*command, stdin=SEED)

    assert ran.code == 0
    assert ran.out.split()[:2] == ["demo@1", "sealed"]
    assert "demo@1 is there already" in ran.err
    assert sum(site.calls.values()) == before + 1


def test_a_file_that_was_lost_on_its_way_is_sent_again(alice: Person, site: Site) -> None:
    folder = simulate(alice)
    first = hashlib.sha256((folder / "MultiCoil/Cine/TestSet/AccFactor04/P001/cine_sax.mat").read_bytes()).hexdigest()
    site.lost[first] = True

    ran = alice.runs("dataset", "import", "cmrxrecon", str(folder), "--name", "demo", "--version", "1")

    assert ran.code == 0
    assert site.calls[f"PUT {API}/blobs/{first}"] == 2


def test_the_key_of_a_strangers_draft_is_asked_for_in_vain(alice: Person, site: Site) -> None:
    site.datasets["demo@1"] = DatasetOut(name="demo", version=1, state="draft", key=None, sha256=None, cases=0)

    ran = alice.runs("dataset", "import", "cmrxrecon", str(alice.work), "--name", "demo", "--version", "1")

    assert ran.code == 4


@pytest.mark.parametrize(
    ("words", "layout", "weightings"),
    [
        (("--scan", "mapping"), "cmrxrecon-2023-mapping", {"T1", "T2"}),
        (("--scan", "T1map", "--single-coil"), "cmrxrecon-2023-mapping-single", {"T1"}),
    ],
)
def test_mapping_phantoms_are_a_dataset_with_times_and_labels_for_the_scorer(
    alice: Person, site: Site, words: tuple[str, ...], layout: str, weightings: set[str]
) -> None:
    command = ("dataset", "phantom", "--name", "demo", "--version", "1", *SIZE, "--seed-file", "-", "--public")
    ran = alice.runs(*command, *words, stdin=SEED)

    assert ran.code == 0, ran.err
    manifest = site.manifests["demo@1"]
    assert manifest.layout == layout
    assert {case.strata["weighting"] for case in manifest.cases} == weightings
    assert {case.strata["anatomy"] for case in manifest.cases} == {"phantom"}
    for case in manifest.cases:
        assert [file.path.rpartition("/")[2].partition("map")[2] for file in case.inputs] == [
            ".mat",
            "_mask.mat",
            ".csv",
        ]
        assert [file.path.partition("map")[2] for file in case.references] == [".npy", "_times.npy", "_label.npy"]


def test_single_coil_cine_has_a_layout_of_its_own(alice: Person, site: Site) -> None:
    command = ("dataset", "phantom", "--name", "demo", "--version", "1", *SIZE, "--seed-file", "-", "--public")
    assert alice.runs(*command, "--single-coil", stdin=SEED).code == 0
    assert site.manifests["demo@1"].layout == "cmrxrecon-2023-single"


def test_restless_subjects_come_after_the_others_and_have_their_stratum(alice: Person, site: Site) -> None:
    command = ("dataset", "phantom", "--name", "demo", "--version", "1", *SIZE, "--seed-file", "-", "--public")
    assert alice.runs(*command, "--real", "1", "--free-breathing", "2", "--arrhythmia", "1", stdin=SEED).code == 0
    found = {(case.unit, case.strata["anatomy"], case.strata["motion"]) for case in site.manifests["demo@1"].cases}
    assert found == {
        ("P001", "phantom", "breath-hold"),
        ("P002", "real", "breath-hold"),
        ("P003", "phantom", "free-breathing"),
        ("P004", "phantom", "free-breathing"),
        ("P005", "phantom", "arrhythmia"),
    }


@pytest.mark.parametrize(
    ("scan", "lesions"),
    [
        ("brain", {"tumour", "stroke", "wmh"}),
        ("brain-unseen-scanner", {"tumour", "stroke", "wmh"}),
        ("brain-unseen-lesion", {"ms"}),
    ],
)
def test_heads_are_one_image_a_case_under_names_that_say_nothing(
    alice: Person, site: Site, scan: str, lesions: set[str]
) -> None:
    command = ("dataset", "phantom", "--name", "demo", "--version", "1", "--seed-file", "-", "--public")
    ran = alice.runs(*command, "--scan", scan, "--subjects", "5", "--real", "1", stdin=SEED)

    assert ran.code == 0, ran.err
    manifest = site.manifests["demo@1"]
    assert manifest.layout == "image-and-labels"
    assert {file.path for case in manifest.cases for file in case.inputs} == {"{name}/image.nii.gz"}
    assert len({case.group for case in manifest.cases}) == len(manifest.cases) == 6
    assert {case.unit for case in manifest.cases} == {f"P00{number}" for number in range(1, 7)}
    assert {case.strata["modality"] for case in manifest.cases} == {"t1", "t1ce", "t2", "flair", "dwi"}
    assert {case.strata["lesion"] for case in manifest.cases} == lesions
    assert {case.unit for case in manifest.cases if case.strata["anatomy"] == "real"} == {"P006"}


def test_heads_have_no_coils_and_no_size_to_choose(stranger: Person) -> None:
    ran = stranger.runs("dataset", "phantom", "--out", "x", *SIZE, "--scan", "brain", "--seed-file", "-", stdin=SEED)

    assert ran.code == 2
    assert "leave --size" in ran.err


@pytest.mark.parametrize(
    ("scan", "more", "shape", "shapes"),
    [
        ("topology-pictures", ("--real", "1"), (96, 96), {"tree", "rings", "cells", "retina"}),
        ("topology-volumes", (), (48, 48, 48), {"tree", "rings"}),
    ],
)
def test_thin_structures_are_one_image_a_case_in_two_or_three_axes(
    alice: Person, site: Site, scan: str, more: tuple[str, ...], shape: tuple[int, ...], shapes: set[str]
) -> None:
    command = ("dataset", "phantom", "--name", "demo", "--version", "1", "--seed-file", "-", "--public")
    ran = alice.runs(*command, "--scan", scan, "--subjects", "3", *more, stdin=SEED)

    assert ran.code == 0, ran.err
    manifest = site.manifests["demo@1"]
    assert manifest.layout == "image-and-labels"
    assert {case.shape for case in manifest.cases} == {shape}
    assert {case.strata["shape"] for case in manifest.cases} == shapes
    assert {file.path for case in manifest.cases for file in case.inputs} == {"{name}/image.nii.gz"}
    # the eye is one subject, however many pictures it gives
    assert {case.unit for case in manifest.cases if case.strata["shape"] == "retina"} <= {"P004"}


@pytest.mark.parametrize(
    ("scan", "real", "told"), [("topology-pictures", "2", "--real 1"), ("topology-volumes", "1", "leave --real out")]
)
def test_there_is_one_real_eye_and_no_real_volume(stranger: Person, scan: str, real: str, told: str) -> None:
    ran = stranger.runs(
        "dataset", "phantom", "--out", "x", "--scan", scan, "--real", real, "--seed-file", "-", stdin=SEED
    )

    assert ran.code == 2
    assert told in ran.err


@pytest.mark.parametrize("words", [("--scan", "T3map"), ("--scan", "mapping", "--real", "1")])
def test_a_scan_that_cannot_be_simulated_is_wrong_usage(stranger: Person, words: tuple[str, ...]) -> None:
    ran = stranger.runs("dataset", "phantom", "--out", "x", *SIZE, *words, "--seed-file", "-", stdin=SEED)

    assert ran.code == 2
    assert not (stranger.work / "x").exists()


def test_only_some_cases_are_checked_and_imported(alice: Person, site: Site) -> None:
    folder = simulate(alice, "--scan", "mapping")
    ran = alice.runs(
        "dataset", "check", "cmrxrecon-2023-mapping", str(folder), "--only", "weighting=T2", "--only", "af=4"
    )
    assert ran.out.splitlines()[1:] == ["times: with 1 of 1 case", "label: with 1 of 1 case"]
    assert "1 case of 1 subject\n" in ran.out

    command = ("dataset", "import", "cmrxrecon-2023-mapping", str(folder), "--name", "t1", "--version", "1", "--public")
    assert alice.runs(*command, "--only", "weighting=T1").code == 0
    assert {case.strata["weighting"] for case in site.manifests["t1@1"].cases} == {"T1"}


def test_a_choice_without_a_value_is_wrong_usage(stranger: Person) -> None:
    ran = stranger.runs("dataset", "check", "cmrxrecon", ".", "--only", "af")

    assert ran.code == 2
    assert "write STRATUM=VALUE" in ran.err


def test_a_bad_file_is_told_with_its_variable(alice: Person) -> None:
    folder = simulate(alice)
    path = folder / "MultiCoil/Cine/TestSet/FullSample/P001/cine_sax.mat"
    path.write_bytes(path.read_bytes()[:2000])

    told = (
        "FullSample/P001/cine_sax.mat (kspace_full): wanted a MATLAB v7.3 (HDF5) file, found a damaged or truncated one"
    )
    assert told in alice.runs("dataset", "check", "cmrxrecon", str(folder)).out
    as_json = json.loads(alice.runs("dataset", "check", "cmrxrecon", str(folder), "--json").out)
    assert [problem["variable"] for problem in as_json["problems"]] == ["kspace_full"]


def test_a_mistyped_layout_gets_a_suggestion(stranger: Person) -> None:
    ran = stranger.runs("dataset", "check", "cmrxrecn", ".")

    assert ran.code == 2
    assert "did you mean cmrxrecon?" in ran.err


@pytest.mark.parametrize("size", ["96x72", "1x1x1x1x1", "97x72x8x2x8"])
def test_an_impossible_size_is_wrong_usage(stranger: Person, size: str) -> None:
    ran = stranger.runs("dataset", "phantom", "--out", "x", "--size", size, "--seed-file", "-", stdin=SEED)

    assert ran.code == 2
    assert not (stranger.work / "x").exists()


def test_a_hidden_dataset_needs_a_name(stranger: Person) -> None:
    assert stranger.runs("dataset", "phantom", "--seed-file", "-", stdin=SEED).code == 2


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("layout: cmrxrecon-2023 ", "layout: cmrxrecon-2023-single ", "the layout is cmrxrecon-2023, the task's is"),
        ("values: [4, 8, 10]", "values: [4, 8]", 'has "10" for the stratum "af", the task knows 4, 8'),
        (
            "real: real anatomy",
            "real: real anatomy}}\n      centre: {title: C, values: {a: A",
            "no value for the stratum",
        ),
    ],
)
def test_data_that_the_task_cannot_score_are_told_case_by_case_before_a_byte_is_sent(
    alice: Person, site: Site, old: str, new: str, told: str
) -> None:
    folder = simulate(alice)
    line = ("dataset", "import", "cmrxrecon", str(folder), "--name", "demo", "--version", "1")
    assert old in CHALLENGE
    site.challenge_file = CHALLENGE.replace(old, new)
    ran = alice.runs(*line, "--for", "demo/cine-multicoil")
    assert ran.code == 1
    assert told in ran.err
    assert "nothing was sent" in ran.err
    assert not site.blobs


def test_data_that_the_task_can_score_are_sent(alice: Person, site: Site) -> None:
    site.challenge_file = CHALLENGE
    folder = simulate(alice)
    line = ("dataset", "import", "cmrxrecon", str(folder), "--name", "demo", "--version", "1")
    assert alice.runs(*line, "--for", "demo/cine-multicoil").code == 0
    assert len(site.manifests["demo@1"].cases) == CASES


@pytest.mark.parametrize(("task", "code"), [("demo", 2), ("demo/cine-multicol", 5), ("nowhere/cine-multicoil", 5)])
def test_a_task_that_is_not_there_is_told_before_the_files_are_read(
    alice: Person, site: Site, task: str, code: int
) -> None:
    site.challenge_file = CHALLENGE
    ran = alice.runs("dataset", "import", "cmrxrecon", ".", "--name", "demo", "--version", "1", "--for", task)
    assert ran.code == code
    assert "checking" not in ran.err
