"""A volume on another intensity scale, computed as it is read: nothing the size of a volume is copied for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.floating[Any]]
#: float32's smallest normal number: nothing smaller is a signal, and dividing by it has no bound
FAINTEST = float(np.finfo(np.float32).tiny)
#: a number a picture
Numbers = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Scaled:
    """(value - offset) / divisor in float64, or (|value| - offset) / divisor: a linear map for each picture.

    values: (x, y, ...), real and finite, which nobody writes to while this is in use. offset, divisor: (...), one number a
    picture; a divisor of infinity makes the picture all zero. `np.asarray` gives the scaled volume as an array.
    """

    values: Real
    offset: Numbers
    divisor: Numbers
    #: the absolute value is what counts
    magnitude: bool = False
    #: errors and energies are summed over the whole volume, not picture by picture: fastMRI's PSNR and NMSE
    pooled: bool = False
    #: what metrics keep here for each other, about this volume as the reference: prediction -> what they found
    shared: WeakKeyDictionary[Scaled, Any] = field(default_factory=WeakKeyDictionary, repr=False)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the volume."""
        return self.values.shape

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """The scaled volume (x, y, ...), always a new array; float64 unless asked otherwise."""
        read = np.abs(self.values) if self.magnitude else self.values
        return ((read.astype(np.float64) - self.offset) / self.divisor).astype(dtype or np.float64, copy=False)

    def over(self, ranges: Numbers) -> Scaled:
        """The same, each picture divided by its data range in `ranges` (...), so that the range is 1."""
        return Scaled(
            values=self.values,
            offset=self.offset,
            divisor=self.divisor * ranges,
            magnitude=self.magnitude,
            pooled=self.pooled,
        )


Volume = Real | Scaled


def as_scaled(volume: Volume) -> Scaled:
    """A plain array (x, y, ...) keeps its scale."""
    if isinstance(volume, Scaled):
        return volume
    pictures = volume.shape[2:]
    return Scaled(values=volume, offset=np.zeros(pictures), divisor=np.ones(pictures))


def each_picture(volume: Real, function: Callable[[Numbers], tuple[float, ...]]) -> tuple[Numbers, ...]:
    """A few numbers of every picture (x, y) of a volume (x, y, ...), each (...): one picture is in float64 at a time."""
    found = [function(volume[:, :, *place].astype(np.float64)) for place in np.ndindex(volume.shape[2:])]
    return tuple(np.array(numbers).reshape(volume.shape[2:]) for numbers in zip(*found, strict=True))
