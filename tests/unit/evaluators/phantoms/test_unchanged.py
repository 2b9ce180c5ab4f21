"""Same seed, same data, also in the next release: hidden sets are simulated again from their seed alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from evaluators.phantoms.cine import CineSize, simulate_subject, write_cine_set
from evaluators.phantoms.real_anatomy import simulate_real_subject
from evaluators.phantoms.shapes import simulate_shapes

SIZE = CineSize(nx=48, ny=36, coils=4, slices=2, frames=3)


def fingerprint(kspace: np.ndarray) -> complex:
    """One number that another draw of anything at all would change; a hash would also tell two processors apart."""
    weights = np.cos(np.arange(kspace.size, dtype=np.float64)).reshape(kspace.shape)
    return complex(1e3 * (weights * kspace).sum())


@pytest.mark.parametrize(
    ("simulate", "sax", "lax"),
    [
        (simulate_subject, -0.0262323 + 0.1754706j, -0.1580153 - 0.7945610j),
        (simulate_real_subject, -2.1303741 + 9.5988559j, 8.6472605 + 18.2247145j),
        (simulate_shapes, 0.2876370 - 0.4223787j, 27.4577450 + 41.3080348j),
    ],
)
def test_a_subject_is_what_it_was_in_the_first_release(
    simulate: Callable[..., dict[Any, Any]], sax: complex, lax: complex
) -> None:
    scans = simulate(seed=b"hidden", subject=2, size=SIZE)
    found = {view: fingerprint(scan.kspace) for view, scan in scans.items()}
    assert found == {"sax": pytest.approx(sax, abs=1e-4), "lax": pytest.approx(lax, abs=1e-4)}


def test_files_of_a_set_are_what_they_were_in_the_first_release(tmp_path: Path) -> None:
    write_cine_set(root=tmp_path, set_name="TestSet", subjects=1, seed=b"hidden", size=SIZE)
    found = {}
    for name in ("AccFactor04/P001/cine_lax", "AccFactor10/P001/cine_sax", "FullSample/P001/cine_sax"):
        with h5py.File(tmp_path / f"MultiCoil/Cine/TestSet/{name}.mat") as file:
            stored = next(iter(file.values()))[()]
        found[name] = fingerprint(stored["real"] + 1j * stored["imag"])
    assert found == {
        "AccFactor04/P001/cine_lax": pytest.approx(-3.3033044 - 1.1132409j, abs=1e-4),
        "AccFactor10/P001/cine_sax": pytest.approx(2.4423939 + 4.4239468j, abs=1e-4),
        "FullSample/P001/cine_sax": pytest.approx(-0.4906888 - 1.1068532j, abs=1e-4),
    }
