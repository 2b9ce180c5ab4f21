"""Drawn sheets as the site takes them."""

from __future__ import annotations

import base64
from typing import Any

from evaluators.contract.pictures import PictureIn, TopologyIn
from evaluators.pictures.sheet import Sheet
from evaluators.pictures.view import View


def picture_of(
    case: str,
    kind: str,
    sheet: Sheet,
    *,
    view: View,
    method: str = "",
    label: int = 0,
    topology: TopologyIn | None = None,
) -> PictureIn:
    """A sheet of slices of this view."""
    return sheet_of(
        case,
        kind,
        sheet,
        method=method,
        label=label,
        topology=topology,
        slice_number=view.first + 1,
        slice_step=view.step,
        slices=view.slices,
        sides=view.sides,
    )


def sheet_of(case: str, kind: str, sheet: Sheet, **fields: Any) -> PictureIn:
    """fields: the rest of `PictureIn`."""
    document = {
        "case": case, "kind": kind, "frames": sheet.frames, "columns": sheet.columns, "width": sheet.width,
        "height": sheet.height, "png": base64.b64encode(sheet.png), **fields,
    }  # fmt: skip
    return PictureIn.model_validate(document)
