"""What only apps above this one know, told through functions that they put here when the site starts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from evaluators.contract.tasks import TaskSpec

if TYPE_CHECKING:
    from assay.challenges.models import Phase

#: phases by key -> how many entries stand in each; phases without one may be left out
EntriesOf = Callable[[Collection[int]], Mapping[int, int]]
#: hardware classes that a worker which lives at that moment serves
HardwareAt = Callable[[datetime], Collection[str]]
#: whether a phase's scorer was tried on a dataset version (name@version) for a task
Tried = Callable[["Phase", str, TaskSpec], bool]


class Above:
    """Before anybody told: nobody entered anything, no worker lives, everything was tried."""

    entries_of: EntriesOf = staticmethod(lambda _phases: {})
    hardware_at: HardwareAt = staticmethod(lambda _now: ())
    tried: Tried = staticmethod(lambda _phase, _dataset, _task: True)


above = Above()
