"""Sets of heads: who has what, in which modality, by which scanner."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, pairwise, product

import numpy as np
import pytest

from evaluators.phantoms.brain.contrast import Modality, Scanner
from evaluators.phantoms.brain.heads import HeadSet, heads, scan_head, simulate_head
from evaluators.phantoms.brain.lesions import Lesion
from evaluators.phantoms.labelled import LabelledImage


def drawn(heads_of: HeadSet = HeadSet.SEEN, *, subjects: int = 3, real: int = 1, seed: int = 1) -> list[LabelledImage]:
    return list(heads(seed=seed, subjects=subjects, real=real, heads_of=heads_of))


def outline(case: LabelledImage) -> np.ndarray:
    """What a method sees of the head in every modality. (x, y, z)"""
    return case.image > 0


def same_outlines(cases: list[LabelledImage]) -> list[tuple[str, str]]:
    """Pairs of images that a method could find by their outlines, mirrored ones too, though nobody told it: subject and modality."""
    return [
        (f"{one.subject} {one.strata['modality']}", f"{other.subject} {other.strata['modality']}")
        for one, other in combinations(cases, 2)
        if any(overlap(outline(one), seen) > 0.995 for seen in (outline(other), outline(other)[::-1]))
    ]


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float(2 * (one & other).sum() / (one.sum() + other.sum()))


def test_fifteen_subjects_are_every_lesion_in_every_modality() -> None:
    cases = drawn(subjects=15, real=0)
    assert len({case.subject for case in cases}) == 15
    assert Counter((case.strata["lesion"], case.strata["modality"]) for case in cases) == dict.fromkeys(
        product(("tumour", "stroke", "wmh"), Modality), 1
    )


def test_atlas_heads_follow_the_simulated_ones() -> None:
    cases = drawn()
    assert [case.strata["anatomy"] for case in cases] == ["phantom"] * 3 + ["real"]
    assert cases[-1].subject == "P004"


def test_no_two_images_can_be_matched_by_their_outline() -> None:
    assert same_outlines(drawn(subjects=5, real=5)) == []


def one_head(*, subject: int = 1, scanner: Scanner = Scanner.HOME) -> list[LabelledImage]:
    """A subject in all five modalities, as training data hold it."""
    lesions = HeadSet.SEEN.lesions
    head = simulate_head(seed=1, subject=subject, lesion=lesions[subject % len(lesions)])
    return [
        LabelledImage(
            image=scan_head(head=head, modality=modality, scanner=scanner, seed=1, subject=subject),
            labels=head.ill.astype(np.uint8),
            affine=head.grid.affine,
            subject=f"P{subject:03d}",
            strata={"modality": modality},
        )
        for modality in Modality
    ]


def test_the_look_for_matches_finds_all_images_of_one_head() -> None:
    assert len(same_outlines(one_head())) == 10


def test_modalities_of_one_head_differ_by_more_than_noise() -> None:
    for case, other in pairwise(one_head()):
        brain = outline(case) & outline(other)
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

    for one, other in zip(drawn(real=0), drawn(HeadSet.UNSEEN_SCANNER, real=0), strict=True):
        assert np.array_equal(one.labels, other.labels)
    home, away = (
        np.mean([grain(case) for subject in (1, 2, 3) for case in one_head(subject=subject, scanner=scanner)])
        for scanner in (Scanner.HOME, Scanner.AWAY)
    )
    assert away > 1.2 * home


def test_the_seed_alone_decides() -> None:
    one, again, other = drawn(real=0), drawn(real=0), drawn(real=0, seed=2)
    assert all(np.array_equal(a.image, b.image) for a, b in zip(one, again, strict=True))
    assert not any(np.array_equal(a.image, b.image) for a, b in zip(one, other, strict=True))
