"""Names of subjects as a container sees them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evaluators.contract.pseudonyms import draw_pseudonyms

GROUPS = [f"P{subject:03d}/AccFactor{factor:02d}" for subject in range(1, 13) for factor in (4, 8, 10)]


def test_names_are_the_same_at_every_attempt_and_on_every_python() -> None:
    names = draw_pseudonyms(groups=GROUPS, seed="evaluation 1")
    assert names == draw_pseudonyms(groups=[*reversed(GROUPS), *GROUPS], seed="evaluation 1")
    # pinned: an attempt may be continued by another worker with another Python
    assert draw_pseudonyms(groups="abcd", seed="pinned") == {"a": "P001", "b": "P004", "c": "P002", "d": "P003"}


def test_two_evaluations_cannot_be_laid_over_each_other() -> None:
    first, second = (draw_pseudonyms(groups=GROUPS, seed=seed) for seed in ("one", "two"))
    assert sum(first[group] == second[group] for group in GROUPS) < len(GROUPS) / 4


def test_the_factors_of_one_subject_share_nothing() -> None:
    names = draw_pseudonyms(groups=GROUPS, seed="evaluation 1")
    assert len(set(names.values())) == len(GROUPS)
    # neither the same name nor neighbours in order, over many draws
    together = 0
    for draw in range(200):
        drawn = draw_pseudonyms(groups=GROUPS, seed=str(draw))
        numbers = [int(drawn[f"P001/AccFactor{factor:02d}"][1:]) for factor in (4, 8)]
        together += abs(numbers[0] - numbers[1]) == 1
    # 2/36 of the draws by chance
    assert together < 30


@given(groups=st.sets(st.text(), min_size=1, max_size=30), seed=st.text())
def test_names_have_the_layouts_shape_without_gaps(groups: set[str], seed: str) -> None:
    names = draw_pseudonyms(groups=groups, seed=seed)
    assert sorted(names.values()) == [f"P{number:03d}" for number in range(1, len(groups) + 1)]
    assert set(names) == groups
