"""Pictures of a public sample of label maps, drawn here: the world's task made one of segmentation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.datasets.models import Case
from assay.datasets.pictures import put_picture, put_volume
from evaluators.contract.pictures import TopologyIn
from evaluators.contract.tasks import TaskSpec
from evaluators.contract.volumes import VolumeIn
from evaluators.pictures.labels import difference, draw_classes, draw_difference, draw_input, shades
from evaluators.pictures.sending import picture_of
from evaluators.pictures.topology import topology_of
from evaluators.pictures.view import view_of
from evaluators.pictures.volumes import volume_of
from tests.unit.assay.web.world import World

METRICS = [{"metric": "dice"}, {"metric": "betti_error", "connectivity": "high"}]
AFFINE = np.diag([-1.0, -1.0, 2.0, 1.0])


def make_segmentation(world: World, *, axes: str, classes: dict[str, str]) -> TaskSpec:
    """The world's task asks for label maps from now on."""
    task = world.phase.task
    output = {"path": "same-as-input", "formats": ["nifti"], "dtype": "uint8", "axes": axes, "classes": classes}
    task.spec = {
        **task.spec,
        "kind": "segmentation",
        "layout": "image-and-labels",
        "output": output,
        "metrics": METRICS,
    }
    task.save()
    return task.parsed()


def maps(axes: int) -> tuple[NDArray[Any], NDArray[np.uint8], NDArray[np.uint8]]:
    """(image, reference, prediction): a ring that the prediction tears, a disc that it misses, a speck that it adds."""
    shape = (64, 56) if axes == 2 else (64, 56, 9)
    x, y = np.indices(shape)[:2]
    z = np.indices(shape)[2] - 4 if axes == 3 else np.zeros(shape)
    far = np.hypot(x - 24, y - 28)
    reference = np.zeros(shape, dtype=np.uint8)
    reference[(far > 11) & (far < 16) & (abs(z) < 3)] = 1
    reference[(np.hypot(x - 52, y - 14) < 5) & (abs(z) < 2)] = 2
    prediction = reference.copy()
    prediction[(x > 30) & (abs(y - 28) < 3)] = 0
    prediction[reference == 2] = 0
    prediction[(abs(x - 52) < 3) & (abs(y - 44) < 3) & (z == 0)] = 1
    noise = np.random.default_rng(0).normal(0, 8, shape)
    return 40 + 100 * (reference > 0) + noise + 0.3 * x, reference, prediction


def draw_label_sample(world: World, *methods: str, axes: int = 2, cases: int = 2) -> None:
    """Image and reference of the first cases; of each method its map, the differences and where its topology is wrong."""
    names = {"1": "wall", "2": "lumen"} if axes == 3 else {"1": "structure"}
    task = make_segmentation(world, axes="x y z" if axes == 3 else "x y", classes=names)
    sample = world.phase.sample
    assert sample is not None
    image, reference, prediction = maps(axes)
    if axes == 2:
        reference[reference == 2] = 1
    view, greys = view_of(reference.shape, affine=AFFINE), shades(image)
    for case in sample.cases.all()[:cases]:
        case.shape = list(reference.shape)
        case.save()
        _put(world, case, "input", draw_input(greys, view=view), view=view)
        _put(world, case, "reference", draw_classes(reference, greys, view=view), view=view)
        if axes == 3:
            _put_volume(world, case, volume_of(case.label, "input", shades(image, most=255), affine=AFFINE))
            _put_volume(world, case, volume_of(case.label, "reference", reference, affine=AFFINE))
        for method in methods:
            if axes == 3:
                different = difference(prediction, reference)
                _put_volume(world, case, volume_of(case.label, "image", prediction, affine=AFFINE, method=method))
                _put_volume(world, case, volume_of(case.label, "error", different, affine=AFFINE, method=method))
            _put(world, case, "image", draw_classes(prediction, greys, view=view), view=view, method=method)
            topology = topology_of(prediction, reference, task=task, view=view)
            for label in (0, *(map(int, names) if len(names) > 1 else ())):
                sheet = draw_difference(difference(prediction, reference, label=label), greys, view=view)
                told = None if label else topology
                _put(world, case, "error", sheet, view=view, method=method, label=label, topology=told)


def _put_volume(world: World, case: Case, volume: VolumeIn) -> None:
    put_volume(actor=world.people["organiser"], dataset=case.dataset, volume=volume, now=world.now)


def _put(world: World, case: Case, kind: str, sheet: Any, *, topology: TopologyIn | None = None, **words: Any) -> None:
    put_picture(
        actor=world.people["organiser"],
        dataset=case.dataset,
        picture=picture_of(case.label, kind, sheet, topology=topology, **words),
        now=world.now,
    )
