"""What the library's challenge `topology` asks is what its sets and the segmentation kind can give."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from evaluators.importers.registry import LAYOUTS
from evaluators.metrics import METRICS
from evaluators.phantoms.topology.challenge import write_topology_set
from tests.unit.evaluators.library import scored, tasks_of

TASKS = tasks_of("topology")
AXES = {"pictures": 2, "volumes": 3}


@pytest.mark.parametrize("name", TASKS)
def test_a_written_set_comes_in_as_cases_of_the_task(name: str, tmp_path: Path) -> None:
    write_topology_set(root=tmp_path, set_name="TestSet", subjects=3, seed=b"s", axes=AXES[name])
    found = LAYOUTS[TASKS[name].layout](
        root=tmp_path, set_name="TestSet", staging=tmp_path / "staging", key=None, seed="s"
    )
    values = TASKS[name].strata["shape"].values
    assert {case.strata["shape"] for case in found.manifest.cases} <= set(values)
    for case in found.manifest.cases:
        assert len(case.shape) == len(TASKS[name].output.axes.split())
        reference = np.load(found.files[case.references[0].sha256])
        perfect = scored(TASKS[name], prediction=reference, reference=reference)
        assert {key: value for key, value in perfect.items() if value} == {"dice": 1.0, "cldice": 1.0}
    image: Any = nib.load(next(tmp_path.glob("TestSet/image/*.nii.gz")))
    assert image.shape == found.manifest.cases[0].shape


def test_a_torn_ring_and_a_speck_are_counted_where_they_belong() -> None:
    axis = np.arange(32) - 15.5
    ring = (np.abs(np.hypot(axis[:, None], axis) - 9) < 1.6).astype(np.uint8)
    torn = ring.copy()
    torn[15:17, 16:] = 0
    torn[1, 1] = 1
    found = scored(TASKS["pictures"], prediction=torn, reference=ring)
    assert (found["betti_0"], found["betti_1"], found["euler_error"]) == (1, 1, 2)
    assert found["betti_matching"] == 2
    # the ring itself counts although it is the oldest piece: two features stand against nothing
    assert scored(TASKS["pictures"], prediction=0 * ring, reference=ring)["betti_matching"] == 2


def test_a_pierced_shell_loses_its_cavity_in_a_volume() -> None:
    axis = np.arange(24) - 11.5
    distance = np.sqrt(axis[:, None, None] ** 2 + axis[:, None] ** 2 + axis**2)
    shell = (np.abs(distance - 7) < 1.3).astype(np.uint8)
    pierced = shell.copy()
    pierced[11:13, 11:13, 12:] = 0
    found = scored(TASKS["volumes"], prediction=pierced, reference=shell)
    assert (found["betti_0"], found["betti_1"], found["betti_2"]) == (0, 0, 1)


def test_connectivity_is_stated_for_every_count() -> None:
    for task in TASKS.values():
        for use in task.metrics:
            if "connectivity" in METRICS[use.metric].spec.options:
                assert use.options["connectivity"] == "high", use.key
