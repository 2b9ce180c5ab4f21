"""`python -m evaluators.scoring.warm`: compile every kernel of metrics and relaxometry into the package's cache, when the image is built."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from evaluators.contract.metrics import Choice, Number
from evaluators.scoring.kernel_cache import KERNELS, make_kernels_here


def main() -> int:
    """Exit code 0 and a line with the number of kernels."""
    make_kernels_here()
    metrics = call_every_metric()
    kernels = sum(1 for file in KERNELS.rglob("*.nbc") if file.is_file())
    sys.stderr.write(f"{metrics} metrics, {kernels} kernels compiled\n")
    return 0


def call_every_metric() -> int:
    """Every variant of every metric once, so that a broken one fails the build. Returns how many metrics there are."""
    # imported here: numba reads the cache's folder when a kernel is decorated
    import evaluators.relaxometry  # noqa: F401, PLC0415 - its kernels have written signatures
    from evaluators.metrics import EXAMPLES, METRICS  # noqa: PLC0415

    for metric in METRICS.values():
        for options in _variants(metric.spec.options):
            metric.function(*EXAMPLES[metric.spec.family](), **options)
    return len(METRICS)


def _variants(offered: Mapping[str, Choice | Number]) -> Iterator[dict[str, str | float]]:
    """Each value of each choice beside the defaults of all others; a number without a default is given one."""
    usual: dict[str, str | float] = {}
    for name, option in offered.items():
        if isinstance(option, Choice):
            usual[name] = next(iter(option.values))
        else:
            usual[name] = option.above + 1.0 if option.default is None else option.default
    yield usual
    for name, option in offered.items():
        if isinstance(option, Choice):
            yield from ({**usual, name: value} for value in list(option.values)[1:])


if __name__ == "__main__":
    sys.exit(main())
