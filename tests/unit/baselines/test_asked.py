"""A baseline's container asked case by case: the same images as in one run, whole answers, and a bad case that costs itself alone."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat

from baselines.cine.io import find_scans
from baselines.cine.run import reconstruct_all, reconstruct_asked
from baselines.zero_filled.model import reconstruct
from evaluators.contract.per_case import CaseAnswer, CaseQuestion
from evaluators.phantoms.cine import write_cine_set
from tests.unit.baselines.test_containers import METHODS, ROOT, SIZE

#: a method that prints below Python as well, as a compiled library does
CHATTY = (
    "import os, sys\n"
    "from baselines.cine.run import main\n"
    "from baselines.zero_filled.model import reconstruct\n"
    "def method(scan):\n"
    "    print('a progress bar')\n"
    "    os.write(1, b'50 %\\n')\n"
    "    return reconstruct(scan)\n"
    "main(lambda: method)\n"
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("input")
    write_cine_set(root=root, set_name="TestSet", subjects=1, seed=11, size=SIZE)
    return root


def questions(source: Path) -> list[str]:
    """As the evaluator asks, lines with their end."""
    found = [str(path.relative_to(source)) for path in find_scans(source)]
    return [
        CaseQuestion(case=number, inputs=(path, path.replace(".mat", "_mask.mat")), output=path).line() + "\n"
        for number, path in enumerate(found, start=1)
    ]


def answered(text: str) -> list[int]:
    return [CaseAnswer.model_validate_json(line).done for line in text.splitlines()]


@pytest.mark.parametrize("name", METHODS)
def test_every_baseline_answers_each_case_with_the_image_that_it_writes_in_one_run(
    name: str, source: Path, tmp_path: Path
) -> None:
    few, asked, one_run, answers = (*(tmp_path / part for part in ("few", "asked", "run")), io.StringIO())
    place = Path("MultiCoil/Cine/TestSet/AccFactor04")
    shutil.copytree(source / place, few / place)
    lines = questions(few)
    assert reconstruct_asked(method=METHODS[name](), source=few, target=asked, questions=lines, answers=answers) == 0
    assert answered(answers.getvalue()) == [1, 2]
    reconstruct_all(method=METHODS[name](), source=few, target=one_run)
    written = sorted(path.relative_to(one_run) for path in one_run.rglob("*.mat"))
    assert sorted(path.relative_to(asked) for path in asked.rglob("*.mat")) == written
    for path in written:
        images = [loadmat(folder / path)["img4ranking"] for folder in (asked, one_run)]
        assert np.array_equal(*images), path


def container(
    *, source: Path, target: Path, stdin: str | None, program: Sequence[str]
) -> subprocess.CompletedProcess[str]:
    """The entry point as a process of its own; stdin None is /dev/null, which the engine gives a container that nobody asks."""
    given = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
    command = [sys.executable, *program, "--input", str(source), "--output", str(target)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=120, **given)


ENTRY = ("-m", "baselines.zero_filled.infer")


@pytest.mark.parametrize("program", [ENTRY, ("-c", CHATTY)], ids=["quiet", "chatty"])
def test_on_stdout_stand_answers_and_nothing_else(program: Sequence[str], source: Path, tmp_path: Path) -> None:
    lines = questions(source)
    done = container(source=source, target=tmp_path, stdin="".join(lines), program=program)
    assert done.returncode == 0, done.stderr
    assert answered(done.stdout) == list(range(1, len(lines) + 1))
    assert len(list(tmp_path.rglob("*.mat"))) == len(lines)
    assert ("50 %" in done.stderr) is ("-c" in program)


def test_an_answer_comes_before_the_next_question_is_asked(source: Path, tmp_path: Path) -> None:
    command = [sys.executable, *ENTRY, "--input", str(source), "--output", str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in questions(source)[:2]:
            process.stdin.write(line)
            process.stdin.flush()
            question = json.loads(line)
            assert CaseAnswer.model_validate_json(process.stdout.readline()).done == question["case"]
            assert (tmp_path / question["output"]).is_file()
        process.stdin.close()
        assert process.wait() == 0


@pytest.mark.parametrize("stdin", [None, ""], ids=["no stdin", "empty stdin"])
def test_a_container_that_nobody_asks_runs_over_all_cases(stdin: str | None, source: Path, tmp_path: Path) -> None:
    done = container(source=source, target=tmp_path, stdin=stdin, program=ENTRY)
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.rglob("*.mat"))) == len(find_scans(source)) == done.stdout.count("\n")


def test_a_bad_case_is_answered_without_a_file_and_the_others_are_done(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines, answers = questions(source), io.StringIO()
    gone = lines[1].replace("cine_sax", "cine_gone")
    asked = [lines[0], gone, *lines[2:]]
    code = reconstruct_asked(method=reconstruct, source=source, target=tmp_path, questions=asked, answers=answers)
    assert code == 0
    assert answered(answers.getvalue()) == list(range(1, len(lines) + 1))
    assert len(list(tmp_path.rglob("*.mat"))) == len(lines) - 1
    assert "cine_gone.mat FAILED: cine_gone.mat is not a MATLAB v7.3 file" in capsys.readouterr().err


@pytest.mark.parametrize(
    "line", ["no question\n", "[1]\n", '{"case": 1, "inputs": []}\n', '{"case": 1, "inputs": [1], "output": 2}\n']
)
def test_a_line_that_is_no_question_ends_the_container_with_the_line(line: str, source: Path, tmp_path: Path) -> None:
    done = container(source=source, target=tmp_path, stdin=line, program=ENTRY)
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"{line.strip()!r} is no question of per_case mode" in done.stderr
