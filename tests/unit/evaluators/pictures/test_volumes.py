"""Volumes for the viewer: on the case's grid, thinned out where they are too large, and what they hold kept apart."""

from __future__ import annotations

import nibabel as nib
import numpy as np

from evaluators.contract.volumes import HEADER, MOST_VOXELS, volume_shape
from evaluators.pictures.volumes import volume_of

AFFINE = np.array([[-1.5, 0, 0, 90], [0, -1.5, 0, 60], [0, 0, 3, -20], [0, 0, 0, 1]])


def test_a_volume_lies_where_the_case_does_with_the_values_it_had() -> None:
    labels = np.random.default_rng(0).integers(0, 4, (9, 8, 7))
    sent = volume_of("case 01", "reference", labels, affine=AFFINE)
    assert (sent.step, volume_shape(sent.nii)) == (1, (9, 8, 7))
    image = nib.Nifti1Image.from_bytes(sent.nii)
    assert np.array_equal(np.asarray(image.dataobj), labels)
    assert np.allclose(image.affine, AFFINE)


def test_a_large_volume_is_thinned_out_and_its_voxels_stay_in_their_places() -> None:
    labels = np.zeros((300, 300, 160), dtype=np.uint8)
    labels[200, 100, 40] = 1
    sent = volume_of("case 01", "error", labels, affine=AFFINE, method="U-Net")
    assert sent.step == 2
    assert len(sent.nii) <= HEADER + MOST_VOXELS
    image = nib.Nifti1Image.from_bytes(sent.nii)
    (there,) = np.argwhere(np.asarray(image.dataobj))
    assert np.allclose(image.affine @ [*there, 1], AFFINE @ [200, 100, 40, 1])


def test_labels_beyond_a_byte_stay_different_from_background() -> None:
    sent = volume_of("case 01", "reference", np.array([[[0, 255, 256, 510]]]), affine=AFFINE)
    assert list(sent.nii[HEADER:]) == [0, 255, 1, 255]
