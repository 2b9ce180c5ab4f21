"""What the scorer needs to know of a case before it opens a file, and what it hands to the metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class OutputSpec:
    """One array that must be found in one file: known before any file of a container is opened."""

    path: str
    variable: str
    #: numpy order as the task names the axes
    shape: tuple[int, ...]
    #: numpy kind and width, such as ("f4", "f8")
    dtypes: tuple[str, ...]
    #: accepted formats, such as ("mat-v7", "mat-v7.3"); never sniffed beyond telling these apart
    formats: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Scorable:
    """A prediction lined up with its reference: same shape, axes named."""

    prediction: NDArray[np.float64] | NDArray[np.float32]
    reference: NDArray[np.float64] | NDArray[np.float32]
    axes: str


Strata = Mapping[str, str]
