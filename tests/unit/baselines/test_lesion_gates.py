"""The gates of the brain lesions judge the worst seed and expert, and means weigh every modality the same."""

from __future__ import annotations

import pytest

from baselines.lesions import report
from baselines.lesions.gates import gradient_at_start
from baselines.lesions.measure import JUDGED, Measured, Variant, means
from baselines.mome.model import MODALITIES, MoME


def _row(*, modality: str, lesion: str, dice: float, own: bool = True) -> Measured:
    values = dict.fromkeys(Variant, dice)
    return Measured(group=JUDGED, modality=modality, lesion=lesion, dice=values, to_own_expert=own)


def test_a_mean_weighs_every_modality_the_same_however_many_images_it_has() -> None:
    rows = [
        _row(modality="t1", lesion="stroke", dice=0.0, own=False),
        _row(modality="dwi", lesion="stroke", dice=0.9),
        _row(modality="dwi", lesion="stroke", dice=0.7),
        _row(modality="dwi", lesion="tumour", dice=0.8),
    ]
    found = means(rows)
    assert found["seen/mixture/dwi"] == pytest.approx(0.8)
    assert found["seen/mixture"] == pytest.approx(0.4)
    assert found["seen/mixture/stroke"] == pytest.approx(1.6 / 3)
    assert found["seen/to-own-expert"] == 0.75


def _seed(**changes: float) -> dict[str, float]:
    """Means of a seed at which every gate passes; `mixture=0.1` or `oracle_after__dwi=0.1` changes one of them."""
    values: dict[Variant, float] = dict.fromkeys(Variant, 0.5)
    values |= {Variant.MIXTURE: 0.6, Variant.BEST: 0.4, Variant.ORACLE_AFTER: 0.55}
    keys = {f"seen/{one}": value for one, value in values.items()}
    keys |= {f"seen/{one}/{name}": value for one, value in values.items() for name in MODALITIES}
    keys |= {"seen/to-own-expert": 1.0, "gradient-at-0": 0.0}
    for name, value in changes.items():
        variant, _, part = name.partition("__")
        keys[f"seen/{Variant[variant.upper()]}{'/' if part else ''}{part}"] = value
    return keys


def _missed(*seeds: dict[str, float]) -> list[str]:
    return [gate.name for gate in report.gates(seeds) if not gate.passed]


@pytest.mark.parametrize(
    ("change", "missed"),
    [
        ({}, []),
        ({"mixture": 0.44}, ["a: Dice MoME - best single expert", "a: Dice MoME - right", "b: Dice MoME - one U-Net"]),
        ({"oracle": 0.7}, ["a: Dice MoME - right"]),
        ({"unet": 0.62}, ["b: Dice MoME - one U-Net"]),
        ({"oracle_after__dwi": 0.44, "oracle_without__dwi": 0.3}, ["c: Dice of an expert after - before"]),
        ({"oracle_without__t1": 0.56}, ["c: Dice of an expert with - without"]),
    ],
)
def test_one_bad_seed_misses_a_gate(change: dict[str, float], missed: list[str]) -> None:
    found = _missed(_seed(), _seed(**change))
    assert len(found) == len(missed)
    for name, beginning in zip(found, missed, strict=True):
        assert name.startswith(beginning)


def test_a_gate_that_learns_in_the_first_step_misses_gate_d() -> None:
    assert _missed(_seed() | {"gradient-at-0": 1e-9}) == ["d: minus the gate's largest gradient at r = 0"]
    assert gradient_at_start(MoME(dims=2, planes=5, channels=4, stages=3, spacing=4)) == 0


def test_a_table_names_no_deviation_of_one_seed() -> None:
    (row, *_) = report.table([_seed()], variants=[Variant.MIXTURE])["rows"]
    assert row[:3] == ["as in training", "MoME", "0.600"]
    (row, *_) = report.table([_seed(), _seed(mixture=0.4)], variants=[Variant.MIXTURE])["rows"]
    assert row[2] == "0.500 ± 0.100"
