"""`assay rank`: a table in, one JSON object out; a table that cannot be ranked is refused with the line and what to do."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay.leaderboards.ranking.contest import contest
from assay.leaderboards.ranking.groups import groups
from assay.leaderboards.ranking.missing import RankedMetric
from assay.leaderboards.ranking.rules import QUALITY_RULES, standings
from evaluators.contract.metrics import Better
from evaluators.contract.tasks import RankingRule
from tests.unit.assay_kit.conftest import Person, Ran

HEADER = "team,case,metric,value,larger_is_better"


def write(stranger: Person, lines: Iterable[str], *, header: str = HEADER, encoding: str = "utf-8") -> str:
    (stranger.work / "scores.csv").write_bytes("\n".join([header, *lines]).encode(encoding))
    return "scores.csv"


def rows(values: dict[str, dict[str, list[float | None]]], *, units: list[str] | None = None) -> list[str]:
    """CSV rows of team -> metric -> values; None is written as nothing."""
    return [
        f"{team},c{case},{metric},{'' if value is None else repr(value)},{metric not in {'nmse', 'hd95'}}"
        + (f",{units[case]}" if units else "")
        for team, metrics in values.items()
        for metric, column in metrics.items()
        for case, value in enumerate(column)
    ]


def ranked(stranger: Person, *options: str, table: str = "scores.csv", missing: str = "worst") -> Any:
    rule = () if "--rule" in options else ("--rule", "rank_then_mean")
    ran = stranger.runs("rank", table, *rule, "--missing", missing, *options)
    assert ran.code == 0, ran.err
    return json.loads(ran.out, parse_constant=lambda word: pytest.fail(f"{word} in JSON"))


def refused(stranger: Person, *options: str, table: str = "scores.csv", missing: str = "worst") -> tuple[Ran, Any]:
    rule = () if "--rule" in options else ("--rule", "rank_then_mean")
    ran = stranger.runs("rank", table, *rule, "--missing", missing, *options)
    return ran, json.loads(ran.out)


def test_a_table_becomes_ranks_scores_intervals_groups_and_tau(stranger: Person) -> None:
    random = np.random.default_rng(0)
    shared = random.normal(0, 0.05, 20)
    means = {"alpha": 0.9, "beta": 0.6, "gamma": 0.59}
    values: dict[str, dict[str, list[float | None]]] = {
        team: {"ssim": (mean + shared + random.normal(0, 0.02, 20)).tolist()} for team, mean in means.items()
    }
    write(stranger, rows(values))
    found = ranked(stranger)
    assert [list(row) for row in found["rows"]] == [["team", "rank", "score", "low", "high", "group"]] * 3
    assert found["rows"][0] == {"team": "alpha", "rank": 1, "score": 1.0, "low": 1, "high": 1, "group": "a"}
    assert {row["team"]: row["group"] for row in found["rows"]} == {"alpha": "a", "beta": "b", "gamma": "b"}
    assert all(1 <= row["low"] <= row["rank"] <= row["high"] <= 3 for row in found["rows"])
    assert 0 < found["tau"] <= 1


@pytest.mark.parametrize("rule", QUALITY_RULES)
def test_every_rule_ranks_as_the_site_does(stranger: Person, rule: RankingRule) -> None:
    random = np.random.default_rng(3)
    values: dict[str, dict[str, list[float | None]]] = {
        team: {"ssim": random.uniform(0.5, 0.9, 9).tolist(), "nmse": random.uniform(0.01, 0.2, 9).tolist()}
        for team in ("one", "two", "three", "four")
    }
    values["two"]["ssim"][4] = None
    write(stranger, rows(values))
    ready = contest(
        table=values,
        metrics=[
            RankedMetric(key="ssim", better=Better.HIGHER, worst=0.0),
            RankedMetric(key="nmse", better=Better.LOWER, worst=1.0),
        ],
        cells=[()] * 9,
        rule=rule,
    )
    found = ranked(stranger, "--rule", rule.value, "--bootstrap", "0")
    assert {row["team"]: (row["rank"], row["score"]) for row in found["rows"]} == {
        name: (at.rank, pytest.approx(at.score)) for name, at in standings(ready).items()
    }
    assert {row["team"]: row["group"] for row in found["rows"]} == groups(ready).letters


def timed(values: dict[str, tuple[list[float], list[float | None]]]) -> list[str]:
    lines = rows({team: {"ssim": list(ssim)} for team, (ssim, _) in values.items()})
    return lines + [
        f"{team},c{case},seconds,{'' if value is None else value},false"
        for team, (_, seconds) in values.items()
        for case, value in enumerate(seconds)
    ]


@pytest.mark.parametrize(
    ("gate", "order"),
    [
        ("ssim=0.8", [("quick", 1), ("slow", 2), ("unet", None), ("empty", None)]),
        ("ssim=team:unet", [("quick", 1), ("slow", 2), ("unet", None), ("empty", None)]),
        ("ssim=first:1", [("slow", 1), ("quick", None), ("unet", None), ("empty", None)]),
    ],
)
def test_speed_ranks_who_passes_the_gate_without_the_untimed_case(
    stranger: Person, gate: str, order: list[Any]
) -> None:
    table: dict[str, tuple[list[float], list[float | None]]] = {
        "slow": ([0.95, 0.95], [None, 4.0]),
        "quick": ([0.85, 0.85], [None, 1.5]),
        "unet": ([0.7, 0.8], [None, 0.5]),
        "empty": ([0.0, 0.1], [None, 0.01]),
    }
    write(stranger, timed(table))
    found = ranked(stranger, "--rule", "speed", "--gate", gate)
    assert [(row["team"], row["rank"]) for row in found["rows"]] == order
    assert {row["team"]: row["score"] for row in found["rows"]}["quick"] == 1.5


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--rule", "speed"), "belong together"),
        (("--gate", "ssim=0.9"), "belong together"),
        (("--rule", "speed", "--gate", "ssim"), "ssim=first:10"),
        (("--rule", "speed", "--gate", "ssim=first:none"), "ssim=first:10"),
    ],
)
def test_a_gate_that_cannot_be_read_says_how_to_write_it(stranger: Person, options: tuple[str, ...], word: str) -> None:
    write(stranger, timed({"a": ([0.9], [1.0])}))
    ran, told = refused(stranger, *options)
    assert (ran.code, told["error"]) == (1, "USAGE")
    assert word in told["message"]


@pytest.mark.parametrize(("gate", "word"), [("psnr=30", "no metric 'psnr'"), ("ssim=team:b", "no team 'b'")])
def test_a_gate_that_the_table_cannot_answer_is_refused(stranger: Person, gate: str, word: str) -> None:
    write(stranger, timed({"a": ([0.9], [1.0])}))
    ran, told = refused(stranger, "--rule", "speed", "--gate", gate)
    assert (ran.code, told["error"]) == (1, "SPEED_RULE")
    assert word in told["message"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("a,c1,seconds,-1,false", "line 3: seconds is '-1'; write what was measured, or leave it empty"),
        ("a,c1,seconds,1,true", "line 3: larger_is_better of 'seconds' is true; fewer seconds are better, write false"),
        ("a,c0,ssim,0.5,true", "line 3: team 'a' has a second value for case 'c0' and metric 'ssim'"),
    ],
)
def test_a_row_of_a_table_of_speed_that_cannot_be_is_told_with_its_line(stranger: Person, line: str, told: str) -> None:
    write(stranger, [*rows({"a": {"ssim": [0.9]}}), line])
    ran, found = refused(stranger, "--rule", "speed", "--gate", "ssim=0.5")
    assert (ran.code, found["error"], found["message"]) == (1, "BAD_TABLE", told)


def test_an_empty_value_and_an_absent_row_are_the_same_missing_case(stranger: Person) -> None:
    whole: dict[str, dict[str, list[float | None]]] = {
        "a": {"ssim": [0.9, 0.8, 0.7]},
        "b": {"ssim": [0.95, None, 0.75]},
    }
    write(stranger, rows(whole))
    empty = ranked(stranger, "--bootstrap", "50")
    write(stranger, [line for line in rows(whole) if ",," not in line])
    assert ranked(stranger, "--bootstrap", "50") == empty
    assert [row["team"] for row in empty["rows"]] == ["b", "a"]


def test_what_a_missing_case_counts_is_the_rules_word(stranger: Person) -> None:
    values: dict[str, dict[str, list[float | None]]] = {"a": {"hd95": [30.0, None]}, "b": {"hd95": [60.0, 40.0]}}
    write(stranger, rows(values))
    scores = {
        missing: {row["team"]: row["score"] for row in found["rows"]}
        for missing in ("374", "hd95=50")
        for found in [ranked(stranger, "--rule", "mean_then_rank", "--bootstrap", "0", missing=missing)]
    }
    assert scores == {"374": {"a": 202.0, "b": 50.0}, "hd95=50": {"a": 40.0, "b": 45.0}}
    assert {row["team"]: row["score"] for row in ranked(stranger, "--bootstrap", "0", missing="last")["rows"]} == {
        "a": 1.5,
        "b": 1.5,
    }


def test_without_draws_there_are_no_intervals(stranger: Person) -> None:
    write(stranger, rows({"a": {"ssim": [0.9, 0.8]}, "b": {"ssim": [0.7, 0.6]}}))
    found = ranked(stranger, "--bootstrap", "0")
    assert found["tau"] is None
    assert [(row["low"], row["high"]) for row in found["rows"]] == [(None, None)] * 2


def test_the_same_seed_gives_the_same_answer_whatever_the_order_of_rows(stranger: Person) -> None:
    random = np.random.default_rng(1)
    values: dict[str, dict[str, list[float | None]]] = {
        team: {"ssim": random.uniform(0.5, 0.6, 8).tolist()} for team in ("x", "y", "z")
    }
    lines = rows(values)
    write(stranger, lines)
    first = ranked(stranger, "--seed", "5")
    assert ranked(stranger, "--seed", "5") == first
    write(stranger, [*lines[8:], *lines[:8]])
    assert ranked(stranger, "--seed", "5") == first


def test_cases_of_one_subject_are_drawn_and_tested_together(stranger: Person) -> None:
    values: dict[str, dict[str, list[float | None]]] = {
        "a": {"ssim": [0.8 + case / 100 for case in range(12)]},
        "b": {"ssim": [0.5 + case / 200 for case in range(12)]},
    }
    write(stranger, rows(values))
    assert [row["group"] for row in ranked(stranger, "--bootstrap", "0")["rows"]] == ["a", "b"]
    write(stranger, rows(values, units=["s1"] * 6 + ["s2"] * 6), header=f"{HEADER},unit")
    assert [row["group"] for row in ranked(stranger, "--bootstrap", "0")["rows"]] == ["a", "a"]


def test_a_spreadsheets_export_is_read(stranger: Person) -> None:
    lines = [line.replace(",", ";") for line in rows({"a": {"ssim": [0.9]}, "b": {"ssim": [0.8]}})]
    write(stranger, [*lines, "", ";;;;"], header="\ufeff" + HEADER.replace(",", ";").title())
    assert [row["team"] for row in ranked(stranger, "--bootstrap", "0")["rows"]] == ["a", "b"]


def test_a_metric_of_ones_own_needs_a_number_where_cases_are_missing(stranger: Person) -> None:
    write(stranger, rows({"a": {"mine": [0.9, None]}, "b": {"mine": [0.95, 0.7]}}))
    ran, told = refused(stranger)
    assert (ran.code, told["error"]) == (1, "MISSING_RULE")
    assert "--missing mine=0" in told["message"]
    assert ranked(stranger, "--bootstrap", "0", missing="mine=0")["rows"][0]["team"] == "b"
    write(stranger, rows({"a": {"mine": [0.9, 0.6]}, "b": {"mine": [0.8, 0.7]}}))
    assert len(ranked(stranger, "--bootstrap", "0")["rows"]) == 2


@pytest.mark.parametrize(
    ("lines", "header", "words"),
    [
        (["a,c1,ssim,0.9"], "team,case,metric,value", "line 1: no column larger_is_better"),
        (["a,c1,ssim,0.9,true,3"], f"{HEADER},weight", "line 1: unknown column 'weight'"),
        (["a,c1,ssim,0.9,true,a"], f"{HEADER},team", "line 1: two columns are called team"),
        (["a,c1,ssim,0.9,true", "a,c1,ssim,0.8,true"], HEADER, "line 3: team 'a' has a second value"),
        (["a,c1,ssim,0.9,true", "b,c1,ssim,0.8,false"], HEADER, "line 3: larger_is_better of 'ssim'"),
        (["a,c1,ssim,0.9,maybe"], HEADER, "line 2: larger_is_better is 'maybe'; write true or false"),
        (["a,c1,ssim,nan,true"], HEADER, "line 2: value 'nan' is not finite; leave it empty"),
        (["a,c1,ssim,1e999,true"], HEADER, "is not finite"),
        (["a,c1,ssim,high,true"], HEADER, "line 2: value 'high' is not a number"),
        (['a,c1,ssim,"0,9",true'], HEADER, "write a point, not a comma"),
        (["a,c1,ssim,0.9"], HEADER, "line 2: 4 cells, the header has 5"),
        ([",c1,ssim,0.9,true"], HEADER, "line 2: team is empty"),
        (
            ["a,c1,ssim,0.9,true,s1", "b,c1,ssim,0.8,true,s2"],
            f"{HEADER},unit",
            "line 3: case 'c1' belongs to another unit",
        ),
        ([], HEADER, "no rows below its header"),
        ([], "", "line 1: no column team"),
        (['a,c1,ssim,0.9,"true'], HEADER, "not CSV"),
    ],
)
def test_a_table_that_cannot_be_ranked_is_refused_with_its_line(
    stranger: Person, lines: list[str], header: str, words: str
) -> None:
    write(stranger, lines, header=header)
    ran, told = refused(stranger)
    assert (ran.code, told["error"]) == (1, "BAD_TABLE")
    assert words in told["message"]


def test_a_file_that_is_no_table_is_refused(stranger: Person) -> None:
    write(stranger, ["é,c1,ssim,0.9,true"], encoding="latin-1")
    assert "UTF-8" in refused(stranger)[1]["message"]
    (stranger.work / "scores.csv").write_bytes(bytes(range(256)) * 40)
    assert refused(stranger)[1]["error"] == "BAD_TABLE"
    assert refused(stranger, table="nothing.csv")[1]["error"] == "NO_FILE"
    assert refused(stranger, table=".")[1]["error"] == "NO_FILE"


def test_a_few_rows_that_stand_for_more_places_than_memory_are_refused(stranger: Person) -> None:
    write(stranger, [f"t{at},c{at},m{at % 3},1,true" for at in range(3000)])
    assert "rank fewer" in refused(stranger)[1]["message"]


def test_numbers_whose_sums_are_not_finite_are_refused(stranger: Person) -> None:
    write(stranger, rows({"a": {"ssim": [1.7e308, 1.7e308]}, "b": {"ssim": [0.8, 0.7]}}))
    ran, told = refused(stranger, "--rule", "mean_then_rank")
    assert (ran.code, told["error"]) == (1, "BAD_TABLE")
    assert "line 2" in told["message"]


def test_a_missing_number_at_which_every_value_is_clipped_is_refused(stranger: Person) -> None:
    write(
        stranger, rows({"a": {"ssim": [0.9, 0.8], "nmse": [0.5, 0.4]}, "b": {"ssim": [0.5, 0.4], "nmse": [0.01, 0.02]}})
    )
    ran, told = refused(stranger, missing="0")
    assert (ran.code, told["error"]) == (1, "MISSING_RULE")
    assert "'nmse'" in told["message"]
    assert refused(stranger, missing="nmse=1,nmse=2")[0].code == 1


def test_one_subject_alone_cannot_be_drawn_again(stranger: Person) -> None:
    write(stranger, rows({"a": {"ssim": [0.9]}, "b": {"ssim": [0.8]}}))
    ran, told = refused(stranger)
    assert (ran.code, told["error"]) == (1, "TOO_FEW_UNITS")
    assert "--bootstrap 0" in told["message"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--rule", "best"], "rank_then_mean"),
        (["--ties", "first"], "min, average, max"),
        (["--bootstrap", "-1"], "--bootstrap"),
        (["--missing", "none"], "write `worst`, `last`, a number"),
        (["--missing", "inf"], "a number"),
        (["--missing", "last", "--rule", "mean_then_rank"], "write `missing: worst` or a number"),
    ],
)
def test_a_rule_that_is_none_is_refused_with_those_that_are(stranger: Person, options: list[str], words: str) -> None:
    write(stranger, rows({"a": {"ssim": [0.9]}, "b": {"ssim": [0.8]}}))
    rule = [] if "--rule" in options else ["--rule", "rank_then_mean"]
    missing = [] if "--missing" in options else ["--missing", "worst"]
    ran = stranger.runs("rank", "scores.csv", *rule, *missing, *options)
    # a number out of range never reaches the verb: the parser calls it wrong usage
    assert ran.code == (2 if "--bootstrap" in options else 1)
    assert words in ran.err


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--rule", "rank_then_mean"], ["--missing worst", "--missing hd95=374,nsd=0"]),
        (["--missing", "worst"], ["--rule", *RankingRule]),
        ([], ["--rule"]),
    ],
)
def test_a_rule_and_what_a_missing_case_counts_must_be_given(
    stranger: Person, given: list[str], words: list[str]
) -> None:
    write(stranger, rows({"a": {"ssim": [0.9]}}))
    ran = stranger.runs("rank", "scores.csv", *given)
    told = json.loads(ran.out)
    assert (ran.code, told["error"]) == (1, "USAGE")
    assert all(word in told["next"] for word in words)


@pytest.mark.parametrize(("metric", "said", "better"), [("ssim", False, "higher"), ("hd95", True, "lower")])
@pytest.mark.parametrize("missing", ["worst", "last", "0.5"])
def test_a_direction_that_the_metric_has_not_is_refused(
    stranger: Person, metric: str, said: bool, better: str, missing: str
) -> None:
    write(stranger, [f"{team},c{case},{metric},0.{team}{case},{said}" for team in (1, 2) for case in (1, 2)])
    ran, told = refused(stranger, missing=missing)
    assert (ran.code, told["error"]) == (1, "WRONG_DIRECTION")
    assert f"larger_is_better of {metric!r} is {str(said).lower()} in the table" in told["message"]
    assert f"better when {better}" in told["message"]
    assert f"another name than {metric}" in told["next"]
    # under a name of its own it ranks as the table says
    write(stranger, [f"{team},c{case},my_{metric},0.{team}{case},{said}" for team in (1, 2) for case in (1, 2)])
    first = ranked(stranger, "--bootstrap", "0", missing="last")["rows"][0]["team"]
    assert first == ("2" if said else "1")


def test_the_command_needs_no_site_and_no_django(stranger: Person, tmp_path: Path) -> None:
    write(stranger, rows({"a": {"ssim": [0.9, 0.8]}, "b": {"ssim": [0.7, 0.6]}}))
    # a Django that cannot be imported stands in front of the real one
    (tmp_path / "django").mkdir()
    (tmp_path / "django" / "__init__.py").write_text("raise ImportError('no Django here')")
    command, environment = stranger.process("rank", "scores.csv", "--rule", "rank_then_mean", "--missing", "worst")
    environment["PYTHONPATH"] = f"{tmp_path}:{environment['PYTHONPATH']}"
    done = subprocess.run(
        command, env=environment, cwd=stranger.work, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [row["team"] for row in found["rows"]] == ["a", "b"]
    assert all(isfinite(row["score"]) for row in found["rows"])
