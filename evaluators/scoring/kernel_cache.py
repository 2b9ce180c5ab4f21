"""Where compiled kernels lie: made once when the image is built, copied aside where the file system is read-only.

numba refuses a cache folder that it cannot write to, and compiles anew. Import this before anything that imports numba.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_VARIABLE = "NUMBA_CACHE_DIR"
KERNELS = Path(__file__).resolve().parent.parent / "metrics" / "__pycache__" / "kernels"
#: the processor that kernels are made for, and the flags by which /proc/cpuinfo tells that it can run them
_PROCESSOR = {"NUMBA_CPU_NAME": "x86-64-v3", "NUMBA_CPU_FEATURES": "+avx,+avx2,+bmi,+bmi2,+f16c,+fma,+lzcnt,+movbe"}
_NEEDED = frozenset({"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"})


def make_kernels_here() -> None:
    """What is compiled from now on is kept in the package's own folder."""
    KERNELS.mkdir(parents=True, exist_ok=True)
    os.environ[_VARIABLE] = str(KERNELS)
    _name_processor()


def use_kernels() -> None:
    """Point numba at the kernels of the image, if there are any and nobody named another folder."""
    if _VARIABLE in os.environ or not KERNELS.is_dir():
        return
    _name_processor()
    if os.access(KERNELS, os.W_OK):
        os.environ[_VARIABLE] = str(KERNELS)
        return
    # a few hundred kilobytes; the folder goes with the container's /tmp
    aside = Path(tempfile.mkdtemp(prefix="kernels-"))
    shutil.copytree(KERNELS, aside, dirs_exist_ok=True)
    os.environ[_VARIABLE] = str(aside)


def _name_processor() -> None:
    """Where this machine has less, numba names it itself and compiles what it needs: slower to start, and right."""
    flags = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags")), "")
    if set(flags.split()) >= _NEEDED:
        os.environ.update(_PROCESSOR)
