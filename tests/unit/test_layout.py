"""The shape of the repository that everything else relies on."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import yaml

from baselines.table import documents
from evaluators.contract.catalogue import catalogue
from evaluators.metrics import METRICS
from evaluators.tasks import KINDS

ROOT = Path(__file__).resolve().parents[2]
#: a new folder here needs a README that says what lives there
ROOMS = [
    *("evaluators", "submissions", "compose", "baselines", "tests"),
    *(f"evaluators/{one.parent.name}" for one in sorted((ROOT / "evaluators").glob("*/__init__.py"))),
    *(f"platform/assay/{one.parent.name}" for one in sorted((ROOT / "platform/assay").glob("*/__init__.py"))),
    *(f"baselines/{one.parent.name}" for one in sorted((ROOT / "baselines").glob("*/baseline.yaml"))),
]


def test_platform_is_the_standard_librarys_module_even_from_the_project_root() -> None:
    found = subprocess.run(
        [sys.executable, "-c", "import platform; print(platform.__file__)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(found.stdout.strip()).parent == Path(sysconfig.get_paths()["stdlib"])
    assert not (ROOT / "platform" / "__init__.py").exists()


def test_make_refuses_to_run_when_platform_would_shadow_the_standard_library(tmp_path: Path) -> None:
    (tmp_path / "platform").mkdir()
    (tmp_path / "platform" / "__init__.py").touch()
    (tmp_path / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
    made = subprocess.run(["make", "help"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert made.returncode != 0
    assert "platform/__init__.py must not exist" in made.stderr


def test_no_folder_of_the_tests_is_named_platform() -> None:
    assert [path for path in (ROOT / "tests").rglob("platform") if path.is_dir()] == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_folder_says_what_lives_there(room: str) -> None:
    assert (ROOT / room / "README.md").is_file()


def test_every_metric_has_a_golden_row() -> None:
    golden = "".join(path.read_text() for path in (ROOT / "tests" / "golden").glob("*.json"))
    assert [key for key in METRICS if f'"{key}"' not in golden] == []


def test_every_task_kind_is_played_by_a_ready_challenge_and_told_in_the_catalogue() -> None:
    library = (ROOT / "platform" / "assay" / "challenges" / "library").glob("*.yaml")
    played = {task["kind"] for file in library for task in yaml.safe_load(file.read_text())["tasks"]}
    assert set(KINDS) == set(catalogue().kinds)
    assert set(KINDS) <= played


def test_every_baseline_has_what_it_needs_to_enter() -> None:
    for name, document in documents().items():
        folder = ROOT / "baselines" / name
        for part in ("README.md", "card.yaml", "Dockerfile", "infer.py", "model.py"):
            assert (folder / part).is_file(), f"{folder.name} lacks {part}"
        if document.get("runtime") == "torch":
            assert (folder / "train.py").is_file()
            assert (folder / "weights.safetensors").stat().st_size <= 4 * 2**20
