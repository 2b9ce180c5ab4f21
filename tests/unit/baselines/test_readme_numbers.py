"""Numbers that a reconstruction method's README tells in words are those of its baseline.yaml, which a command wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from baselines.cine.report import measured_mean
from baselines.cine.training import ROOT

FACTORS = (4, 8, 10)


def words(method: str) -> str:
    """The README in one line."""
    return " ".join((ROOT / "baselines" / method / "README.md").read_text(encoding="utf-8").split())


def over_factors(mean: Mapping[str, float], start: str, *, digits: int) -> str:
    return " / ".join(f"{mean[f'{start}/af={factor}']:.{digits}f}" for factor in FACTORS)


@pytest.mark.parametrize("method", ["zero_filled", "cg_sense", "low_rank_sparse", "unet", "e2e_varnet", "promptmr"])
def test_what_is_to_be_expected_of_the_crop(method: str) -> None:
    (told,) = re.findall(r"SSIM on the challenge's crop ([\d. /]+) at AF 4 / 8 / 10", words(method))
    assert told == over_factors(measured_mean(method), "phantom/ssim/challenge-crop", digits=2)


@pytest.mark.parametrize("group", [("phantom", "simulated hearts"), ("real", "real anatomy")], ids=lambda pair: pair[0])
@pytest.mark.parametrize("region", [("full", "whole frames"), ("challenge-crop", "challenge's crop")])
def test_d3gm_beside_zero_filled(group: tuple[str, str], region: tuple[str, str]) -> None:
    own, floor = (
        over_factors(measured_mean(method), f"{group[0]}/ssim/{region[0]}", digits=3)
        for method in ("d3gm", "zero_filled")
    )
    assert f"| {group[1]}, {region[1]} | {own} | {floor} |" in words("d3gm")


def test_promptmr_with_five_frames_beside_one() -> None:
    mean, text = measured_mean("promptmr"), words("promptmr")

    def pair(series: str, metric: str, region: str) -> tuple[float, float]:
        key = f"{series}/{metric}/{region}/af=8"
        return mean[key], mean[f"one-frame-{key}"]

    for series in ("film", "mapping"):
        for region in ("full", "challenge-crop"):
            assert "({:.3f} against {:.3f}".format(*pair(series, "ssim", region)) in text
    five, one = pair("film", "psnr", "full")
    assert f"full frame {one:.2f} dB against {five:.2f}" in text
    five, one = pair("film", "psnr", "challenge-crop")
    assert f"crop {one:.2f} against {five:.2f}" in text


def test_low_rank_sparse_beside_promptmr_on_films() -> None:
    theirs, own = measured_mean("promptmr"), measured_mean("low_rank_sparse")
    full, crop, decibel, decibel_crop = (
        theirs[key] - own[key]
        for key in (
            f"film/{metric}/{region}/af=8" for metric in ("ssim", "psnr") for region in ("full", "challenge-crop")
        )
    )
    assert (
        f"in SSIM by {full:.3f} on the full frame and {crop:.3f} in the crop, in PSNR by {decibel:.1f} and {decibel_crop:.1f} dB"
        in words("low_rank_sparse")
    )
