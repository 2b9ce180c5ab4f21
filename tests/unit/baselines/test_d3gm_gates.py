"""D3GM's gates are decided by the worst seed and factor; what is told of its stability fails nobody."""

from __future__ import annotations

import yaml

from baselines.cine.gates import REGIONS
from baselines.cine.training import ROOT
from baselines.d3gm.gates import gates
from evaluators.phantoms.sizes import ACCELERATIONS

RIVALS = ("decoupled", "decoupled_wide", "score")


def scores(*, gain: float, draws: float = 0.1, rival: float = 1.0, largest: float = 1.5) -> dict[str, float]:
    """One seed: `gain` dB over a floor of 18 dB, SSIM 0.1 over one of 0.5."""
    found = {f"phantom/psnr/{region}/af={factor}": 18 + gain for region in REGIONS for factor in ACCELERATIONS}
    found |= {f"phantom/ssim/{region}/af={factor}": 0.6 for region in REGIONS for factor in ACCELERATIONS}
    found |= {f"e/{process}/{what}": rival for process in RIVALS for what in ("harder", "steps")}
    found |= {f"e/{process}/{what}": 0.8 for process in ("d3gm", "ou") for what in ("harder", "steps")}
    return found | {"d/draws": draws, "e/d3gm/largest": largest}


FLOOR = scores(gain=0) | {f"phantom/ssim/{region}/af={factor}": 0.5 for region in REGIONS for factor in ACCELERATIONS}
#: the coils' combination alone gains a little PSNR and loses a little SSIM
MEAN = FLOOR | {
    key: value + (0.2 if "psnr" in key else -0.02) for key, value in FLOOR.items() if key.startswith("phantom/")
}


def missed(*seeds: dict[str, float]) -> list[tuple[str, bool]]:
    return [
        (gate.name[:6], gate.decides) for gate in gates(seeds=list(seeds), floor=FLOOR, mean=MEAN) if not gate.passed
    ]


def test_three_good_seeds_pass_all() -> None:
    assert missed(*[scores(gain=2)] * 3) == []


def test_one_bad_seed_or_factor_is_a_miss() -> None:
    good = scores(gain=2)
    assert missed(good, scores(gain=1.4), good) == [("d: PSN", True)] * len(REGIONS)
    assert missed(good, good | {"phantom/ssim/full/af=10": 0.49}) == [("d: SSI", True)]
    assert missed(good, scores(gain=2, draws=0.6)) == [("d: 0.5", True)]


def test_a_rival_that_loses_less_or_a_walk_that_runs_away_is_told_and_decides_nothing() -> None:
    good = scores(gain=2)
    told = missed(good, scores(gain=2, rival=0.5))
    assert len(told) == 6
    assert not any(decides for _, decides in told)
    assert missed(good, scores(gain=2, largest=11)) == [("e: 10 ", False)]


def test_the_coupling_is_told_at_one_width_and_the_width_apart_from_it() -> None:
    seed = scores(gain=2) | {"e/decoupled_wide/harder": 0.5, "e/ou/steps": 1.3}
    assert [gate.name for gate in gates(seeds=[seed], floor=FLOOR, mean=MEAN) if not gate.passed] == [
        "e: PSNR lost from AF 4 to 8, decoupled of the same tau - D3GM",
        "e: PSNR lost at twice the steps, decoupled - OU, both tau 1",
    ]


def test_what_the_network_gains_over_its_mean_is_told_and_decides_nothing() -> None:
    told = {gate.name: gate for gate in gates(seeds=[scores(gain=0.1)], floor=FLOOR, mean=MEAN)}
    gate = told["d: PSNR D3GM - the mean it starts from, full"]
    assert (round(gate.value, 6), gate.passed, gate.decides) == (-0.1, False, False)


def test_the_readme_tells_its_place_against_zero_filled_as_it_was_measured() -> None:
    read = {
        name: yaml.safe_load((ROOT / "baselines" / name / "baseline.yaml").read_text())["measured"]["mean"]
        for name in ("d3gm", "zero_filled")
    }
    lines = (ROOT / "baselines" / "d3gm" / "README.md").read_text().splitlines()
    for group, heads in (("phantom", "simulated hearts"), ("real", "real anatomy")):
        for region, words in (("full", "whole frames"), ("challenge-crop", "challenge's crop")):
            cells = [
                " / ".join(f"{mean[f'{group}/ssim/{region}/af={factor}']:.3f}" for factor in ACCELERATIONS)
                for mean in read.values()
            ]
            assert f"| {heads}, {words} | {' | '.join(cells)} |" in lines
