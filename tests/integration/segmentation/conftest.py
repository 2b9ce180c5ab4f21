"""A site with a small hidden set of images whose label maps are known, brought by a sheet as an organiser would."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import numpy as np
import pytest

from evaluators.phantoms.nifti import write_nifti
from tests.integration.segmentation.container import BEHAVIOURS, LESION
from tests.integration.served import Served, site_in
from tests.unit.assay.samples import LIBRARY

HERE = Path(__file__).parent
PHASE = "label-maps/lesion/test"
TEAM = "label-team"
SHAPE = (12, 10, 8)
#: x runs to the left
AFFINE = np.array([[-1.5, 0, 0, 20], [0, 1, 0, -30], [0, 0, 2, 7], [0, 0, 0, 1.0]])
CASES = len(BEHAVIOURS)

#: dataset of the library's brain-lesions -> words of `assay dataset phantom`
HEADS = {
    "brain-lesions-sample": ("--scan", "brain", "--subjects", "5", "--public"),
    "brain-lesions-test": ("--scan", "brain", "--subjects", "5", "--real", "1"),
    "brain-lesions-unseen-scanner": ("--scan", "brain-unseen-scanner", "--subjects", "5"),
    "brain-lesions-unseen-lesion": ("--scan", "brain-unseen-lesion", "--subjects", "5", "--real", "1"),
}

CHALLENGE = """\
schema: 1
challenge: label-maps
title: Label maps
summary: A tiny hidden set of images for tests of the whole path.
organisers: [organiser]
tasks:
  - task: lesion
    title: Lesion
    kind: segmentation
    layout: image-and-labels
    input: "{subject}/image.nii.gz"
    output: {path: same-as-input, formats: [nifti, mha], dtype: uint8, axes: x y z, classes: {1: lesion}}
    case: [subject]
    independent: subject
    strata: {modality: {title: Modality, values: [t1, t2]}}
    metrics:
      - {metric: dice}
      - {metric: hd95}
    ranking: {rule: mean_then_rank, missing: worst}
    limits: {hardware: cpu, time: 30s, memory: 192MiB, shm: 16MiB, tmp: 16MiB, cpus: 2, pids: 64, output: 8MiB, output_files: 64, image: 4GiB, user: root-without-capabilities}
    phases:
      - phase: test
        data: {ranked: label-maps-test@1}
        quota: {submissions: 100, every: day, attempts: 200}
"""


def write_set(root: Path) -> None:
    """A case a behaviour: what is to be done with it stands in the image's first voxel."""
    with (root / "TestSet.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("image", "labels", "subject", "modality"))
        for number in range(CASES):
            labels = np.zeros(SHAPE, dtype=np.uint8)
            labels[4:8, 3:7, 2:6] = 1
            image = np.where(labels == 1, LESION, 300).astype(np.int16)
            image[0, 0, 0] = number
            for name, values in (("image", image), ("labels", labels)):
                write_nifti(path=root / name / f"{number}.nii.gz", values=values, affine=AFFINE)
            modality = "t1" if number % 2 else "t2"
            writer.writerow((f"image/{number}.nii.gz", f"labels/{number}.nii.gz", f"S{number}", modality))
    (root / "dataset.json").write_text(json.dumps({"labels": {"background": 0, "lesion": 1}}))


@dataclass(kw_only=True)
class LabelMaps(Served):
    """What a test does: submit a method, look at what its team, the board and the scorer say."""

    def submitted(self, method: str, *, phase: str = PHASE) -> str:
        """The code of the method's submission after its end."""
        tag = f"assay-test-label-maps/{method}:latest"
        dockerfile = f'FROM assay/base:latest\nCOPY container.py /app/container.py\nENTRYPOINT ["python3", "/app/container.py", "{method}"]\n'
        image = self.build(tag, dockerfile=dockerfile, container=HERE / "container.py")
        code = self.assay("submit", image, "--phase", phase, "--team", TEAM, "--method", method, "-q").strip()
        self.assay("status", code, "--wait", "--timeout", "280", codes=(0, 1))
        return code

    def status(self, code: str) -> dict[str, Any]:
        """What the team is told."""
        told: dict[str, Any] = json.loads(self.assay("status", code, "--json"))
        return told

    def board(self, phase: str) -> dict[str, Any]:
        """The public board."""
        answer = httpx.get(f"{self.stack.url}/api/v1/boards/{phase}", trust_env=False, timeout=30)
        assert answer.is_success, answer.text
        board: dict[str, Any] = answer.json()
        return board

    def page(self, code: str) -> str:
        """The submission's page as its team sees it."""
        script = (
            "from django.test import Client; from assay.accounts.models import User; client = Client(); "
            "client.force_login(User.objects.get(username='organiser')); "
            f"print(client.get('/s/{code}', headers={{'host': '127.0.0.1'}}).content.decode())"
        )
        return self.stack.manage("shell", "-v0", "-c", script)

    def outcomes(self, code: str) -> dict[str, dict[str, str] | None]:
        """Behaviour -> the case's failure with its detail, as the scorer reported it; None: a value for every metric."""
        with sqlite3.connect(self.stack.var / "site.sqlite3", timeout=30) as database:
            evaluation, told = database.execute(
                "SELECT e.id, e.outcomes FROM evaluations_evaluation e"
                " JOIN submissions_submission s ON s.evaluation_id = e.id WHERE s.code = ?",
                [code],
            ).fetchone()
            rows = database.execute(
                'SELECT c."index", c.unit FROM datasets_case c JOIN evaluations_evaluation e ON e.dataset_id = c.dataset_id'
                " WHERE e.id = ?",
                [UUID(evaluation).hex],
            ).fetchall()
        found = json.loads(told)
        return {BEHAVIOURS[int(unit.removeprefix("S"))]: found[index] for index, unit in rows}


@pytest.fixture(scope="package")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelMaps]:
    folder = tmp_path_factory.mktemp("maps")
    with site_in(folder, team=TEAM, title="Label team") as (stack, token):
        maps = LabelMaps(stack=stack, token=token)
        (folder / "data").mkdir()
        write_set(folder / "data")
        maps.assay(
            "dataset", "import", "image-and-labels", str(folder / "data"), "--name", "label-maps-test", "--version", "1"
        )
        (folder / "challenge.yaml").write_text(CHALLENGE)
        maps.assay("challenge", "apply", str(folder / "challenge.yaml"), "--yes")
        for name, words in HEADS.items():
            seed = stack.manage("dataset", "seed", f"{name}@1")
            maps.assay("dataset", "phantom", "--name", name, "--version", "1", "--seed-file", "-", *words, stdin=seed)
        maps.assay("challenge", "apply", str(LIBRARY / "brain-lesions.yaml"), "--yes")
        stack.start_evaluator()
        yield maps
    maps.remove_images()
