"""`python -m evaluators.scoring.warm`: compile every metric's kernel into the package's cache, when the image is built."""

from __future__ import annotations

import sys

import numpy as np

from evaluators.scoring.kernel_cache import KERNELS, make_kernels_here


def main() -> int:
    """Exit code 0 and a line with the number of kernels. Calls each metric once, so that a broken one fails the build."""
    make_kernels_here()
    # imported here: numba reads the folder's name when a kernel is decorated
    from evaluators.metrics import METRICS  # noqa: PLC0415

    picture = np.linspace(0, 1, 8 * 8, dtype=np.float32).reshape(8, 8, 1, 1)
    for metric in METRICS.values():
        metric.function(picture, picture)
    kernels = sum(1 for file in KERNELS.rglob("*.nbc") if file.is_file())
    sys.stderr.write(f"{len(METRICS)} metrics, {kernels} kernels compiled\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
