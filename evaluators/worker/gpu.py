"""Which cards a run gets. One evaluation runs at a time, so the first ones are free."""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.contract.failures import PlatformFailure
from evaluators.worker.errors import PlatformFault


def choose_gpus(*, available: Sequence[str], wanted: int) -> tuple[str, ...]:
    """UUIDs for one run. Raises PlatformFault(ENGINE) on a machine with fewer: the worker is in the wrong class."""
    if wanted > len(available):
        raise PlatformFault(
            code=PlatformFailure.ENGINE, detail=f"the phase asks for {wanted} GPU, this worker has {len(available)}"
        )
    return tuple(available[:wanted])
