"""Sets of heads: who has what, in which modality, by which scanner."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from evaluators.phantoms.brain.contrast import Modality
from evaluators.phantoms.brain.heads import HeadSet, heads
from evaluators.phantoms.brain.lesions import Lesion
from evaluators.phantoms.labelled import LabelledImage

MODALITIES = len(Modality)


def drawn(heads_of: HeadSet = HeadSet.SEEN, *, subjects: int = 3, real: int = 1, seed: int = 1) -> list[LabelledImage]:
    return list(heads(seed=seed, subjects=subjects, real=real, heads_of=heads_of))


def test_every_subject_has_every_modality_and_lesions_take_turns() -> None:
    cases = drawn(subjects=6, real=0)
    assert Counter(case.strata["modality"] for case in cases) == dict.fromkeys(Modality, 6)
    assert Counter(case.strata["lesion"] for case in cases) == dict.fromkeys(
        ("tumour", "stroke", "wmh"), 2 * MODALITIES
    )
    assert len({case.subject for case in cases}) == 6


def test_atlas_heads_follow_the_simulated_ones() -> None:
    cases = drawn()
    assert [case.strata["anatomy"] for case in cases] == ["phantom"] * 3 * MODALITIES + ["real"] * MODALITIES
    assert cases[-1].subject == "P004"


def test_the_images_of_a_subject_share_its_lesion_and_nothing_else() -> None:
    for case, other in pairwise(drawn(subjects=1, real=0)):
        assert np.array_equal(case.labels, other.labels)
        assert np.array_equal(case.affine, other.affine)
        brain = (case.image > 0) & (other.image > 0)
        assert abs(np.corrcoef(case.image[brain], other.image[brain])[0, 1]) < 0.95


@pytest.mark.parametrize("heads_of", [HeadSet.SEEN, HeadSet.UNSEEN_SCANNER])
def test_what_no_training_set_has_is_in_the_set_that_holds_it_out_alone(heads_of: HeadSet) -> None:
    assert Lesion.MS not in {case.strata["lesion"] for case in drawn(heads_of)}
    assert {case.strata["lesion"] for case in drawn(HeadSet.UNSEEN_LESION)} == {"ms"}


def test_the_other_scanner_shows_the_same_head_with_more_noise() -> None:
    def grain(case: LabelledImage) -> float:
        """Of neighbouring voxels' difference, over the signal, inside the brain."""
        image = case.image.astype(np.float64)
        inner = (image[1:] > 0) & (image[:-1] > 0)
        return float(np.median(np.abs(np.diff(image, axis=0))[inner]) / np.median(image[image > 0]))

    home, away = drawn(real=0), drawn(HeadSet.UNSEEN_SCANNER, real=0)
    for one, other in zip(home, away, strict=True):
        assert np.array_equal(one.labels, other.labels)
    assert np.mean([grain(case) for case in away]) > 1.2 * np.mean([grain(case) for case in home])


def test_the_seed_alone_decides() -> None:
    one, again, other = drawn(real=0), drawn(real=0), drawn(real=0, seed=2)
    assert all(np.array_equal(a.image, b.image) for a, b in zip(one, again, strict=True))
    assert not any(np.array_equal(a.image, b.image) for a, b in zip(one, other, strict=True))
