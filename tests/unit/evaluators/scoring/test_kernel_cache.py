"""Kernels that were compiled when the image was built are loaded, not compiled, in a container that cannot write."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import evaluators

KERNEL = """\
from numba import njit

@njit("f8(f8)", cache=True)
def double(x):
    return 2 * x
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """As the image holds it, with one kernel in place of all."""
    source = Path(evaluators.__file__).parent
    for name in ("scoring", "metrics"):
        (tmp_path / "evaluators" / name).mkdir(parents=True)
        (tmp_path / "evaluators" / name / "__init__.py").touch()
    (tmp_path / "evaluators" / "__init__.py").touch()
    (tmp_path / "evaluators" / "metrics" / "kernel.py").write_text(KERNEL)
    shutil.copy(source / "scoring" / "kernel_cache.py", tmp_path / "evaluators" / "scoring")
    return tmp_path


def python(package: Path, code: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=package,
        env={**os.environ, "PYTHONPATH": str(package), "TMPDIR": str(package)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout.split()


@pytest.fixture
def kernels(package: Path) -> Path:
    """Compiled, as when the image is built."""
    python(
        package, "from evaluators.scoring.kernel_cache import *; make_kernels_here(); import evaluators.metrics.kernel"
    )
    folder = package / "evaluators" / "metrics" / "__pycache__" / "kernels"
    assert len(list(folder.rglob("*.nbc"))) == 1
    return folder


USE = (
    "import os\n"
    "from evaluators.scoring.kernel_cache import use_kernels; use_kernels()\n"
    "from evaluators.metrics.kernel import double\n"
    "stats = double.stats\n"
    "print(os.environ['NUMBA_CACHE_DIR'], sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))\n"
)


def test_kernels_of_the_image_are_used_where_the_file_system_is_read_only(package: Path, kernels: Path) -> None:
    # root may write anywhere here: the read-only file system is played
    played = "import os; real = os.access; os.access = lambda path, mode: mode != os.W_OK and real(path, mode)\n"
    folder, hits, misses = python(package, played + USE)
    assert Path(folder).parent == package
    assert Path(folder) != kernels
    assert (hits, misses) == ("1", "0")


def test_kernels_of_the_image_are_used_on_a_machine_of_another_make(package: Path, kernels: Path) -> None:
    other = "import llvmlite.binding as b; b.get_host_cpu_name = lambda: 'skylake'; b.get_host_cpu_features = dict\n"
    folder, hits, misses = python(package, other + USE)
    assert Path(folder) == kernels
    assert (hits, misses) == ("1", "0")
