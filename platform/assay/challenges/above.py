"""What only apps above this one know, told through functions that they put here when the site starts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

#: phases by key -> how many entries stand in each; phases without one may be left out
EntriesOf = Callable[[Collection[int]], Mapping[int, int]]
#: hardware classes that a worker which lives at that moment serves
HardwareAt = Callable[[datetime], Collection[str]]


class Above:
    """Before anybody told: nobody entered anything, no worker lives."""

    entries_of: EntriesOf = staticmethod(lambda _phases: {})
    hardware_at: HardwareAt = staticmethod(lambda _now: ())


above = Above()
