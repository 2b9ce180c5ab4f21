"""The committed catalogue: fresh, readable without any scoring code, and true to what the code serves."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import evaluators
from evaluators.contract.catalogue import CATALOGUE_PATH, catalogue
from evaluators.metrics import METRICS
from evaluators.tasks import KINDS
from evaluators.tasks.write_catalogue import SCORED_BY, catalogue_text, scorer_hash

PACKAGE = Path(evaluators.__file__).parent


def test_the_committed_catalogue_is_what_the_code_says() -> None:
    assert CATALOGUE_PATH.read_text(encoding="utf-8") == catalogue_text(), "stale: run `make catalogue`"


def test_every_metric_that_a_kind_offers_exists() -> None:
    offered = {key for kind in KINDS.values() for key in kind.offer.metrics}
    assert offered <= set(METRICS)
    assert set(catalogue().metrics) == set(METRICS)
    assert set(catalogue().kinds) == set(KINDS)


def test_every_value_of_a_kinds_option_says_what_it_does_and_who_does_it_so() -> None:
    for kind in catalogue().kinds.values():
        for name, option in kind.options.items():
            texts = list(option.values.values())
            assert all("; " in text for text in texts), name
            assert len(set(texts)) == len(texts), name


def test_reading_the_catalogue_loads_no_scoring_code() -> None:
    script = (
        "import sys; from evaluators.contract.catalogue import catalogue; catalogue();"
        "print([name for name in ('numpy', 'numba', 'h5py', 'evaluators.metrics') if name in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[]"


def test_any_change_of_scoring_code_is_another_scorer(tmp_path: Path) -> None:
    for folder in SCORED_BY:
        shutil.copytree(PACKAGE / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    copied = scorer_hash(tmp_path)
    assert copied == scorer_hash()
    (tmp_path / "contract" / "catalogue.json").write_text("{}")
    (tmp_path / "metrics" / "README.md").write_text("other words")
    assert scorer_hash(tmp_path) == copied
    kernel = tmp_path / "metrics" / "image" / "sums_kernel.py"
    kernel.write_text(kernel.read_text() + "\n")
    changed = scorer_hash(tmp_path)
    assert changed != copied
    kernel.rename(kernel.with_name("sums_loop.py"))
    assert scorer_hash(tmp_path) not in {copied, changed}
