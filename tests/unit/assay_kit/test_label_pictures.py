"""Pictures of label maps: drawn by the organiser's command from images and from what a container wrote."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from evaluators.contract.pictures import DIFFERENCE_COLOURS, Difference, PictureIn
from evaluators.contract.tasks import TaskSpec
from evaluators.phantoms.nifti import write_nifti
from tests.unit.assay_kit.conftest import Person
from tests.unit.assay_kit.site import Site, phase

SEED = "a secret that nobody else has\n"


def task(axes: str = "x y", **classes: str) -> TaskSpec:
    return TaskSpec.model_validate(
        {
            "kind": "segmentation",
            "layout": "image-and-labels",
            "input": "{subject}/image.nii.gz",
            "output": {
                "path": "same-as-input", "formats": ["nifti"], "dtype": "uint8", "axes": axes,
                "classes": {int(label[1:]): name for label, name in classes.items()},
            },
            "case": ["subject"],
            "independent": "subject",
            "strata": {},
            "metrics": [{"metric": "dice"}, {"metric": "betti_error", "connectivity": "high"}],
            "ranking": {"rule": "rank_then_mean", "missing": "worst"},
        }
    )  # fmt: skip


def upload(person: Person, scan: str, *, subjects: int = 2) -> None:
    words = ("dataset", "phantom", "--name", "demo", "--version", "1", "--scan", scan, "--public", "--seed-file", "-")
    ran = person.runs(*words, "--subjects", str(subjects), stdin=SEED)
    assert ran.code == 0, ran.err


def write_outputs(site: Site, root: Path, change: Any) -> None:
    """What a container would have written: `change` of every reference, on its grid."""
    for case in site.manifests["demo@1"].cases:
        reference = np.load(io.BytesIO(site.blobs[case.references[0].sha256]), allow_pickle=False)
        path = root / case.inputs[0].path.replace("{name}", case.group.split("/")[0])
        write_nifti(path=path, values=change(reference), affine=np.array(case.affine))


def colours(one: PictureIn) -> set[tuple[int, ...]]:
    found = Image.open(io.BytesIO(one.png)).convert("RGB").getcolors(maxcolors=2**16)
    assert found is not None
    return {colour for _, colour in found}  # type: ignore[misc]


def told(which: Difference) -> tuple[int, ...]:
    return tuple(bytes.fromhex(DIFFERENCE_COLOURS[which.number - 1][1:]))


@pytest.mark.parametrize(
    ("scan", "size", "slices", "sides"),
    [("topology-pictures", (96, 96), 1, ""), ("topology-volumes", (48, 48), 48, "LRAP")],
)
def test_a_public_sample_brings_image_and_reference(
    alice: Person, site: Site, scan: str, size: tuple[int, int], slices: int, sides: str
) -> None:
    upload(alice, scan)
    put = site.pictures["demo@1"]
    labels = [case.label for case in site.manifests["demo@1"].cases]
    assert {(one.case, one.kind) for one in put} == {
        (label, kind) for label in labels for kind in ("input", "reference")
    }
    assert {(one.width, one.height) for one in put} == {size}
    assert {(one.frames, one.slices, one.sides) for one in put} == {(slices, slices, sides)}
    # three planes need three axes
    volumes = {(one.case, one.kind) for one in site.volumes.get("demo@1", ())}
    assert volumes == ({(one.case, one.kind) for one in put} if slices > 1 else set())


def test_what_a_method_missed_and_added_is_drawn_from_what_its_container_wrote(alice: Person, site: Site) -> None:
    upload(alice, "topology-volumes", subjects=1)
    site.phases.append(phase("topology/volumes/test").model_copy(update={"task": task("x y z", c1="structure")}))
    site.pictures.clear()
    outputs = alice.work / "output"
    write_outputs(site, outputs, lambda reference: np.roll(reference, 2, axis=0))
    words = ("dataset", "pictures", "demo", "--version", "1", "--outputs", str(outputs), "--phase", "volumes/test")
    ran = alice.runs(*words, "--method", "Moved")

    assert ran.code == 0, ran.err
    put = site.pictures["demo@1"]
    assert [(one.kind, one.method, one.label) for one in put] == [("image", "Moved", 0), ("error", "Moved", 0)]
    assert {told(Difference.MISSED), told(Difference.ADDED)} <= colours(put[1])
    assert [(one.kind, one.method) for one in site.volumes["demo@1"][-2:]] == [("image", "Moved"), ("error", "Moved")]
    assert "2 pictures and 2 volumes for the viewer" in ran.err

    site.pictures.clear()
    write_outputs(site, outputs, lambda reference: reference)
    assert alice.runs(*words, "--method", "Perfect").code == 0
    errors = [colours(one) for one in site.pictures["demo@1"] if one.kind == "error"]
    assert [{which for which in Difference if told(which) in found} for found in errors] == [set()]


def test_where_topology_is_wrong_comes_with_the_difference_of_a_task_that_counts_it(alice: Person, site: Site) -> None:
    upload(alice, "topology-pictures", subjects=1)
    site.phases.append(phase("topology/pictures/test").model_copy(update={"task": task(c1="structure")}))
    site.pictures.clear()
    outputs = alice.work / "output"

    def with_a_speck(reference: np.ndarray) -> np.ndarray:
        changed = reference.copy()
        x, y = np.argwhere(ndimage.minimum_filter(reference == 0, size=5))[0]
        changed[x, y] = 1
        return changed

    write_outputs(site, outputs, with_a_speck)
    words = ("dataset", "pictures", "demo", "--version", "1", "--method", "Speck", "--phase", "pictures/test")
    assert alice.runs(*words, "--outputs", str(outputs)).code == 0
    image, error = site.pictures["demo@1"]
    topology = error.topology
    assert image.topology is None
    assert topology is not None
    assert (topology.connectivity, topology.found) == ("high", 1)
    (fault,) = topology.faults
    assert (fault.judged, fault.feature, fault.extra, fault.cause, fault.voxels) == (
        "structure", "piece", True, "alone", 1,
    )  # fmt: skip
    # a picture's y runs down, as it is stored
    assert (fault.x, fault.y) == fault.voxel
    pieces = topology.counts[0]
    assert (pieces.feature, pieces.prediction - pieces.reference) == ("piece", 1)


def test_several_classes_have_a_difference_each(alice: Person, site: Site) -> None:
    upload(alice, "topology-pictures", subjects=1)
    several = task(c1="structure", c2="lumen", c5="wall")
    site.phases.append(phase("topology/pictures/test").model_copy(update={"task": several}))
    site.pictures.clear()
    write_outputs(site, alice.work / "output", lambda reference: reference)
    words = ("dataset", "pictures", "demo", "--version", "1", "--method", "Perfect", "--phase", "pictures/test")
    assert alice.runs(*words, "--outputs", str(alice.work / "output")).code == 0
    assert [one.label for one in site.pictures["demo@1"] if one.kind == "error"] == [0, 1, 2, 5]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda reference: reference[:-1], "BAD_SHAPE"),
        (lambda reference: reference * np.uint8(7), "BAD_VALUE"),
    ],
)
def test_a_label_map_that_would_not_be_scored_is_not_drawn(alice: Person, site: Site, change: Any, code: str) -> None:
    upload(alice, "topology-pictures", subjects=1)
    site.phases.append(phase("topology/pictures/test").model_copy(update={"task": task(c1="structure")}))
    site.pictures.clear()
    write_outputs(site, alice.work / "output", change)
    words = ("dataset", "pictures", "demo", "--version", "1", "--method", "Broken", "--phase", "pictures/test")
    ran = alice.runs(*words, "--outputs", str(alice.work / "output"))
    assert (ran.code, site.pictures) == (1, {})
    assert code in ran.err


def test_a_site_that_does_not_tell_tasks_is_told_so(alice: Person, site: Site) -> None:
    upload(alice, "topology-pictures", subjects=1)
    words = ("dataset", "pictures", "demo", "--version", "1", "--method", "U-Net", "--outputs", str(alice.work))
    ran = alice.runs(*words, "--phase", "demo/mapping/test")
    assert ran.code == 2
    assert "leave --phase out" in ran.err
