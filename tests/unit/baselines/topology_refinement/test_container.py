"""The container writes a mask for every image at its own path, whatever its shape, and says what it cannot do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import torch

from baselines.cine.network import load_weights, save_weights
from baselines.runtime.recipes import variants_of
from baselines.topology_refinement import infer
from baselines.topology_refinement.inference import VARIANTS, segmenter
from baselines.topology_refinement.model import Bundle
from evaluators.phantoms.nifti import write_nifti
from evaluators.phantoms.topology.challenge import write_topology_set
from tests.unit.baselines.recipe import copied_by, imported_by

ROOT = Path(__file__).parents[4]
FOLDER = ROOT / "baselines" / "topology_refinement"
SIZES = {"dims": 2, "channels": 4, "dilated": 4, "refiner": 4}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "weights.safetensors"
    save_weights(path=path, net=Bundle(**SIZES), sizes=SIZES, note={})
    return path


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("input")
    write_topology_set(root=root, set_name="TestSet", subjects=2, seed=11)
    affine = np.diag([0.5, 0.7, 1.0, 1.0])
    write_nifti(path=root / "odd.nii.gz", values=np.ones((37, 50), dtype=np.float32), affine=affine)
    return root


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_answers_every_image_on_its_grid(
    variant: str, weights: Path, source: Path, tmp_path: Path
) -> None:
    segment = infer.method(variant, weights)
    assert infer.segment_all(segment=segment, source=source, target=tmp_path) == 0
    for path in source.rglob("*.nii.gz"):
        asked: Any = nib.load(path)
        found: Any = nib.load(tmp_path / path.relative_to(source))
        assert found.shape == asked.shape
        assert found.get_data_dtype() == np.uint8
        assert set(np.unique(found.dataobj)) <= {0, 1}
        np.testing.assert_allclose(found.affine, asked.affine, atol=1e-6)


def test_what_the_container_writes_is_what_the_networks_say(weights: Path, source: Path, tmp_path: Path) -> None:
    infer.segment_all(segment=infer.method("network-b-refined", weights), source=source, target=tmp_path)
    bundle = load_weights(path=weights, build=Bundle)
    assert isinstance(bundle, Bundle)
    for path in source.glob("TestSet/image/*.nii.gz"):
        image: Any = nib.load(path)
        found: Any = nib.load(tmp_path / path.relative_to(source))
        expected = segmenter(bundle, variant="network-b-refined")(image.get_fdata().astype(np.float32))
        assert np.array_equal(np.asarray(found.dataobj) == 1, expected)


def test_a_volume_and_a_damaged_file_are_named_and_the_others_are_done(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "in"
    write_nifti(path=broken / "good.nii.gz", values=np.ones((32, 32), dtype=np.float32))
    write_nifti(path=broken / "volume.nii.gz", values=np.ones((16, 16, 16), dtype=np.float32))
    (broken / "bad.nii.gz").write_text("no image")
    segment = infer.method("network-a", weights)
    assert infer.segment_all(segment=segment, source=broken, target=tmp_path / "out") == 0
    told = capsys.readouterr().err
    assert "volume.nii.gz FAILED: an image of 3 axes; these weights were trained on images of 2" in told
    assert "bad.nii.gz FAILED: not a NIfTI file" in told
    assert [path.name for path in (tmp_path / "out").rglob("*.gz")] == ["good.nii.gz"]


def test_an_image_with_holes_of_nan_gets_a_mask(weights: Path, tmp_path: Path) -> None:
    values = np.ones((32, 32), dtype=np.float32)
    values[3, 3], values[4, 4] = np.nan, np.inf
    write_nifti(path=tmp_path / "in/holes.nii.gz", values=values)
    segment = infer.method("network-a-closing", weights)
    assert infer.segment_all(segment=segment, source=tmp_path / "in", target=tmp_path / "out") == 0


def test_the_recipe_lists_the_variants_that_the_code_knows() -> None:
    text = (FOLDER / "Dockerfile").read_text()
    assert set(variants_of(text)) == set(VARIANTS)
    assert f"ARG VARIANT={infer.DEFAULT}" in text


def test_the_image_holds_everything_that_the_entry_point_imports() -> None:
    copied = copied_by("topology_refinement")
    assert imported_by("topology_refinement") <= copied
    assert "baselines/topology_refinement/weights.safetensors" in copied
