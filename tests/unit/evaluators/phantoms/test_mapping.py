"""Mapping phantoms: the physics that a fit must find again, and files that the importer takes."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import binary_fill_holes
from scipy.optimize import curve_fit

from evaluators.importers import LAYOUTS
from evaluators.phantoms.cine import simulate_subject
from evaluators.phantoms.encoding import ifft2c
from evaluators.phantoms.mapping import MappingScan, simulate_mapping, write_mapping_set
from evaluators.phantoms.relaxation import inversion_recovery, inversion_times, t2_prepared
from evaluators.phantoms.scan import combine_coils
from evaluators.phantoms.signal import TISSUES, Tissue
from evaluators.phantoms.sizes import CineSize, View, Weighting

nib: Any = import_module("nibabel")

SMALL = CineSize(nx=64, ny=48, coils=4, slices=1, frames=1)


@pytest.fixture(scope="module")
def scans() -> dict[Weighting, MappingScan]:
    return simulate_mapping(seed=b"hidden", subject=3, size=SMALL)


def three_parameters(times: np.ndarray, a: float, b: float, apparent: float) -> np.ndarray:
    return a - b * np.exp(-times / apparent)


def fitted_t1(times: np.ndarray, signal: np.ndarray) -> float:
    """Signed three-parameter fit with the Look-Locker correction of the challenge's CalEvalMap.py."""
    (a, b, apparent), _ = curve_fit(three_parameters, times, signal / np.abs(signal).max(), p0=(1, 2, 1000))
    return float(apparent * (b / a - 1))


@pytest.mark.parametrize("tissue", [Tissue.BLOOD, Tissue.MYOCARDIUM, Tissue.FAT])
@pytest.mark.parametrize("drive", [0.0, 1e-4])
def test_the_corrected_fit_finds_t1_exactly_whatever_the_readout_drives(tissue: Tissue, drive: float) -> None:
    times = inversion_times(rng=np.random.default_rng(0), slices=1, beat=900)[0].astype(np.float64)
    signal = inversion_recovery(tissue=TISSUES[tissue], times=times, drive=drive)
    assert fitted_t1(times, signal.astype(np.float64)) == pytest.approx(TISSUES[tissue].t1, rel=1e-4)


def test_t2_prepared_signal_falls_to_a_third_in_one_t2() -> None:
    tissue = TISSUES[Tissue.MYOCARDIUM]
    start, later = t2_prepared(tissue=tissue, times=np.array([0.0, tissue.t2], dtype=np.float32))
    assert later / start == pytest.approx(np.exp(-1), rel=1e-6)


def test_inversion_times_are_nine_rising_milliseconds_of_three_inversions() -> None:
    times = inversion_times(rng=np.random.default_rng(1), slices=3, beat=900)
    assert times.shape == (3, 9)
    assert (np.diff(times, axis=1) > 0).all()
    assert times[:, :3].tolist() == [[100, 180, 260]] * 3
    assert 2400 < times[:, -1].mean() < 3000


def test_fits_of_noise_free_pixels_of_one_tissue_find_the_true_times(scans: dict[Weighting, MappingScan]) -> None:
    t1, t2 = scans[Weighting.T1], scans[Weighting.T2]
    bright = np.argwhere((t1.truth[0] > 0) & (t1.image[-1, 0] > 0.1 * t1.image.max()))
    for y, x in bright[:: len(bright) // 25]:
        found = fitted_t1(t1.times[0].astype(np.float64), t1.image[:, 0, y, x].astype(np.float64))
        assert found == pytest.approx(t1.truth[0, y, x], rel=1e-3)
    pure = (t2.truth[0] > 0) & (t2.image[0, 0] > 0.1 * t2.image.max())
    slope = np.polyfit(t2.times[0], np.log(t2.image[:, 0][:, pure]), 1)[0]
    assert -1 / slope == pytest.approx(t2.truth[0][pure], rel=1e-2)


def outline(image: np.ndarray) -> np.ndarray:
    """The body without its hollows."""
    filled: np.ndarray = binary_fill_holes(image > 0.05 * image.max())
    return filled


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


def test_both_maps_show_the_person_of_the_cine_scan(scans: dict[Weighting, MappingScan]) -> None:
    same, another = (
        outline(simulate_subject(seed=b"hidden", subject=n, size=SMALL, views=(View.SAX,))[View.SAX].image[0, 0])
        for n in (3, 4)
    )
    for scan in scans.values():
        mapped = outline(np.abs(scan.image[-1, 0]))
        assert overlap(mapped, same) > 0.98 > 1.02 * overlap(mapped, another)


def test_labels_lie_on_blood_and_muscle(scans: dict[Weighting, MappingScan]) -> None:
    scan = scans[Weighting.T1]
    truth = scan.truth[0, ::2, ::2]
    blood, muscle = np.unique(truth[(scan.labels[0] == 1) & (truth > 0)]), truth[(scan.labels[0] == 2) & (truth > 0)]
    assert 1500 < np.median(blood) < 2400
    assert 1200 < np.median(muscle) < 1750
    assert {1, 2, 3} <= set(np.unique(scan.labels))


def test_blood_is_inverted_at_first_and_recovers(scans: dict[Weighting, MappingScan]) -> None:
    scan = scans[Weighting.T1]
    blood = scan.image[:, 0, ::2, ::2][:, scan.labels[0] == 1].mean(axis=1)
    assert blood[0] < 0 < blood[-1]
    # complex images keep the sign as phase, magnitudes lose it: that is what the fit must find again
    image = ifft2c(combine_coils(scan).kspace)[:, 0][:, scan.labels[0] == 1]
    turned = np.angle((image[0] * image[-1].conj()).mean())
    assert abs(abs(turned) - np.pi) < 0.3


@pytest.mark.parametrize("single", [False, True])
def test_the_importer_takes_the_files_and_finds_times_and_labels(tmp_path: Path, single: bool) -> None:
    paths = write_mapping_set(
        root=tmp_path, set_name="TestSet", subjects=1, seed=b"hidden", size=SMALL, single_coil=single, first=3
    )
    assert sorted(paths) == sorted(path for path in tmp_path.rglob("*") if path.is_file())
    layout = "cmrxrecon-2023-mapping-single" if single else "cmrxrecon-2023-mapping"
    found = LAYOUTS[layout](root=tmp_path, set_name="TestSet", staging=tmp_path / "staging", key=None, seed="s")
    assert len(found.manifest.cases) == 6
    case = next(case for case in found.manifest.cases if case.strata["weighting"] == "T1")
    image, times, labels = (np.load(found.files[file.sha256]) for file in case.references)
    scan = simulate_mapping(seed=b"hidden", subject=3, size=SMALL)[Weighting.T1]
    assert times == pytest.approx(scan.times, abs=1e-2)
    assert labels.tolist() == scan.labels.T.tolist()
    # where blood lies in the label, the last image is as bright as the painted one
    painted = scan.image[-1, 0, ::2, ::2].T
    blood = labels[:, :, 0] == 1
    assert image[:, :, 0, -1][blood].mean() == pytest.approx(painted[blood].mean(), rel=0.05)
    label = next(path for path in paths if path.name == "T1map_label.nii.gz")
    assert nib.load(label).get_fdata().tolist() == labels.tolist()


def test_the_true_times_are_never_written(tmp_path: Path) -> None:
    paths = write_mapping_set(
        root=tmp_path, set_name="TestSet", subjects=1, seed=1, size=SMALL, weightings=(Weighting.T2,)
    )
    assert {path.name for path in paths} == {"T2map.mat", "T2map_mask.mat", "T2map.csv", "T2map_label.nii.gz"}
