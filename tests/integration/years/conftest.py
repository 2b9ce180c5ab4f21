"""A site with a small hidden dataset in each year's layout, and one image a year that was made for that year's contract."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.served import Served, site_in
from tests.unit.assay.samples import LIBRARY
from tests.unit.evaluators.importers.later_years import CINE, ONE_FRAME, sampling, write_case

HERE = Path(__file__).parent
TEAM = "years-team"
#: dataset of the library's challenge -> words of `assay dataset phantom`
PHANTOMS = {
    "cmrxrecon-2023-cine": (),
    "cmrxrecon-2023-cine-single": ("--single-coil",),
    "cmrxrecon-2023-t1": ("--scan", "T1map"),
    "cmrxrecon-2023-t2": ("--scan", "T2map"),
}
SIZE = "48x40x2x2x3"

_LATER = """\
schema: 1
challenge: cmrxrecon-{year}
title: CMRxRecon {year}
summary: A tiny hidden set in that year's layout.
organisers: [organiser]
tasks:
  - task: whole
    title: Whole
    kind: reconstruction
    layout: {layout}
    input: "{given}"
    output: {{path: {wanted}, formats: [mat-v7, mat-v7.3], variable: img4ranking, dtype: float32, axes: x y slice frame}}
    case: [subject, scan, pattern, af]
    independent: subject
    strata: {{modality: {{title: Modality, values: [Cine, Mapping, BlackBlood]}}}}
    metrics:
      - {{metric: ssim, normalisation: cmrxrecon{year}, region: full}}
      - {{metric: nmse, normalisation: cmrxrecon{year}, region: challenge-crop, as: nmse_crop}}
    ranking: {{rule: mean_then_rank, missing: worst}}
    limits: {{hardware: cpu, time: 2min, memory: 512MiB, shm: 16MiB, tmp: 16MiB, cpus: 2, pids: 64, output: 32MiB, image: 4GiB, user: root-without-capabilities}}
    phases:
      - phase: test
        data: {{ranked: cmrxrecon-{year}@1}}
        quota: {{submissions: 10, every: day, attempts: 20}}
"""
LATER = {
    "2024": _LATER.format(
        year="2024",
        layout="cmrxrecon-2024-task1",
        given="{modality}/{set}/UnderSample_Task1/{subject}/{scan}_kus_{pattern}{af}.mat",
        wanted='"{modality}/{set}/Task1/{subject}/{scan}_kus_{pattern}{af}.mat"',
    ),
    "2025": _LATER.format(
        year="2025",
        layout="cmrxrecon-2025-r1",
        given="TaskR1/MultiCoil/{modality}/{set}/UnderSample_TaskR1/{center}/{vendor}/{subject}/{scan}_kus_{pattern}{af}.mat",
        wanted="same-as-input",
    ),
}
#: modality -> scan, axes as h5py shows them
SCANS = {"Cine": ("cine_sax", CINE), "Mapping": ("T1map", CINE), "BlackBlood": ("blackblood", ONE_FRAME)}


def write_2024(root: Path) -> None:
    """Task 1: whole lines, one mask for all frames."""
    for modality, (scan, shape) in SCANS.items():
        base = root / "MultiCoil" / modality / "TestSet"
        write_case(
            full=base / f"FullSample/P001/{scan}.mat",
            kspace=base / f"UnderSample_Task1/P001/{scan}_kus_Uniform8.mat",
            mask=base / f"Mask_Task1/P001/{scan}_mask_Uniform8.mat",
            shape=shape,
            kept=sampling("Uniform", 8, frames=None),
        )


def write_2025(root: Path) -> None:
    """R1: a centre, a scanner, k-t masks."""
    place = "Center001/UIH_30T_umr780/P007"
    for modality, (scan, shape) in SCANS.items():
        base = root / "TaskR1/MultiCoil" / modality / "TestSet"
        write_case(
            full=base / f"FullSample_TaskR1/{place}/{scan}.mat",
            kspace=base / f"UnderSample_TaskR1/{place}/{scan}_kus_ktGaussian8.mat",
            mask=base / f"Mask_TaskR1/{place}/{scan}_mask_ktGaussian8.mat",
            shape=shape,
            kept=sampling("ktGaussian", 8, frames=shape[0] if len(shape) == 5 else None),
        )


@dataclass(kw_only=True)
class Years(Served):
    """What a test does: submit the image of a year to a phase, and look at the answer."""

    def image(self, year: str) -> str:
        """The tag of that year's container; built once."""
        tag = f"assay-test-years/{year}:latest"
        dockerfile = (
            "FROM assay/runtime-numeric:latest\nCOPY container.py /app/container.py\n"
            f'ENTRYPOINT ["python3", "/app/container.py", "{year}"]\n'
        )
        return self.build(tag, dockerfile=dockerfile, container=HERE / "container.py")

    def board(self, *, year: str, phase: str) -> dict[str, Any]:
        """Submit that year's container, wait for its end, and read the board."""
        return self.board_with(self.image(year), phase=phase, method="zero-filled")

    def board_with(self, image: str, *, phase: str, method: str) -> dict[str, Any]:
        """Submit an image, wait for its end, and read the board."""
        code = self.assay("submit", image, "--phase", phase, "--team", TEAM, "--method", method, "-q").strip()
        told = self.assay("status", code, "--wait", "--timeout", "280", codes=(0, 1))
        board: dict[str, Any] = json.loads(self.assay("board", phase, "--json"))
        assert board["rows"], told
        return board


@pytest.fixture(scope="package")
def years(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Years]:
    folder = tmp_path_factory.mktemp("years")
    with site_in(folder, team=TEAM, title="Years team") as (stack, token):
        years = Years(stack=stack, token=token)
        for name, words in PHANTOMS.items():
            seed = stack.manage("dataset", "seed", f"{name}@1")
            years.assay(
                "dataset", "phantom", "--name", name, "--version", "1", "--seed-file", "-", "--subjects", "1",
                "--size", SIZE, *words, stdin=seed,
            )  # fmt: skip
        for year, write in (("2024", write_2024), ("2025", write_2025)):
            root = folder / year
            write(root)
            layout = {"2024": "cmrxrecon-2024-task1", "2025": "cmrxrecon-2025-r1"}[year]
            years.assay("dataset", "import", layout, str(root), "--name", f"cmrxrecon-{year}", "--version", "1")
        library = (LIBRARY / "cmrxrecon-2023.yaml").read_text()
        # the library's file as it is, but for the public samples
        for year, text in ({"2023": re.sub(r", sample: [^}]+", "", library)} | LATER).items():
            (folder / f"{year}.yaml").write_text(text)
            years.assay("challenge", "apply", str(folder / f"{year}.yaml"), "--yes")
        stack.start_evaluator()
        yield years
    years.remove_images()
