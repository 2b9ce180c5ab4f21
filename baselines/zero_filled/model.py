"""Zero-filled reconstruction: what was not measured is taken as zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baselines.cine.io import zero_filled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from baselines.cine.io import Scan


def reconstruct(scan: Scan) -> NDArray[np.float32]:
    """A scan -> magnitude (frame, slice, y, x): root sum of squares over coils of the inverse Fourier transform."""
    return zero_filled(scan.kspace)
