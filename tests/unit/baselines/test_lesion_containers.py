"""The containers of brain lesions write a mask on the grid of every image, whatever its axes, spacing and place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import torch
from torch import Tensor

from baselines.lesions.io import UnreadableImage, read_image
from baselines.lesions.run import segment_all
from baselines.lesions.volumes import Network, View, segment
from baselines.mome import infer as mome
from baselines.mome.model import MODALITIES, Mixed, MoME
from baselines.unet_lesions import infer as unet
from baselines.unet_lesions.model import LesionUNet
from evaluators.phantoms.brain.heads import write_head_set
from tests.unit.baselines.recipe import copied_by, imported_by

ROOT = Path(__file__).parents[3]
METHODS: dict[str, Callable[[], Network]] = {"mome": mome.network, "unet_lesions": unet.network}
_nifti: Any = nibabel.Nifti1Image


@pytest.fixture(autouse=True)
def _same_numbers() -> None:
    torch.manual_seed(0)
    # small networks: a second thread costs more than it brings
    torch.set_num_threads(1)


def _bright(*, dims: int = 2, spacing: float = 4.0) -> Network:
    """Calls lesion what is bright: five standard deviations above the mean, about half of what a small spot has."""

    def forward(image: Tensor) -> Tensor:
        middle = image[:, image.shape[1] // 2, None] - 5
        return torch.cat([-middle, middle], dim=1)

    planes = 5 if dims == 2 else 1
    return Network(forward=forward, view=View(dims=dims, planes=planes, multiple=8, spacing=spacing, window=16))


def _image_with_a_spot(affine: np.ndarray, shape: tuple[int, int, int]) -> tuple[Any, np.ndarray]:
    """A dim box with a bright block of 24 mm around the point (20, -12, 8) mm, and where that block is in the array."""
    index = np.stack(np.meshgrid(*(np.arange(size) for size in shape), indexing="ij"), axis=-1)
    places = index @ affine[:3, :3].T + affine[:3, 3]
    spot = (np.abs(places - np.array([20, -12, 8])) <= 12).all(axis=-1)
    brain = (np.abs(places) <= 60).all(axis=-1)
    return _nifti((brain * 100 + spot * 200).astype(np.int16), affine), spot


AFFINES = {
    "as trained": np.array([[4, 0, 0, -86], [0, 4, 0, -102], [0, 0, 4, -86], [0, 0, 0, 1.0]]),
    "to the left and from the front": np.array([[-4, 0, 0, 86], [0, -4, 0, 102], [0, 0, 4, -86], [0, 0, 0, 1.0]]),
    "sagittal, finer": np.array([[0, 0, 2, -70], [2, 0, 0, -80], [0, 2, 0, -70], [0, 0, 0, 1.0]]),
    "thick slices": np.array([[2, 0, 0, -70], [0, 2, 0, -80], [0, 0, 8, -70], [0, 0, 0, 1.0]]),
}


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("name", AFFINES)
def test_a_mask_lies_where_the_image_does(name: str, dims: int, tmp_path: Path) -> None:
    affine = AFFINES[name]
    reach = np.abs(affine[:3, :3]).max(axis=0)
    x, y, z = (int(150 // step) + 8 for step in reach)
    shape = (x, y, z)
    image, spot = _image_with_a_spot(affine, shape)
    path = tmp_path / "in" / "case" / "image.nii.gz"
    path.parent.mkdir(parents=True)
    nibabel.save(image, path)
    assert segment_all(network=_bright(dims=dims), source=tmp_path / "in", target=tmp_path / "out") == 0
    mask: Any = nibabel.load(tmp_path / "out" / "case" / "image.nii.gz")
    assert mask.shape == shape
    assert mask.get_data_dtype() == np.uint8
    np.testing.assert_allclose(mask.affine, affine, atol=1e-3)
    found = np.asarray(mask.dataobj) > 0
    # at another spacing an edge may move by half a voxel
    assert 2 * (found & spot).sum() / (found.sum() + spot.sum()) > (0.99 if name.startswith(("as", "to")) else 0.8)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("set")
    write_head_set(root=root, set_name="Test", subjects=5, real=0, seed=11)
    return root / "Test" / "image"


@pytest.mark.parametrize("name", METHODS)
def test_every_image_gets_one_mask(name: str, source: Path, tmp_path: Path) -> None:
    assert segment_all(network=METHODS[name](), source=source, target=tmp_path) == 0
    written = sorted(path.name for path in tmp_path.rglob("*.nii.gz"))
    assert written == sorted(path.name for path in source.glob("*.nii.gz"))
    assert len(written) == len(MODALITIES)
    for file in written:
        mask, image = nibabel.load(tmp_path / file), nibabel.load(source / file)
        assert mask.shape == image.shape  # type: ignore[attr-defined]
        np.testing.assert_allclose(mask.affine, image.affine, atol=1e-3)  # type: ignore[attr-defined]
        labels = np.asarray(mask.dataobj)  # type: ignore[attr-defined]
        assert set(np.unique(labels)) <= {0, 1}
        # nothing outside the brain
        assert not labels[np.asarray(image.dataobj) == 0].any()  # type: ignore[attr-defined]


def test_a_bad_file_is_named_and_the_others_are_done(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in sorted(source.glob("*.nii.gz"))[:2]:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    cut = next(source.glob("*.nii.gz")).read_bytes()
    (tmp_path / "cut.nii.gz").write_bytes(cut[: len(cut) // 2])
    (tmp_path / "text.nii").write_text("no image")
    assert segment_all(network=_bright(), source=tmp_path, target=tmp_path / "out") == 0
    told = capsys.readouterr()
    assert "cut.nii.gz FAILED" in told.err
    assert "text.nii FAILED" in told.err
    assert told.out.count("\n") == len(list((tmp_path / "out").iterdir())) == 2


def test_the_run_fails_when_every_image_fails_or_none_is_there(tmp_path: Path) -> None:
    (tmp_path / "text.nii").write_text("no image")
    assert segment_all(network=_bright(), source=tmp_path, target=tmp_path / "out") == 1
    assert segment_all(network=_bright(), source=tmp_path / "nothing", target=tmp_path / "out") == 2


def test_a_film_is_no_image_of_this_task(tmp_path: Path) -> None:
    nibabel.save(_nifti(np.zeros((4, 4, 4, 2), np.int16), np.eye(4)), tmp_path / "film.nii")
    with pytest.raises(UnreadableImage, match="three axes"):
        read_image(tmp_path / "film.nii")


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_an_image_without_contrast_gets_an_empty_mask(value: float) -> None:
    volume = np.full((12, 12, 6), value, dtype=np.float32)
    assert not segment(volume, spacing=(4, 4, 4), network=_bright()).any()


def test_the_answer_does_not_depend_on_the_images_unit() -> None:
    volume = np.random.default_rng(0).uniform(1, 2, (16, 16, 6)).astype(np.float32)
    network = unet.single(LesionUNet(dims=2, planes=5, channels=4, stages=3, spacing=4))
    once = segment(volume, spacing=(4, 4, 4), network=network)
    assert np.array_equal(segment(volume * 1000, spacing=(4, 4, 4), network=network), once)
    assert 0 < once.sum() < once.size


def test_one_expert_can_be_asked_alone() -> None:
    net = MoME(dims=2, planes=5, channels=4, stages=3, spacing=4)
    net.best.fill_(3)
    image = torch.randn(2, 5, 16, 16)
    with torch.inference_mode():
        mixed: Mixed = net(image)
        for place, name in enumerate(MODALITIES):
            torch.testing.assert_close(mome.mixture(net, expert=name).forward(image), mixed.experts[place][0])
        torch.testing.assert_close(mome.mixture(net, expert="best").forward(image), mixed.experts[3][0])
        torch.testing.assert_close(mome.mixture(net).forward(image), mixed.fused[0])
    with pytest.raises(ValueError, match="no expert 'pet'; there are best, t1"):
        mome.mixture(net, expert="pet")


@pytest.mark.parametrize("name", METHODS)
def test_the_image_holds_everything_that_the_entry_point_imports(name: str) -> None:
    copied = copied_by(name)
    assert imported_by(name) <= copied
    weights = ROOT / "baselines" / name / "weights.safetensors"
    assert weights.exists() is (f"baselines/{name}/weights.safetensors" in copied)
