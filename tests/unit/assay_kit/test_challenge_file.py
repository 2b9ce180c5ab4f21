"""Looking at a challenge file before it is applied: lint, diff, clone and the schema for editors."""

from __future__ import annotations

import difflib
import json
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest

import assay.challenges
from assay.challenges.marked_yaml import load
from evaluators.contract.challenge_files import DifferenceOut, DiffOut, FileProblem
from tests.unit.assay_kit.conftest import ROOT, Person
from tests.unit.assay_kit.site import Site

LIBRARY = Path(assay.challenges.__file__).parent / "library"
DEMO = (LIBRARY / "cine-demo.yaml").read_text()
#: last year's, with dates
YEAR = DEMO.replace("counts: best", "counts: best\n        open: {from: 2026-02-27, until: 2026-03-01 23:59}").replace(
    "board: at-once", "board: 2026-03-08 12:00 UTC"
)
WARNING = FileProblem(line=4, column=7, message='no living worker offers "gpu-9"', warning=True)


def _line_of(text: str, snippet: str) -> int:
    return text[: text.index(snippet)].count("\n") + 1


@pytest.fixture
def changed(site: Site) -> Site:
    """A site where the file differs in one value and takes something from teams."""
    site.difference = DiffOut(
        challenge="demo", base="b" * 64, only_layout=False, warnings=[WARNING],
        differences=[
            DifferenceOut(path="title", before="Old", after="New"),
            DifferenceOut(path="news", before=None, after="x"),
            DifferenceOut(path="summary", before="gone", after=None),
        ],
        losses=["demo/cine/test would close 1 Jan 2030"],
    )  # fmt: skip
    return site


def test_lint_tells_every_mistake_of_the_file_at_once_and_needs_no_site_for_it(stranger: Person) -> None:
    text = DEMO.replace("metric: psnr,", "metric: pnsr,", 1).replace("counts: best", "open: {until: 2026-13-01}")
    (stranger.work / "demo.yaml").write_text(text)

    ran = stranger.runs("challenge", "lint", "demo.yaml")
    assert ran.code == 1
    first, second = ran.out.splitlines()
    assert first == f'demo.yaml:{_line_of(text, "metric: pnsr")}:18 unknown metric "pnsr", did you mean "psnr"?'
    assert second.startswith(f"demo.yaml:{_line_of(text, 'until:')}:")
    assert "'2026-13-01' is not in the calendar" in second


def test_lint_of_a_good_file_warns_when_the_site_cannot_be_asked(stranger: Person) -> None:
    (stranger.work / "demo.yaml").write_text(DEMO)
    ran = stranger.runs("challenge", "lint", "demo.yaml")
    assert (ran.code, ran.out) == (0, "")
    assert "warning: the site was not asked" in ran.err


def test_lint_tells_what_the_site_finds_and_a_warning_is_no_mistake(alice: Person, site: Site) -> None:
    (alice.work / "demo.yaml").write_text(DEMO)
    site.file_problems = [WARNING]
    ran = alice.runs("challenge", "lint", "demo.yaml")
    assert (ran.code, ran.out) == (0, 'demo.yaml:4:7 warning: no living worker offers "gpu-9"\n')

    site.file_problems = [WARNING, FileProblem(line=9, column=1, message="there is no dataset a@1", fix="upload it")]
    ran = alice.runs("challenge", "lint", "demo.yaml", "--json")
    assert ran.code == 1
    assert [each["line"] for each in json.loads(ran.out)["problems"]] == [4, 9]


def test_diff_ends_as_kubectl_does(alice: Person, changed: Site) -> None:
    (alice.work / "demo.yaml").write_text("challenge: demo\n")
    ran = alice.runs("challenge", "diff", "demo.yaml")
    assert ran.code == 1
    assert ran.out.splitlines() == [
        "~ title: Old -> New", "+ news: x", "- summary: gone", "! demo/cine/test would close 1 Jan 2030",
        'demo.yaml:4:7 warning: no living worker offers "gpu-9"',
    ]  # fmt: skip
    assert not changed.applied

    (alice.work / "bad.yaml").write_text("metrics: [ssmi]\n")
    assert alice.runs("challenge", "diff", "bad.yaml").code == 2
    changed.difference = changed.difference.model_copy(update={"differences": [], "losses": [], "warnings": []})
    assert alice.runs("challenge", "diff", "demo.yaml").code == 0


def test_apply_takes_nothing_from_teams_without_the_challenges_name(alice: Person, changed: Site) -> None:
    (alice.work / "demo.yaml").write_text("challenge: demo\n")
    ran = alice.runs("challenge", "apply", "demo.yaml", "--yes")
    assert ran.code == 6
    assert "! demo/cine/test would close" in ran.err
    assert "--confirm demo" in ran.err
    assert not changed.applied

    assert alice.runs("challenge", "apply", "demo.yaml", "--yes", "--confirm", "demo").code == 0
    assert (changed.applied[0].base, changed.applied[0].confirm) == ("b" * 64, "demo")


def test_a_clone_differs_in_name_dates_and_remarks_alone(alice: Person, site: Site) -> None:
    site.challenge_file = YEAR
    ran = alice.runs(
        "challenge", "clone", "demo", "--as", "cine-2027", "--start", "2027-05-03", "--out", "new.yaml"
    )  # fmt: skip
    assert ran.code == 0, ran.err
    made = (alice.work / "new.yaml").read_text()
    assert made.splitlines()[0] == f"# yaml-language-server: $schema={site.address}/schema/challenge-1.json"
    old, new = load(YEAR).data, load(made).data
    assert (old.pop("challenge"), new.pop("challenge")) == ("cine-demo", "cine-2027")
    (before,), (after,) = old["tasks"][0]["phases"], new["tasks"][0]["phases"]
    assert before.pop("open") == {"from": "2026-02-27", "until": "2026-03-01 23:59"}
    # as many days later, over the end of February of another length
    assert after.pop("open") == {"from": "2027-05-03", "until": "2027-05-05 23:59"}
    assert (before.pop("show"), after.pop("show")) == (
        {"team": {"scores": "at-once"}, "public": {"board": "2026-03-08 12:00 UTC"}},
        {"team": {"scores": "at-once"}, "public": {"board": "2027-05-12 12:00 UTC"}},
    )
    assert old == new
    changes = [line for line in difflib.ndiff(YEAR.splitlines(), made.splitlines()) if line[0] in "+-"]
    assert all(
        any(word in line for word in ("challenge:", "open:", "show:", "data:", "yaml-language-server"))
        for line in changes
    )
    assert all(
        line.endswith("# REPLACE: data of cine-demo") for line in changes if line.startswith("+") and "data:" in line
    )
    # a file is not replaced
    assert (
        alice.runs("challenge", "clone", "new.yaml", "--as", "x", "--start", "2027-05-03", "--out", "new.yaml").code
        == 2
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("demo.yaml", "--as", "Not An Address", "--start", "2027-05-03"), 2),
        (("demo.yaml", "--as", "new"), 2),
        (("demo.yaml", "--as", "new", "--start", "soon"), 2),
        (("bad.yaml", "--as", "new", "--start", "2027-05-03"), 1),
        (("nowhere", "--as", "new", "--start", "2027-05-03"), 5),
    ],
)
def test_what_cannot_be_cloned_is_said(alice: Person, site: Site, words: tuple[str, ...], code: int) -> None:
    (alice.work / "demo.yaml").write_text(DEMO)
    (alice.work / "bad.yaml").write_text("tasks: [\n")
    ran = alice.runs("challenge", "clone", *words)
    assert (ran.code, ran.out) == (code, "")


@pytest.mark.parametrize("path", sorted(LIBRARY.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_schema_takes_every_file_of_the_library(alice: Person, path: Path) -> None:
    schema = json.loads(alice.runs("challenge", "schema").out)
    assert list(jsonschema_rs.validator_for(schema).iter_errors(load(path.read_text()).data)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("timezone: AoE", "timezome: AoE"), ("metric: ssim", "metric: ssmi"), ("kind: reconstruction", "kind: recon"),
        ("time: 30min", "time: soon"), ("memory: 4GiB", "memory: 4GB"), ("region: full", "region: ful"),
        ("      missing: worst ", "      # missing: worst "), ("formats: [mat-v7,", "formats: [mat-v8,"),
        ("counts: best", "counts: bets"),
    ],
)  # fmt: skip
def test_the_schema_finds_what_an_editor_can(alice: Person, old: str, new: str) -> None:
    assert old in DEMO
    schema = json.loads(alice.runs("challenge", "schema").out)
    validator = jsonschema_rs.validator_for(schema)
    assert not validator.is_valid(load(DEMO.replace(old, new)).data)


def test_files_are_read_on_a_machine_without_the_sites_libraries() -> None:
    code = (
        "import sys\nfor name in ('django', 'ninja', 'celery', 'torch'): sys.modules[name] = None\n"
        "import assay_kit.challenge_file, assay.challenges.json_schema\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PYTHONPATH": ".:platform:submissions"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
