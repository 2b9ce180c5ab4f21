"""The CMRxRecon 2025 tree: centres, scanners, patients, nine modalities, and the sheet of diseases."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evaluators.importers import LAYOUTS
from evaluators.importers.cmrxrecon2025 import tesla
from evaluators.importers.dataset import ImportedDataset
from evaluators.importers.problems import ImportProblems
from tests.unit.evaluators.importers.later_years import (
    CINE,
    NX,
    NY,
    ONE_FRAME,
    ONE_PLANE,
    full_kspace,
    sampling,
    write_case,
)

#: folder -> scan, shape as stored, pattern and factor
SCANS = {
    "BlackBlood": ("blackblood", ONE_FRAME, "Uniform", 8),
    "Cine": ("cine_lax_3ch", CINE, "ktRadial", 16),
    "Flow2d": ("flow2d_inplane", CINE, "ktGaussian", 24),
    "LGE": ("lge_sax", ONE_FRAME, "ktRadial", 8),
    "Mapping": ("T1mappost", CINE, "Uniform", 16),
    "Perfusion": ("perfusion", CINE, "ktGaussian", 8),
    "T1rho": ("T1rho", CINE, "Uniform", 24),
    "T1w": ("T1w", ONE_PLANE, "Uniform", 8),
    "T2w": ("T2w", ONE_FRAME, "ktGaussian", 16),
}
PATIENTS = (("Center001", "UIH_30T_umr780", "P007"), ("Center002", "Siemens_15T_CIMA.X", "P007"))


def write_tree(root: Path, *, task: str = "TaskR1") -> Path:
    for folder, (scan, shape, pattern, factor) in SCANS.items():
        home = root / task / "MultiCoil" / folder / "ValidationSet"
        kept = sampling(pattern, factor, frames=shape[0] if len(shape) == 5 else None)
        for place in map("/".join, PATIENTS):
            under = home / f"UnderSample_{task}" / place
            write_case(
                full=home / f"FullSample_{task}" / place / f"{scan}.mat",
                kspace=under / f"{scan}_kus_{pattern}{factor}.mat",
                mask=home / f"Mask_{task}" / place / f"{scan}_mask_{pattern}{factor}.mat",
                shape=shape,
                kept=kept,
                variable="kspace" if folder == "Cine" else "kspace_full",
            )
            (under / f"{scan}_info.csv").write_text("FieldStrength,3\n")
    return root


def imported(root: Path, *, task: str = "r1") -> ImportedDataset:
    return LAYOUTS[f"cmrxrecon-2025-{task}"](
        root=root, set_name="ValidationSet", staging=root / "staging", key=None, seed="s"
    )


def test_strata_are_modality_centre_vendor_and_field(tmp_path: Path) -> None:
    cases = imported(write_tree(tmp_path)).manifest.cases
    assert len(cases) == 2 * len(SCANS)
    assert {case.strata["modality"] for case in cases} == set(SCANS)
    assert {(case.strata["center"], case.strata["vendor"], case.strata["field"]) for case in cases} == {
        ("Center001", "UIH", "3.0T"),
        ("Center002", "Siemens", "1.5T"),
    }
    shapes = {case.strata["modality"]: case.shape for case in cases}
    assert (shapes["T1w"], shapes["LGE"], shapes["Cine"]) == ((NX, NY, 1, 1), (NX, NY, 2, 1), (NX, NY, 2, 5))


def test_patients_of_two_centres_with_one_number_are_two_units(tmp_path: Path) -> None:
    cases = imported(write_tree(tmp_path)).manifest.cases
    assert {case.unit for case in cases} == {"Center001/UIH_30T_umr780/P007", "Center002/Siemens_15T_CIMA.X/P007"}
    assert len({case.group for case in cases if case.strata["modality"] == "Cine"}) == 2


def test_a_container_sees_centre_and_scanner_but_no_patient_number(tmp_path: Path) -> None:
    cases = imported(write_tree(tmp_path)).manifest.cases
    cine = next(case for case in cases if (case.strata["modality"], case.strata["center"]) == ("Cine", "Center001"))
    place = "Center001/UIH_30T_umr780/{name}"
    home = "TaskR1/MultiCoil/Cine/ValidationSet"
    assert [file.path for file in cine.inputs] == [
        f"{home}/UnderSample_TaskR1/{place}/cine_lax_3ch_kus_ktRadial16.mat",
        f"{home}/Mask_TaskR1/{place}/cine_lax_3ch_mask_ktRadial16.mat",
        f"{home}/UnderSample_TaskR1/{place}/cine_lax_3ch_info.csv",
    ]


def test_a_reference_of_dropped_axes_is_the_root_sum_of_squares(tmp_path: Path) -> None:
    found = imported(write_tree(tmp_path))
    case = next(case for case in found.manifest.cases if case.strata["modality"] == "T1w")
    coils = full_kspace(ONE_PLANE, seed=len(ONE_PLANE))
    image = np.sqrt(
        sum(np.abs(np.fft.ifftshift(np.fft.ifft2(np.fft.fftshift(one), norm="ortho"))) ** 2 for one in coils)
    )
    assert np.load(found.files[case.references[0].sha256])[:, :, 0, 0] == pytest.approx(image.T, rel=1e-5)


SHEET = "Center,Manufacturer,AnonPatientID,Disease1,Disease2,Disease3,Disease4\n"


def test_diseases_come_from_the_sheet_as_csv(tmp_path: Path) -> None:
    write_tree(tmp_path, task="TaskR2")
    (tmp_path / "TaskR2.csv").write_text(
        SHEET
        + "Center001,UIH_30T_umr780,P007,hypertrophic cardiomyopathy,arrhythmia,,\n"
        + "Center002,Siemens_15T_CIMA.X,P007,,,,\n"
    )
    cases = imported(tmp_path, task="r2").manifest.cases
    assert {(case.strata["center"], case.strata["disease"]) for case in cases} == {
        ("Center001", "arrhythmia+hypertrophic_cardiomyopathy"),
        ("Center002", "none"),
    }


def test_without_the_sheet_diseases_are_unknown(tmp_path: Path) -> None:
    cases = imported(write_tree(tmp_path, task="TaskR2"), task="r2").manifest.cases
    assert {case.strata["disease"] for case in cases} == {"unknown"}


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"Center,Manufacturer,Disease1\n", "no column AnonPatientID"),
        ((SHEET + "Center001,UIH_30T_umr780,P007,x,,,\n").encode(), "none for Center002/Siemens_15T_CIMA.X/P007"),
        (b"\xff\xfe\xff", "no csv text"),
    ],
)
def test_a_bad_sheet_is_told(tmp_path: Path, content: bytes, found: str) -> None:
    write_tree(tmp_path, task="TaskR2")
    (tmp_path / "TaskR2.csv").write_bytes(content)
    with pytest.raises(ImportProblems, match=found):
        imported(tmp_path, task="r2")


def test_a_folder_that_names_no_field_strength_is_told(tmp_path: Path) -> None:
    write_tree(tmp_path)
    home = tmp_path / "TaskR1/MultiCoil/Cine/ValidationSet/Mask_TaskR1/Center001"
    (home / "UIH_30T_umr780").rename(home / "UIH_umr780")
    with pytest.raises(ImportProblems) as caught:
        imported(tmp_path)
    assert any("UIH_umr780" in problem.path and problem.found == "another name" for problem in caught.value.problems)


def test_field_strengths_in_words() -> None:
    assert [tesla(digits) for digits in ("30", "15", "50", "055")] == ["3.0T", "1.5T", "5.0T", "0.55T"]
