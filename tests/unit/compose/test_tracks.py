"""A track is a file: what it brings to the site, and what is told when it cannot be run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from baselines.topology_refinement.inference import THRESHOLD, VARIANTS
from compose import tracks
from compose.native import ROOT
from compose.tracks import TrackError, names, read_track


@pytest.mark.parametrize("name", names())
def test_every_track_can_be_run_as_it_stands(name: str) -> None:
    track = read_track(name)
    assert track.methods
    assert all(phase.count("/") == 2 for phase in track.phases)
    # a sample is for everybody and the set that ranks is not
    public = {dataset.name for dataset in track.datasets if "--public" in dataset.phantom}
    assert public == {dataset.name for dataset in track.datasets if dataset.name.endswith("-sample")}


def test_kspace_has_the_four_boards_of_2023_one_of_robustness_one_of_speed_and_every_reconstruction_baseline() -> None:
    track = read_track("kspace")
    assert track.phases == (
        "cmrxrecon-2023/cine-multicoil/test",
        "cmrxrecon-2023/cine-singlecoil/test",
        "cmrxrecon-2023/t1-mapping/test",
        "cmrxrecon-2023/t2-mapping/test",
        "cine-robustness/cine-multicoil/test",
        "cine-speed/cine-multicoil/test",
    )
    documents = [yaml.safe_load(path.read_text()) for path in (ROOT / "baselines").glob("*/baseline.yaml")]
    expected = {document["title"] for document in documents if document["task"]["kind"] == "reconstruction"}
    assert {method.title for method in track.methods} == expected
    assert set(track.entrants.values()) == {track.methods}
    assert {"Zero-filled", "U-Net", "E2E-VarNet", "CG-SENSE", "L+S"} <= expected


def test_segmentation_has_every_board_of_both_challenges_and_every_baseline_and_rival_of_the_kind() -> None:
    track = read_track("segmentation")
    lesions = {f"brain-lesions/{task}/test" for task in ("seen", "unseen-scanner", "unseen-lesion")}
    assert set(track.phases) == lesions | {"topology/pictures/test", "topology/volumes/test"}
    for phase in lesions:
        assert {method.recipe for method in track.entrants[phase]} == {"mome", "mome:best", "unet_lesions"}
    variants = {f"topology_refinement:{variant}" for variant in VARIANTS}
    assert {method.recipe for method in track.entrants["topology/pictures/test"]} == variants
    assert track.entrants["topology/volumes/test"]
    assert set(track.entrants["topology/volumes/test"]) <= set(track.entrants["topology/pictures/test"])
    documents = {
        path.parent.name: yaml.safe_load(path.read_text()) for path in (ROOT / "baselines").glob("*/baseline.yaml")
    }
    made_for = {
        name: document["task"]["name"]
        for name, document in documents.items()
        if document["task"]["kind"] == "segmentation"
    }
    assert {method.folder for method in track.methods} == set(made_for)
    for method, phase in track.entries:
        challenge, task, _ = phase.split("/")
        assert made_for[method.folder] in {challenge, task} or method.variant.startswith(THRESHOLD)


@pytest.mark.parametrize("name", [name for name in names() if name != "demo"])
def test_the_viewer_shows_what_methods_make_of_a_sample(name: str) -> None:
    track = read_track(name)
    assert track.drawn
    for phase, methods in track.drawn.items():
        assert methods
        assert set(methods) <= set(track.entrants[phase])


def test_the_demo_draws_nothing_more() -> None:
    assert read_track("demo").drawn == {}


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one track, one challenge and one baseline."""
    monkeypatch.setattr(tracks, "ROOT", tmp_path)
    for name in ("TRACKS", "LIBRARY", "BASELINES"):
        monkeypatch.setattr(tracks, name, tmp_path / name.lower())
        (tmp_path / name.lower()).mkdir()
    (tmp_path / "library" / "hearts.yaml").write_text(
        "challenge: hearts\ntasks: [{task: cine, phases: [{phase: test, data: {ranked: a@1, sample: b@1}}]}]\n"
    )
    write_baseline(tmp_path, "first", kind="reconstruction")
    write_track(tmp_path, {})
    return tmp_path


def write_baseline(root: Path, folder: str, *, kind: str, variants: bool = False) -> None:
    home = root / "baselines" / folder
    home.mkdir()
    (home / "baseline.yaml").write_text(f"title: {folder.title()}\ntask: {{kind: {kind}}}\n")
    (home / "Dockerfile").write_text("# variants: slow fast\n" if variants else "")
    (home / "card.yaml").touch()


def write_track(root: Path, changed: dict[str, object]) -> None:
    document = {
        "title": "Hearts",
        "challenges": ["hearts"],
        "baselines": "reconstruction",
        "strata_of": "ssim",
        "datasets": {"a@1": {"phantom": "--subjects 2"}, "b@1": {"phantom": "--public"}},
        **changed,
    }
    (root / "tracks" / "hearts.yaml").write_text(yaml.safe_dump(document))


def test_a_new_baseline_of_the_kind_comes_in_by_being_there(shelf: Path) -> None:
    assert [method.folder for method in read_track("hearts").methods] == ["first"]
    write_baseline(shelf, "another", kind="reconstruction")
    write_baseline(shelf, "outliner", kind="segmentation")
    assert [method.title for method in read_track("hearts").methods] == ["Another", "First"]


def test_baselines_may_enter_one_challenge_or_task_alone_and_variants_are_images_of_their_own(
    shelf: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    task = "{{task: {}, phases: [{{phase: test, data: {{ranked: a@1, sample: b@1}}}}]}}"
    tasks = ", ".join(task.format(name) for name in ("rest", "stress"))
    (shelf / "library" / "hearts.yaml").write_text(f"challenge: hearts\ntasks: [{tasks}]\n")
    write_baseline(shelf, "second", kind="reconstruction", variants=True)
    write_track(shelf, {"baselines": {"hearts": ["first"], "hearts/stress": ["second", "second:*"]}})
    track = read_track("hearts")
    assert [(method.title, method.image, phase) for method, phase in track.entries] == [
        ("First", "assay-baseline/first:latest", "hearts/rest/test"),
        ("First", "assay-baseline/first:latest", "hearts/stress/test"),
        ("Second", "assay-baseline/second:latest", "hearts/stress/test"),
        ("Second: slow", "assay-baseline/second-slow:latest", "hearts/stress/test"),
        ("Second: fast", "assay-baseline/second-fast:latest", "hearts/stress/test"),
    ]
    monkeypatch.setattr("sys.argv", ["tracks", "hearts"])
    tracks.main()
    words = ["first", "second", "second:slow", "second:fast"]
    assert capsys.readouterr().out == " ".join(f"--baseline {word}" for word in words) + "\n"


def test_some_or_all_who_enter_are_drawn_and_nobody_else(shelf: Path) -> None:
    write_baseline(shelf, "second", kind="reconstruction")
    write_track(shelf, {"drawn": {"hearts/cine/test": "all"}})
    assert [method.folder for method in read_track("hearts").drawn["hearts/cine/test"]] == ["first", "second"]
    write_track(shelf, {"drawn": {"hearts/cine/test": ["second"]}})
    assert [method.folder for method in read_track("hearts").drawn["hearts/cine/test"]] == ["second"]
    write_track(shelf, {"baselines": ["first"], "drawn": {"hearts/cine/test": ["second"]}})
    with pytest.raises(TrackError, match="drawn: second does not enter hearts/cine/test"):
        read_track("hearts")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {"baselines": {"lungs": ["first"]}},
            "no phase of its challenges lies below 'lungs'; there are hearts/cine/test",
        ),
        ({"baselines": {}}, "nobody enters hearts/cine/test; say under `baselines` who does"),
        ({"baselines": ["first:slow"]}, "hearts.yaml: first has no variant 'slow'; there are none"),
        ({"baselines": ["first:*"]}, "hearts.yaml: first has no variant '*'; there are none"),
        ({"challenges": ["lungs"]}, "there is no lungs.yaml"),
        ({"datasets": {"a@1": {"phantom": ""}}}, "its challenges need b@1"),
        ({"datasets": {key: {"phantom": ""} for key in ("a@1", "b@1", "c@1")}}, "no phase of its challenges uses c@1"),
        ({"baselines": "ecg"}, "no baselines/*/baseline.yaml has a task of the kind ecg"),
        ({"baselines": ["second"]}, "baselines/second/baseline.yaml is missing; there are first"),
        ({"datasets": {"a@1": {"phantom": "", "seed": 1}}}, "hearts.yaml: datasets.a@1.seed: Extra inputs"),
        ({"strata_of": None}, "hearts.yaml: strata_of"),
        ({"drawn": {"hearts/cine": "all"}}, "drawn: there is no phase 'hearts/cine'; there are hearts/cine/test"),
        ({"drawn": {"hearts/cine/test": "some"}}, "hearts.yaml: drawn.hearts/cine/test"),
    ],
)
def test_a_track_that_cannot_be_run_says_what_to_change(shelf: Path, changed: dict[str, object], words: str) -> None:
    write_track(shelf, changed)
    with pytest.raises(TrackError) as refused:
        read_track("hearts")
    assert words in str(refused.value)


@pytest.mark.parametrize("part", ["Dockerfile", "card.yaml"])
def test_a_baseline_that_cannot_enter_is_named_with_what_it_lacks(shelf: Path, part: str) -> None:
    (shelf / "baselines" / "first" / part).unlink()
    with pytest.raises(TrackError, match=f"baselines/first has a baseline.yaml but no {part}"):
        read_track("hearts")


def test_an_unknown_track_is_answered_with_those_that_there_are(shelf: Path) -> None:
    with pytest.raises(TrackError, match="there is no track 'lungs'; write TRACK= one of hearts"):
        read_track("lungs")


def make(*words: str) -> subprocess.CompletedProcess[str]:
    """As a person types it: what an outer `make test` tells its children is not passed on."""
    outer = {"MAKELEVEL", "MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES"}
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    return subprocess.run(["make", *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("given", "words"),
    [("segmentatoin", "there is no track segmentatoin; write"), ("", "which track? write"), ("demo", "no track demo")],
)
def test_make_refuses_a_wrong_track_before_anything_is_set_up(given: str, words: str) -> None:
    made = make("demo-full", f"TRACK={given}")
    assert made.returncode == 2
    assert words in made.stderr
    assert "one of: kspace segmentation" in made.stderr
    assert made.stdout == ""


@pytest.mark.parametrize(
    ("given", "words"), [("", "which baseline? write"), ("cg_sense", "cg_sense is no baseline that is trained; write")]
)
def test_make_refuses_a_baseline_that_is_not_trained_before_anything_is_set_up(given: str, words: str) -> None:
    made = make("baseline", f"NAME={given}")
    assert made.returncode == 2
    assert words in made.stderr
    assert "NAME=NAME with one of: d3gm e2e_varnet" in made.stderr
    assert made.stdout == ""
