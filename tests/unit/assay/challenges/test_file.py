"""Mistakes in a challenge file: each is told with line, column and what to write instead."""

from __future__ import annotations

import re

import pytest

from assay.challenges.errors import ChallengeFileRefused
from assay.challenges.plan import ChallengePlan
from assay.challenges.reading import read_file
from evaluators.contract.catalogue import catalogue
from evaluators.contract.tasks import RankingRule, TaskSpec
from tests.unit.assay.samples import CHALLENGE, LIBRARY

METRIC = "{metric: ssim, normalisation: cmrxrecon2023, region: challenge-crop, digits: 3}"
LIMITS = "limits: {hardware: cpu"
PHASES = "    phases:\n"
SECOND = (
    "      - phase: validation\n        data: {ranked: cine-demo-test@1}\n"
    "        quota: {submissions: 1, every: phase, attempts: 1}\n"
)


def _read(text: str) -> ChallengePlan:
    return read_file(text=text, filename="cine.yaml")


def _complaints(text: str) -> list[str]:
    with pytest.raises(ChallengeFileRefused) as refused:
        _read(text)
    return refused.value.message.splitlines()


def _line_of(text: str, snippet: str) -> int:
    return text[: text.index(snippet)].count("\n") + 1


def test_the_library_file_reads() -> None:
    plan = _read(CHALLENGE)

    task = plan.tasks[0]
    assert (plan.slug, task.slug, task.phases[0].slug) == ("cine-demo", "cine-multicoil", "test")
    assert [use.key for use in task.spec.metrics] == ["ssim", "psnr", "nmse", "ssim_full", "psnr_full", "nmse_full"]
    assert [use.key for use in task.spec.metrics if use.ranks] == ["ssim", "psnr", "nmse"]
    assert (task.phases[0].opens_at, task.phases[0].closes_at) == (None, None)
    limits = task.phases[0].limits
    assert (limits.time, limits.memory, limits.output, limits.cpus) == (1800, 4 * 2**30, 512 * 2**20, 2)
    assert TaskSpec.model_validate(task.spec.model_dump(mode="json")) == task.spec


def test_the_whole_of_2023_is_four_tasks_with_a_board_each() -> None:
    plan = _read((LIBRARY / "cmrxrecon-2023.yaml").read_text())

    assert {task.slug: (task.spec.kind, task.spec.layout, task.spec.output.axes) for task in plan.tasks} == {
        "cine-multicoil": ("reconstruction", "cmrxrecon-2023", "x y slice frame"),
        "cine-singlecoil": ("reconstruction", "cmrxrecon-2023-single", "x y slice frame"),
        "t1-mapping": ("mapping", "cmrxrecon-2023-mapping", "x y slice contrast"),
        "t2-mapping": ("mapping", "cmrxrecon-2023-mapping", "x y slice contrast"),
    }
    for task in plan.tasks:
        assert list(task.spec.strata["af"].values) == ["4", "8", "10"]
        assert task.spec.output.variable == "img4ranking"
        assert [phase.slug for phase in task.phases] == ["test"]


def test_files_of_a_validation_phase_may_hold_the_ranked_part_alone() -> None:
    text = re.sub(r"\n +- \{metric: \w+, as: \w+_full.*", "", CHALLENGE).replace("shape: as-reference", "shape: ranked")
    assert _read(text).tasks[0].spec.output.shape == "ranked"


def test_an_output_may_lie_elsewhere_than_its_input() -> None:
    text = CHALLENGE.replace("path: same-as-input", 'path: "{set}/{subject}_{view}_{af:02d}.mat"')
    spec = _read(text).tasks[0].spec
    assert spec.answer("MultiCoil/Cine/TestSet/AccFactor08/P003/cine_lax.mat") == "TestSet/P003_lax_08.mat"


#: what is replaced, by what, what the complaint says; it points at the first line of the replacement
BROKEN = [
    ("schema: 1", "schema: 2", 'unknown schema 2, write 1'),
    ("schema: 1\n", "", '"schema" is missing here, begin the file with `schema: 1`'),
    ("challenge: cine-demo ", "challenge: Cine Demo ", '"Cine Demo" cannot stand for challenge, use small letters'),
    ("title: Cine rec", "titel: Cine rec", 'unknown key "titel", did you mean "title"?'),
    ("timezone: AoE", "timezone: Mars", "'Mars' is no time zone; write AoE, UTC, +02:00 or Europe/Zurich"),
    ("organisers: [organiser]", "organisers: []", "organisers is empty, give 1 at least"),
    ("organisers: [organiser]", "organisers: [3]", "organisers: input should be a valid string, found 3"),
    ("timezone: AoE", "pages: {about: about.md}", '"pages" is not served by this release, take it out'),
    ("timezone: AoE", "registration: {approval: manual}", '"registration" is not served by this release'),
    ("timezone: AoE", "questions: []", '"questions" is not served by this release'),
    ("kind: reconstruction", "kind: reconstructoin", 'unknown kind "reconstructoin", did you mean "reconstruction"?'),
    ("mode: batch", "mode: dialogue", 'mode "dialogue" is not served by this release, write one of: batch'),
    ("mode: batch", "mode: bach", 'unknown mode "bach", did you mean "batch"?'),
    ("layout: cmrxrecon-2023 ", "layout: cmrxrecon-2022 ", 'unknown layout "cmrxrecon-2022", did you mean "cmrxrecon-2023"?'),
    ("formats: [mat-v7, mat-v7.3]", "formats: [mat-v7, nifti]", 'unknown format "nifti", write one of: mat-v7, mat-v7.3'),
    ("path: same-as-input", 'path: "out/{subject}/{view}.mat"', 'output.path has no placeholder for "af": two cases would be written to one file'),
    ("path: same-as-input", 'path: "{subject}{af}{view}{centre}.mat"', 'input has no placeholder "centre"'),
    ("path: same-as-input", 'path: "/{subject}{af}{view}.mat"', "is not a plain relative path, write a path below the folder"),
    ("shape: as-reference", "shape: ranked", "ssim_full: files of `shape: ranked` hold region challenge-crop alone, write `shape: as-reference`"),
    ("dtype: float32", "dtype: float16", 'unknown dtype "float16", did you mean "float64"?'),
    ("dtype: float32, ", "", '"dtype" is missing here, write `dtype: …`'),
    ("/{subject}/", "/", 'input has no placeholder for "subject", a part of the case, write {subject} into it'),
    ("/{subject}/", "/{subject/", "input has an open brace"),
    ("/{subject}/", "/{subject}/{0.__class__}/", 'placeholder "0.__class__" cannot be filled'),
    ("/{subject}/", "/{subject!r}/", 'placeholder "subject" cannot be filled'),
    ("independent: subject", "independent: subjects", 'unknown independent "subjects", did you mean "subject"?'),
    ("{metric: ssim, norm", "{metric: ssmi, norm", 'unknown metric "ssmi", did you mean "ssim"?'),
    ("region: challenge-crop, digits: 3", "region: crop, digits: 3", 'unknown region "crop", write one of: challenge-crop, full'),
    ("region: challenge-crop, digits: 3", "regoin: full, digits: 3", 'unknown key "regoin", did you mean "region"?'),
    ("region: challenge-crop, digits: 3", "digits: 12", "digits: input should be less than or equal to 9, found 12"),
    ("region: challenge-crop, digits: 3", "ranks: perhaps", "ranks: input should be a valid boolean"),
    ("region: challenge-crop, digits: 3", "region: {a: 1}", "region: input should be a valid string"),
    ("      missing: worst ", "      ", '"missing" is missing here, write `missing: worst`; how missing cases rank'),
    ("missing: worst ", "missing: ignore ", "missing: write `worst`, `last`, a number, or a number for single metrics"),
    ("missing: worst ", "missing: 0 ", "0 is the best NMSE that there is"),
    ("missing: worst ", "missing: {ssim: bad} ", "write a finite number for each metric"),
    ("rule: sum_of_ranks ", "rule: sum_of_rank ", 'unknown rule "sum_of_rank", did you mean "sum_of_ranks"?'),
    ("ties: min", "bootstrap: {repeats: 1000}", '"bootstrap" is not served by this release'),
    ("ties: min", "groups: {test: wilcoxon}", '"groups" is not served by this release'),
    ("ties: min", "tise: min", 'unknown key "tise", did you mean "ties"?'),
    ("hardware: cpu", "hardware: GPU_24g", '"GPU_24g" cannot stand for hardware, use small letters, digits and hyphens'),
    ("memory: 4GiB", "memory: 4 gigs", "memory: '4 gigs' is not a quantity; write it like 64GiB"),
    ("memory: 4GiB", "memory: 0", "memory: 0 is not allowed; write a whole number of bytes, 1 or more"),
    ("time: 30min", "time: half an hour", "time: 'half an hour' is not a quantity; write it like 20h"),
    ("cpus: 2", "gpu: 2", 'unknown key "gpu", did you mean "gpus"?'),
    ("user: root-without-capabilities", "user: root", 'unknown user "root"'),
    ("phase: test ", "needs: validation\n        phase: test ", '"needs" is not served by this release'),
    ("ranked: cine-demo-test@1", "ranked: cine-demo-test", '"cine-demo-test" cannot stand for ranked, write it as name@version'),
    ("every: day", "every: month", 'unknown every "month", write one of: day, week, phase'),
    ("submissions: 50", "submissions: 0", "submissions: input should be greater than or equal to 1, found 0"),
    ("attempts: 200", "attempts: 3", "quota: attempts (3) is the wider cap; write at least 50"),
    ("counts: best", "counts: chosen", 'counts "chosen" is not served by this release, write one of: best, last'),
    ("scores: at-once", "scores: soon", "'soon' is no date; write 2026-09-25 or 2026-09-25 23:59"),
    ("scores: at-once", "cases: tables", "'tables' says nothing of single cases, write never, distribution, table, or"),
    ("scores: at-once", "cases: {table: soon}", "'soon' is no date; write 2026-09-25"),
    ("scores: at-once", "cases: {never: 2026-10-01}", "says nothing of single cases, write never, distribution, table, or"),
    ("    baselines:", "    card: {required: [loss, licnese]}\n    baselines:", 'a method card has no field "licnese", did you mean "licence"?'),
    ("counts: best", "open: {from: 2027-02-30}", "'2027-02-30' is not in the calendar"),
    ("counts: best", "open: {from: 2027-03-01, until: 2027-02-01}", "the phase would close before it opens"),
    ("counts: best", "open: {form: 2027-03-01}", 'unknown key "form", did you mean "from"?'),
    (PHASES, PHASES + SECOND, '"test" is open while "validation" of the same task is, close one before'),
    (PHASES, PHASES + SECOND.replace("validation", "test"), 'two phases are called "test"'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "wanted"), BROKEN)
def test_a_mistake_is_told_with_its_line_and_a_fix(old: str, new: str, wanted: str) -> None:
    assert old in CHALLENGE
    text = CHALLENGE.replace(old, new, 1)

    complaints = _complaints(text)
    matching = [complaint for complaint in complaints if wanted in complaint]
    assert len(matching) == 1, complaints
    found = re.match(r"cine\.yaml:(\d+):(\d+) ", matching[0])
    assert found is not None
    line, column = int(found[1]), int(found[2])
    assert 1 <= column <= len(text.splitlines()[line - 1]) + 1
    if new and "\n" not in old and "is missing" not in wanted and "wider cap" not in wanted:
        assert line in {_line_of(text, new), _line_of(text, new.rsplit("\n", maxsplit=1)[-1])}


def test_the_column_points_at_the_word_itself() -> None:
    text = CHALLENGE.replace("{metric: ssim, norm", "{metric: ssmi, norm", 1)
    line = text.splitlines()[_line_of(text, "ssmi") - 1]

    assert _complaints(text) == [
        f'cine.yaml:{_line_of(text, "ssmi")}:{line.index("ssmi") + 1} unknown metric "ssmi", did you mean "ssim"?'
    ]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = CHALLENGE.replace("mode: batch", "mode: bach").replace("counts: best", "counts: chosen")
    text = text.replace("titel", "title").replace("ties: min", "tise: min")

    complaints = _complaints(text)
    lines = [int(complaint.split(":")[1]) for complaint in complaints]
    assert len(complaints) == 3
    assert lines == sorted(lines)


def test_hundreds_of_mistakes_are_cut_to_a_readable_number() -> None:
    text = CHALLENGE + "".join(f"extra{number}: 1\n" for number in range(300))

    complaints = _complaints(text)
    assert len(complaints) == 21
    assert complaints[-1] == "and 280 more"


def test_two_metrics_of_one_key_need_a_second_name() -> None:
    text = CHALLENGE.replace("as: ssim_full, ", "", 1)

    (complaint,) = _complaints(text)
    first, second = _line_of(text, "      - {metric: ssim"), _line_of(text, "region: full, digits: 3")
    assert f'a second column with the key "ssim", the first stands in line {first}' in complaint
    assert "give it another name with `as: ssim_2`" in complaint
    assert f":{second}:" in complaint


def test_a_task_needs_a_metric_that_ranks() -> None:
    text = CHALLENGE.replace("digits: 3}", "digits: 3, ranks: false}").replace("digits: 2}", "digits: 2, ranks: false}")
    text = text.replace("digits: 4}", "digits: 4, ranks: false}")

    assert "at least one metric must rank" in "".join(_complaints(text))


def test_options_that_are_not_written_are_spelt_out_in_the_specification() -> None:
    short = _read(CHALLENGE.replace("normalisation: cmrxrecon2023, region: challenge-crop, ", ""))

    assert short.tasks[0].spec == _read(CHALLENGE).tasks[0].spec


def test_a_phase_overrides_single_limits() -> None:
    plan = _read(CHALLENGE.replace("counts: best", "limits: {time: 2h, hardware: gpu-24g}"))

    limits = plan.tasks[0].phases[0].limits
    assert (limits.time, limits.hardware, limits.memory) == (7200, "gpu-24g", 4 * 2**30)


def test_a_class_of_gpu_workers_brings_one_gpu_unless_the_file_says_otherwise() -> None:
    assert _read(CHALLENGE.replace(LIMITS, "limits: {hardware: gpu-24g")).tasks[0].phases[0].limits.gpus == 1
    assert _read(CHALLENGE.replace(LIMITS, "limits: {gpus: 2, hardware: gpu-80g")).tasks[0].phases[0].limits.gpus == 2
    assert _read(CHALLENGE).tasks[0].phases[0].limits.gpus == 0


def test_phases_that_follow_each_other_are_fine() -> None:
    first = SECOND.replace("    data:", "    open: {until: 2027-03-01}\n        data:")
    text = CHALLENGE.replace(PHASES, PHASES + first).replace("counts: best", "open: {from: 2027-03-02}")

    before, after = _read(text).tasks[0].phases
    assert before.closes_at == after.opens_at


@pytest.mark.parametrize("text", ["", "[]", "just words", "3", "tasks: 3", "tasks: [3]", "tasks: [{phases: {}}]"])
def test_what_is_no_challenge_file_at_all_is_refused_in_the_same_form(text: str) -> None:
    assert all(re.match(r"cine\.yaml:\d+:\d+ ", complaint) for complaint in _complaints(text))


def test_a_file_that_is_not_yaml_names_the_line() -> None:
    assert _complaints(CHALLENGE.replace("schema: 1", "schema: [1"))[0].startswith("cine.yaml:3:")


def test_a_last_rank_for_missing_cases_needs_a_rule_that_ranks_cases() -> None:
    (complaint,) = _complaints(CHALLENGE.replace("missing: worst ", "missing: last ", 1))
    assert "`missing: last` gives a missing case none; write `missing: worst` or a number" in complaint


@pytest.mark.parametrize("missing", ["{ssim: 0.1}", "worst"])
def test_what_a_missing_case_counts_may_be_a_number(missing: str) -> None:
    plan = _read(CHALLENGE.replace("missing: worst ", f"missing: {missing} ", 1))
    assert plan.tasks[0].spec.ranking.fill("psnr", spec=catalogue().metrics["psnr"]) == 0.0


def test_a_board_may_rank_by_significance() -> None:
    plan = _read(CHALLENGE.replace("rule: sum_of_ranks ", "rule: significance ", 1))
    assert plan.tasks[0].spec.ranking.rule is RankingRule.SIGNIFICANCE


RANKING = (
    "      rule: sum_of_ranks                 # over the metrics above without `ranks: false`\n"
    "      strata: cases                      # every case weighs the same: 72 simulated hearts, 18 of real anatomy\n"
)
GATE = "      rule: speed\n      gate: {metric: ssim, no_worse_than: 0.9}\n"


def _timed(text: str = CHALLENGE) -> str:
    """The demo as a speed track, without a mistake."""
    assert RANKING in text
    text = text.replace(RANKING, GATE).replace("mode: batch", "mode: per_case").replace("counts: best", "counts: last")
    text = text.replace("time: 30min", "time: 30min, case_time: 20s")
    for metric in ("psnr", "nmse"):
        text = text.replace(
            f"metric: {metric}, normalisation: cmrxrecon2023, region: challenge-crop",
            f"metric: {metric}, ranks: false, normalisation: cmrxrecon2023, region: challenge-crop",
        )
    return text


def test_the_speed_track_of_the_library_reads() -> None:
    (task,) = _read((LIBRARY / "cine-speed.yaml").read_text()).tasks

    assert (task.spec.mode, task.spec.ranking.rule, task.phases[0].counts) == ("per_case", "speed", "last")
    assert task.spec.ranking.gate is not None
    assert task.spec.ranking.gate.better_than in task.baseline_methods


def test_a_speed_track_reads_with_its_gate_and_the_time_of_a_case() -> None:
    task = _read(_timed()).tasks[0]

    assert (task.spec.mode, task.spec.ranking.rule, task.phases[0].limits.case_time) == ("per_case", "speed", 20)
    assert task.spec.ranking.gate is not None
    assert task.spec.ranking.gate.no_worse_than == 0.9
    for gate in ("{metric: ssim, first: 10}", "{metric: ssim, better_than: unet}"):
        assert _read(_timed().replace("{metric: ssim, no_worse_than: 0.9}", gate)).tasks


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("mode: per_case", "mode: batch", "batch mode times the run as a whole, write `mode: per_case`"),
        (", case_time: 20s", "", "give no time to a single case, write `case_time: 60s`"),
        ("case_time: 20s", "case_time: 2h", "case_time of 7200 s is longer than time, 1800 s, lower it"),
        ("counts: last", "counts: best", "rule speed has no best entry of a team: the fastest may be below the gate"),
        ("metric: psnr, ranks: false", "metric: psnr", "psnr cannot rank beside it, write `ranks: false` there"),
        ("metric: ssim, norm", "metric: ssim, ranks: false, norm", "ssim decides the gate, so it takes part"),
        ("gate: {metric: ssim", "gate: {metric: sim", 'no column has the key "sim", did you mean "ssim"?'),
        ("no_worse_than: 0.9", "no_worse_than: 1.9", "no_worse_than: 1.9 is no value that SSIM can have"),
        ("no_worse_than: 0.9", "better_than: u-net", '"u-net" is no baseline of this task, did you mean "unet"?'),
        (
            "case_time: 20s",
            "case_time: 0.1s",
            "case_time: '0.1s' is not allowed; write a whole number of seconds, 1 or more",
        ),
        ("no_worse_than: 0.9", "at_least: 0.9", 'unknown key "at_least"'),
        (", no_worse_than: 0.9", "", "write one of `no_worse_than: 0.9` (a mean), `better_than: unet` (a baseline)"),
        (
            "      gate: {metric: ssim, no_worse_than: 0.9}\n",
            "",
            "rule speed needs a gate, or an empty picture would win",
        ),
        ("rule: speed", "rule: mean_then_rank", "a gate belongs to rule speed"),
        ("missing: worst", "missing: last", "speed compares values, and `missing: last` gives a missing case none"),
    ],
)
def test_a_mistake_in_a_speed_track_is_told_with_its_fix(before: str, after: str, complaint: str) -> None:
    text = _timed()
    assert before in text
    assert any(complaint in line for line in _complaints(text.replace(before, after, 1)))


@pytest.mark.parametrize(
    ("before", "after", "at", "complaint"),
    [
        ("[4, 8, 10]", "[4, 4, 10]", "4, 10]", "4 stands twice in values, keep one of them"),
        ("[4, 8, 10]", '[4, "4", 10]', '"4", 10]', '"4" stands twice in values, keep one of them'),
        ("[4, 8, 10]", "[]", "[]", "values is empty, give 1 at least"),
        ("[4, 8, 10]", "{}", "{}", "values is empty, give 1 at least"),
        ("[zero-filled, unet,", "[unet, unet,", "unet, e2e", '"unet" stands twice in methods, keep one of them'),
        ("[subject, af, view]", "[subject, af, af]", "af]", '"af" stands twice in case, keep one of them'),
    ],
)
def test_a_list_that_repeats_itself_or_says_nothing_is_told_at_its_place(
    before: str, after: str, at: str, complaint: str
) -> None:
    assert CHALLENGE.count(before) == 1
    text = CHALLENGE.replace(before, after)
    number = _line_of(text, after)
    line = text.splitlines()[number - 1]
    column = line.index(at, line.index(after)) + 1
    assert f"cine.yaml:{number}:{column} {complaint}" in _complaints(text)


def test_the_time_of_a_case_is_refused_where_cases_are_not_timed() -> None:
    text = CHALLENGE.replace("time: 30min", "time: 30min, case_time: 20s")
    (line,) = _complaints(text)
    assert "case_time is a limit of per_case mode alone; this task runs in batch mode" in line


def test_a_phase_says_whence_teams_hold_the_inputs_that_they_send_result_files_for() -> None:
    assert _read(CHALLENGE).tasks[0].phases[0].predictions == ""
    for whence in ("public", "given-out"):
        text = CHALLENGE.replace("counts: best", f"predictions: {whence}")
        assert _read(text).tasks[0].phases[0].predictions == whence


@pytest.mark.parametrize("word", ["true", "hidden"])
def test_result_files_are_taken_for_known_inputs_alone(word: str) -> None:
    text = CHALLENGE.replace("counts: best", f"predictions: {word}")
    (complaint,) = _complaints(text)
    assert f":{_line_of(text, 'predictions:')}:" in complaint
    assert "public" in complaint
    assert "given-out" in complaint


def test_a_speed_track_takes_no_result_files() -> None:
    text = _timed().replace("counts: last", "counts: last\n        predictions: public")
    (complaint,) = _complaints(text)
    assert "rule speed ranks by seconds, and result files have none, take `predictions` out" in complaint
    assert f":{_line_of(text, 'predictions:')}:" in complaint
