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


def make_kernels_here() -> None:
    """What is compiled from now on is kept in the package's own folder."""
    KERNELS.mkdir(parents=True, exist_ok=True)
    os.environ[_VARIABLE] = str(KERNELS)


def use_kernels() -> None:
    """Point numba at the kernels of the image, if there are any and nobody named another folder."""
    if _VARIABLE in os.environ or not KERNELS.is_dir():
        return
    if os.access(KERNELS, os.W_OK):
        os.environ[_VARIABLE] = str(KERNELS)
        return
    # a few hundred kilobytes; the folder goes with the container's /tmp
    aside = Path(tempfile.mkdtemp(prefix="kernels-"))
    shutil.copytree(KERNELS, aside, dirs_exist_ok=True)
    os.environ[_VARIABLE] = str(aside)
