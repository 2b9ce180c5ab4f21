"""Pictures of the world's public sample, drawn here."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from assay.datasets.models import Case
from assay.datasets.pictures import put_picture
from evaluators.contract.pictures import PictureIn
from evaluators.pictures.case import Drawn, draw_error, draw_image, draw_reference
from tests.unit.assay.web.world import World


def draw_sample(world: World, *methods: str, cases: int = 2, frames: int = 6) -> None:
    """A bright disc that beats, for the first cases; each method adds more noise than the one before."""
    sample = world.phase.sample
    assert sample is not None
    x, y = np.mgrid[:72, :96]
    for case in sample.cases.all()[:cases]:
        radii = 20 + 6 * np.cos(np.linspace(0, 2 * np.pi, frames, endpoint=False) + case.index)
        disc = np.stack([(x - 36) ** 2 + (y - 48) ** 2 < radius**2 for radius in radii], axis=-1)[:, :, None]
        reference = 0.2 + 0.8 * disc
        _put(world, case, "reference", draw_reference(reference))
        for number, method in enumerate(methods, start=1):
            noise = np.random.default_rng(number).normal(0, 0.02 * number, reference.shape)
            _put(world, case, "image", draw_image(reference + noise, reference), method=method)
            _put(world, case, "error", draw_error(reference + noise, reference), method=method)


def _put(world: World, case: Case, kind: str, drawn: Drawn, *, method: str = "") -> None:
    sheet = drawn.sheet
    document: dict[str, Any] = {
        "case": case.label, "kind": kind, "method": method, "frames": sheet.frames, "columns": sheet.columns,
        "width": sheet.width, "height": sheet.height, "slice_number": drawn.slice_number, "slices": drawn.slices,
        "png": base64.b64encode(sheet.png),
    }  # fmt: skip
    put_picture(
        actor=world.people["organiser"],
        dataset=case.dataset,
        picture=PictureIn.model_validate(document),
        now=world.now,
    )
