"""The contracts of 2024 and 2025, one a task: a small hidden set as its download lies on disk, and the challenge file of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from tests.unit.evaluators.importers.later_years import CINE, ONE_FRAME, sampling, write_case

_CHALLENGE = """\
schema: 1
challenge: {name}
title: CMRxRecon {year}, {task}
summary: A tiny hidden set in that task's layout.
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
    strata:
{strata}
    metrics:
      - {{metric: ssim, normalisation: cmrxrecon{year}, region: full}}
      - {{metric: nmse, normalisation: cmrxrecon{year}, region: challenge-crop, as: nmse_crop}}
    ranking: {{rule: mean_then_rank, missing: worst}}
    limits: {{hardware: cpu, time: 2min, memory: 512MiB, shm: 16MiB, tmp: 16MiB, cpus: 2, pids: 64, output: 32MiB, image: 4GiB, user: root-without-capabilities}}
    phases:
      - phase: test
        data: {{ranked: {name}@1}}
        quota: {{submissions: 10, every: day, attempts: 20}}
"""
#: modality -> scan, axes as h5py shows them
SCANS = {"Cine": ("cine_sax", CINE), "Mapping": ("T1map", CINE), "BlackBlood": ("blackblood", ONE_FRAME)}
#: 2025's tree: centre and scanner, whose folder names its field
_SCANNERS = {
    "R1": ("Center001/UIH_30T_umr780",),
    "R2": ("Center001/UIH_30T_umr780", "Center002/Siemens_15T_CIMA.X"),
    "S1": ("Center003/UIH_50T_umrjupiter",),
    "S2": ("Center004/Siemens_15T_Sola",),
}
_SHEET = "Center,Manufacturer,AnonPatientID,Disease1,Disease2,Disease3,Disease4\n"


@dataclass(frozen=True, kw_only=True)
class Contract:
    """One task of a later year. scans: modality -> scan, its shape as stored; patterns go round over them."""

    year: str
    task: str
    scans: Mapping[str, tuple[str, tuple[int, ...]]]
    patterns: tuple[str, ...]
    #: stratum -> values
    strata: Mapping[str, tuple[str, ...]]
    factor: int = 8
    places: tuple[str, ...] = ("",)
    #: disease of each place, in 2025's sheet
    diseases: tuple[str, ...] = field(default=())

    @property
    def layout(self) -> str:
        """As `assay dataset import` calls it."""
        return f"cmrxrecon-{self.year}-{self.task.lower()}"

    @property
    def cases(self) -> int:
        """How many the hidden set has."""
        return len(self.scans) * len(self.places)

    def challenge(self, *, name: str) -> str:
        """The challenge file, its hidden set called `name`@1."""
        if self.year == "2024":
            scan = "{subject}/{scan}_kus_{pattern}{af}.mat"
            given = f"{{modality}}/{{set}}/UnderSample_{self.task}/{scan}"
            wanted = f'"{{modality}}/{{set}}/{self.task}/{scan}"'
        else:
            scan = "{center}/{vendor}/{subject}/{scan}_kus_{pattern}{af}.mat"
            given = f"Task{self.task}/MultiCoil/{{modality}}/{{set}}/UnderSample_Task{self.task}/{scan}"
            wanted = "same-as-input"
        strata = "\n".join(
            f"      {stratum}: {{title: {stratum.title()}, values: [{', '.join(values)}]}}"
            for stratum, values in self.strata.items()
        )
        return _CHALLENGE.format(
            name=name, year=self.year, task=self.task, layout=self.layout, given=given, wanted=wanted, strata=strata
        )

    def write(self, root: Path) -> None:
        """The tree below `root`, TestSet alone."""
        for place in self.places:
            for (modality, (scan, shape)), pattern in zip(self.scans.items(), cycle(self.patterns), strict=False):
                frames = shape[0] if len(shape) == 5 and pattern.startswith("kt") else None
                full, kspace, mask = self._files(root, modality=modality, place=place, scan=scan, pattern=pattern)
                write_case(
                    full=full,
                    kspace=kspace,
                    mask=mask,
                    shape=shape,
                    kept=sampling(pattern, self.factor, frames=frames),
                )
        if self.diseases:
            rows = zip(self.places, self.diseases, strict=True)
            text = "".join(f"{place.replace('/', ',')},P007,{disease},,,\n" for place, disease in rows)
            (root / f"Task{self.task}.csv").write_text(_SHEET + text)

    def _files(self, root: Path, *, modality: str, place: str, scan: str, pattern: str) -> tuple[Path, Path, Path]:
        task = self.task if self.year == "2024" else f"Task{self.task}"
        tree = root / ("MultiCoil" if self.year == "2024" else f"{task}/MultiCoil") / modality / "TestSet"
        full = tree / ("FullSample" if self.year == "2024" else f"FullSample_{task}")
        where = Path(place) / ("P001" if self.year == "2024" else "P007")
        return (
            full / where / f"{scan}.mat",
            tree / f"UnderSample_{task}" / where / f"{scan}_kus_{pattern}{self.factor}.mat",
            tree / f"Mask_{task}" / where / f"{scan}_mask_{pattern}{self.factor}.mat",
        )


def _of_2025() -> Iterator[Contract]:
    diseases = ("hypertrophic cardiomyopathy", "")
    fields = {"S1": ("5.0T",), "S2": ("1.5T",)}
    for task, places in _SCANNERS.items():
        strata: dict[str, tuple[str, ...]] = {"modality": tuple(SCANS)}
        if task == "R2":
            strata["disease"] = ("hypertrophic_cardiomyopathy", "none")
        if task in fields:
            strata["field"] = fields[task]
        yield Contract(
            year="2025",
            task=task,
            scans=SCANS,
            patterns=("ktGaussian",) if task == "R1" else ("ktRadial", "Uniform", "ktGaussian"),
            strata=strata,
            places=places,
            diseases=diseases if task == "R2" else (),
        )


_TASK2 = {
    "Cine": ("cine_sax", CINE),
    "Aorta": ("aorta_tra", CINE),
    "Tagging": ("tagging", CINE),
}
_PATTERNS = ("ktUniform", "ktGaussian", "ktRadial")
#: layout -> contract
CONTRACTS = {
    contract.layout: contract
    for contract in (
        Contract(
            year="2024", task="Task1", scans=SCANS, patterns=("Uniform",), strata={"modality": tuple(SCANS)}
        ),
        Contract(
            year="2024", task="Task2", scans=_TASK2, patterns=_PATTERNS, factor=12,
            strata={"modality": tuple(_TASK2), "pattern": _PATTERNS},
        ),
        *_of_2025(),
    )
}  # fmt: skip
#: the one of each year whose files a team may also send
FIRST = {"2024": CONTRACTS["cmrxrecon-2024-task1"], "2025": CONTRACTS["cmrxrecon-2025-r1"]}
