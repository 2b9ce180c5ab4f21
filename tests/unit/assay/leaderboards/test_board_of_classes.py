"""A segmentation task from its challenge file to the board: columns a class, and what a missing case counts in mm."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from assay.accounts.models import User
from assay.challenges import selectors as challenges
from assay.challenges.errors import ChallengeFileRefused
from assay.challenges.reading import read_file
from assay.challenges.services import apply_challenge
from assay.datasets import services as datasets
from assay.leaderboards import selectors
from assay.leaderboards.cases import ranked_metric
from assay.leaderboards.scoring_words import explain
from evaluators.contract.datasets import DatasetManifest, diagonal_of
from tests.unit.assay.conftest import NOW
from tests.unit.assay.samples import LIBRARY, dataset_manifest

CHALLENGE = """
schema: 1
challenge: lesions
title: Lesions
summary: Outline lesions in FLAIR images.
organisers: [organiser]
tasks:
  - task: tumour
    title: Tumour
    kind: segmentation
    mode: batch
    layout: image-and-labels
    input: "{subject}/{af}_{view}.nii.gz"
    output: {formats: [nifti, mha], dtype: uint8, axes: x y z, classes: {1: core, 2: edema}}
    case: [subject, af, view]
    independent: subject
    strata: {view: {title: View, values: {sax: short axis, lax: long axis}}}
    metrics:
      - {metric: dice, as: dice_core, class: core}
      - {metric: hd95, as: hd95_core, class: core, digits: 1}
      - {metric: dice, ranks: false}
    ranking: {rule: mean_then_rank, missing: worst}
    limits: {hardware: cpu, time: 30min, memory: 4GiB, shm: 256MiB, cpus: 2, pids: 512, output: 512MiB, image: 10GiB, user: root-without-capabilities}
    phases:
      - phase: test
        data: {ranked: heads@1}
        quota: {submissions: 5, every: day, attempts: 20}
"""
AFFINE = ((-1.0, 0.0, 0.0, 0.0), (0.0, 2.0, 0.0, 0.0), (0.0, 0.0, 2.0, 0.0), (0.0, 0.0, 0.0, 1.0))


def upload(owner: User, *, affine: Any) -> None:
    """One subject's six cases on grids of two sizes: diagonals of 9 mm and of 18 mm."""
    manifest, blobs = dataset_manifest(subjects=1)
    cases = []
    for number, case in enumerate(manifest.cases):
        shape = [(7, 2, 2), (14, 4, 4)][number % 2]
        inputs = [{**case.inputs[0].model_dump(), "path": f"{{name}}/{case.strata['af']}_{case.strata['view']}.nii.gz"}]
        cases.append({**case.model_dump(), "inputs": inputs, "shape": shape, "affine": affine})
    told = json.dumps({"layout": "image-and-labels", "visibility": "hidden", "cases": cases})
    draft = datasets.open_draft(actor=owner, name="heads", version=1, now=NOW)
    for digest, content in blobs.items():
        datasets.store_blob(actor=owner, dataset=draft, sha256=digest, chunks=[content], now=NOW)
    datasets.seal(actor=owner, dataset=draft, manifest=DatasetManifest.model_validate_json(told), now=NOW)


def complaint(text: str, owner: User) -> str:
    with pytest.raises(ChallengeFileRefused) as refused:
        apply_challenge(text=text, filename="lesions.yaml", actor=owner, now=NOW)
    return refused.value.message


def test_columns_name_their_class_and_distances_have_a_worst_value_a_case(organiser: User) -> None:
    upload(organiser, affine=AFFINE)
    apply_challenge(text=CHALLENGE, filename="lesions.yaml", actor=organiser, now=NOW)
    phase = challenges.phase_by_address("lesions/tumour/test")
    board = selectors.board(phase=phase, viewer=None, now=NOW + timedelta(days=1))
    assert [(column.key, column.title) for column in board.columns] == [
        ("dice_core", "Dice, core"),
        ("hd95_core", "HD95, core"),
        ("dice", "Dice, mean"),
    ]
    task = phase.task.parsed()
    assert task.output.classes == {1: "core", 2: "edema"}
    assert [words.worst for words in explain(task).ranking] == ["0", "the diagonal of its image, in mm"]
    diagonals = [diagonal_of(case.affine or (), shape=case.shape) for case in phase.ranked.cases.order_by("index")]
    assert diagonals == [9.0, 18.0] * 3
    metric = ranked_metric(task.metrics[1], task=task, diagonals=diagonals)
    assert metric.worst == diagonals
    assert ranked_metric(task.metrics[0], task=task, diagonals=diagonals).worst == 0.0


REGIONS = CHALLENGE.replace("edema}}", "edema}, regions: {whole tumour: [1, 2]}}").replace(
    "dice_core, class: core", "dice_whole, class: whole tumour"
)


def test_a_column_that_judges_a_region_says_which_labels_it_is_made_of(organiser: User) -> None:
    upload(organiser, affine=AFFINE)
    apply_challenge(text=REGIONS, filename="lesions.yaml", actor=organiser, now=NOW)
    phase = challenges.phase_by_address("lesions/tumour/test")
    board = selectors.board(phase=phase, viewer=None, now=NOW + timedelta(days=1))
    assert [column.title for column in board.columns] == ["Dice, whole tumour", "HD95, core", "Dice, mean"]
    panel = explain(phase.task.parsed())
    judged = [
        option.text for words in (*panel.ranking, *panel.more) for option in words.options if option.name == "class"
    ]
    assert judged == ["labels 1, 2 as one mask", "label 1", "over whole tumour, each weighing the same"]
    page = Client().get("/c/lesions/tumour").content.decode()
    assert "whole tumour = 1 + 2" in page
    assert "labels 1, 2 as one mask" in page


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("class: whole tumour", "class: whole tumor", 'unknown class "whole tumor", did you mean "whole tumour"?'),
        ("[1, 2]}", "[1, 4]}", "region 'whole tumour' has label 4, which no class names; there are 1 core, 2 edema"),
        ("[1, 2]}", "[]}", "region 'whole tumour' needs labels"),
        ("regions: {whole tumour", "regions: {core", "a class and a region are both called 'core'"),
        ("[1, 2]}", "[1, two]}", "lesions.yaml:14:122 whole tumour: input should be a valid integer"),
    ],
)
def test_a_mistake_in_a_region_is_told_with_its_fix(organiser: User, old: str, new: str, words: str) -> None:
    upload(organiser, affine=AFFINE)
    assert words in complaint(REGIONS.replace(old, new, 1), organiser)


def test_a_dataset_that_does_not_say_where_voxels_lie_is_refused(organiser: User) -> None:
    upload(organiser, affine=None)
    assert "case 01 does not say where its voxels lie" in complaint(CHALLENGE, organiser)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("class: core}", "class: cores}", 'unknown class "cores", did you mean "core"?'),
        (", classes: {1: core, 2: edema}", "", "a label map has both"),
        ("uint8, axes: x y z, classes: {1: core, 2: edema}", "float32, axes: x y z", "no class is named"),
        ("formats: [nifti, mha]", "formats: [nifty]", "nifti"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_fix(organiser: User, old: str, new: str, words: str) -> None:
    upload(organiser, affine=AFFINE)
    assert words in complaint(CHALLENGE.replace(old, new, 1), organiser)


def test_the_ready_challenge_says_what_this_release_serves() -> None:
    text = (LIBRARY / "brain-lesions.yaml").read_text()
    plan = read_file(text=text, filename="brain-lesions.yaml")
    assert [task.slug for task in plan.tasks] == ["seen", "unseen-scanner", "unseen-lesion"]
    for task in plan.tasks:
        # a name that told the modality would give it away
        assert task.spec.input == "{subject}/image.nii.gz"
        assert {use.key: use.ranks for use in task.spec.metrics} == {
            "dice": True,
            "nsd": True,
            "hd95": True,
            "lesion_f1": False,
        }
