"""`python -m evaluators.scoring.warm`: compile every metric's kernel into the package's cache, when the image is built."""

from __future__ import annotations

import sys

from evaluators.contract.metrics import Number
from evaluators.scoring.kernel_cache import KERNELS, make_kernels_here


def main() -> int:
    """Exit code 0 and a line with the number of kernels. Calls each metric once, so that a broken one fails the build."""
    make_kernels_here()
    # imported here: numba reads the folder's name when a kernel is decorated
    from evaluators.metrics import EXAMPLES, METRICS  # noqa: PLC0415

    for metric in METRICS.values():
        needed = {name: 1.0 for name, option in metric.spec.options.items() if isinstance(option, Number)}
        metric.function(*EXAMPLES[metric.spec.family](), **needed)
    kernels = sum(1 for file in KERNELS.rglob("*.nbc") if file.is_file())
    sys.stderr.write(f"{len(METRICS)} metrics, {kernels} kernels compiled\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
