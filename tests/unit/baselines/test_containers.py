"""The baselines' containers do what CMRxRecon 2023 asks of one: find the cases, write the images, survive a bad file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import loadmat

from baselines.cg_sense.model import reconstruct as cg_sense
from baselines.cine.io import Scan, UnreadableScan, find_scans, read_scan, zero_filled
from baselines.cine.run import Method, reconstruct_all
from baselines.d3gm import infer as d3gm
from baselines.e2e_varnet import infer as varnet
from baselines.low_rank_sparse.model import reconstruct as low_rank_sparse
from baselines.promptmr import infer as promptmr
from baselines.unet import infer as unet
from baselines.zero_filled.model import reconstruct
from evaluators.phantoms.cine import CineSize, write_cine_set
from evaluators.phantoms.layout import write_kspace
from evaluators.phantoms.mapping import write_mapping_set
from tests.unit.baselines.recipe import copied_by, imported_by

ROOT = Path(__file__).parents[3]
SIZE = CineSize(nx=48, ny=36, coils=4, slices=2, frames=3)
METHODS: dict[str, Callable[[], Method]] = {
    "zero_filled": lambda: reconstruct,
    "cg_sense": lambda: cg_sense,
    "low_rank_sparse": lambda: low_rank_sparse,
    "unet": unet.method,
    "e2e_varnet": varnet.method,
    "d3gm": d3gm.method,
    "promptmr": promptmr.method,
}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("input")
    write_cine_set(root=root, set_name="TestSet", subjects=1, seed=11, size=SIZE)
    return root


@pytest.mark.parametrize("name", METHODS)
def test_every_case_gets_one_image_in_the_challenges_form(name: str, source: Path, tmp_path: Path) -> None:
    assert reconstruct_all(method=METHODS[name](), source=source, target=tmp_path) == 0
    written = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert written == [
        f"MultiCoil/Cine/TestSet/AccFactor{factor}/P001/cine_{view}.mat"
        for factor in ("04", "08", "10")
        for view in ("lax", "sax")
    ]
    for path in written:
        content = {key: value for key, value in loadmat(tmp_path / path).items() if not key.startswith("__")}
        assert list(content) == ["img4ranking"]
        image = content["img4ranking"]
        assert image.shape == (SIZE.nx, SIZE.ny, SIZE.slices, SIZE.frames)
        assert image.dtype == np.float32
        assert np.isfinite(image).all()
        assert image.min() >= 0
        assert image.max() > 0


@pytest.fixture(scope="module")
def whole_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All four trees of the challenge under one input, one subject."""
    root = tmp_path_factory.mktemp("whole")
    for single in (False, True):
        write_cine_set(root=root, set_name="TestSet", subjects=1, seed=11, size=SIZE, single_coil=single)
        write_mapping_set(root=root, set_name="TestSet", subjects=1, seed=11, size=SIZE, single_coil=single)
    return root


@pytest.mark.parametrize("name", METHODS)
def test_one_container_serves_all_four_tasks_of_the_challenge(name: str, whole_source: Path, tmp_path: Path) -> None:
    assert reconstruct_all(method=METHODS[name](), source=whole_source, target=tmp_path) == 0
    written = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert written == sorted(
        f"{coils}/{family}/TestSet/AccFactor{factor}/P001/{scan}.mat"
        for coils in ("MultiCoil", "SingleCoil")
        for family, scans in (("Cine", ("cine_lax", "cine_sax")), ("Mapping", ("T1map", "T2map")))
        for factor in ("04", "08", "10")
        for scan in scans
    )
    for path in written:
        image = loadmat(tmp_path / path)["img4ranking"]
        contrasts = {"T1map": 9, "T2map": 3}.get(Path(path).stem, SIZE.frames)
        assert image.shape == (SIZE.nx, SIZE.ny, SIZE.slices, contrasts)
        assert np.isfinite(image).all()
        assert image.max() > 0


@pytest.mark.parametrize("name", METHODS)
def test_data_without_a_coil_axis_are_those_of_one_coil(name: str, whole_source: Path, tmp_path: Path) -> None:
    path = whole_source / "SingleCoil/Cine/TestSet/AccFactor04/P001/cine_sax.mat"
    scan = read_scan(path)
    assert scan.kspace.shape == (SIZE.frames, SIZE.slices, 1, SIZE.ny, SIZE.nx)
    image = METHODS[name]()(scan)
    with_axis = tmp_path / path.name
    write_kspace(path=with_axis, variable="kspace_sub04", kspace=scan.kspace)
    assert np.array_equal(METHODS[name]()(read_scan(with_axis)), image)
    alone = zero_filled(scan.kspace)
    # the same heart in the same place, not a picture of something else
    assert np.corrcoef(image.ravel(), alone.ravel())[0, 1] > 0.8


def test_a_file_with_too_few_axes_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cine_sax.mat"
    with h5py.File(path, "w") as file:
        file["kspace_sub04"] = np.zeros((3, 2, 36, 48), dtype=[("real", "<f4"), ("imag", "<f4")])
    with pytest.raises(UnreadableScan, match="on 5 axes"):
        read_scan(path)


def test_zero_filled_image_is_the_root_sum_of_squares_in_matlab_order(source: Path, tmp_path: Path) -> None:
    reconstruct_all(method=reconstruct, source=source, target=tmp_path)
    path = find_scans(source)[0]
    image = loadmat(tmp_path / path.relative_to(source))["img4ranking"]
    kspace = read_scan(path).kspace[2, 1].astype(np.complex128)
    x, y = 20, 9
    rows = np.exp(2j * np.pi * (y - SIZE.ny // 2) * (np.arange(SIZE.ny) - SIZE.ny // 2) / SIZE.ny)
    columns = np.exp(2j * np.pi * (x - SIZE.nx // 2) * (np.arange(SIZE.nx) - SIZE.nx // 2) / SIZE.nx)
    coils = np.einsum("cyx,y,x->c", kspace, rows, columns) / np.sqrt(SIZE.nx * SIZE.ny)
    assert image[x, y, 1, 2] == pytest.approx(np.linalg.norm(coils), rel=1e-4)


def test_a_bad_case_is_named_and_the_others_are_done(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "in"
    for path in source.rglob("*.mat"):
        copy = broken / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    bad = broken / "MultiCoil/Cine/TestSet/AccFactor08/P001/cine_lax.mat"
    bad.write_text("no scan")
    assert reconstruct_all(method=reconstruct, source=broken, target=tmp_path / "out") == 0
    told = capsys.readouterr()
    assert "AccFactor08/P001/cine_lax.mat FAILED" in told.err
    assert told.out.count("\n") == len(list((tmp_path / "out").rglob("*.mat"))) == 5


def test_the_run_fails_only_when_every_case_fails_or_none_is_there(source: Path, tmp_path: Path) -> None:
    def broken(scan: Scan) -> np.ndarray:
        raise RuntimeError(f"no memory for {scan.kspace.shape}")

    assert reconstruct_all(method=broken, source=source, target=tmp_path) == 1
    assert reconstruct_all(method=reconstruct, source=tmp_path / "nothing", target=tmp_path) == 2


@pytest.mark.parametrize("name", METHODS)
def test_a_case_without_its_mask_file_comes_out_the_same(name: str, source: Path) -> None:
    path = find_scans(source)[0]
    scan = read_scan(path)
    energy = Scan(kspace=scan.kspace, mask=np.repeat((scan.kspace != 0).any((0, 1, 2, 4))[:, None], SIZE.nx, axis=1))
    method = METHODS[name]()
    assert np.array_equal(method(scan), method(energy))


@pytest.mark.parametrize("name", METHODS)
def test_a_frame_without_signal_stays_empty_and_harms_no_other(name: str, source: Path) -> None:
    scan = read_scan(find_scans(source)[0])
    kspace = scan.kspace.copy()
    kspace[0, 0] = 0
    image = METHODS[name]()(Scan(kspace=kspace, mask=scan.mask))
    assert not image[0, 0].any()
    assert np.isfinite(image).all()
    assert image[1:].max() > 0


@pytest.mark.parametrize("name", METHODS)
def test_the_image_holds_everything_that_the_entry_point_imports(name: str) -> None:
    copied = copied_by(name)
    assert imported_by(name) <= copied
    weights = ROOT / "baselines" / name / "weights.safetensors"
    assert weights.exists() is (f"baselines/{name}/weights.safetensors" in copied)
