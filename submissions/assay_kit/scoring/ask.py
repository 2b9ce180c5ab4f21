"""What a person asks of two files, its words understood but the files not opened yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from assay_kit.errors import WrongUsage
from assay_kit.scoring.axes import parse_axes
from evaluators.contract.metrics import Family, MetricSpec

#: a metric's memory grows with the highest label
HIGHEST_LABEL = 65_535

#: what the flags are for; a flag that a family has no use for is refused, since it would be believed
_TAKEN_BY: Mapping[Family, frozenset[str]] = {
    Family.IMAGE: frozenset({"axes", "reference_axes"}),
    Family.VOLUME: frozenset({"axes", "reference_axes", "mask"}),
    Family.LABELS: frozenset({"axes", "reference_axes", "spacing", "classes"}),
}


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Two files and how to read them. axes, spacing: in the order of the file's own array; None: not said."""

    prediction: Path
    reference: Path
    options: Mapping[str, str]
    variable: str | None = None
    reference_variable: str | None = None
    axes: tuple[str, ...] | None = None
    reference_axes: tuple[str, ...] | None = None
    spacing: tuple[float, ...] | None = None
    classes: tuple[int, ...] | None = None
    #: a file that is not 0 where values count
    mask: Path | None = None


def parse(
    spec: MetricSpec,
    *,
    prediction: Path,
    reference: Path,
    options: Mapping[str, str | None],
    variables: tuple[str | None, str | None] = (None, None),
    words: Mapping[str, str | None] | None = None,
) -> Ask:
    """The flags as typed, judged for this metric. Raises WrongUsage.

    variables: of the prediction and of the reference, which is called the same where it is not said. words: axes,
    reference_axes, spacing, classes and mask as typed.
    """
    given = {name: text for name, text in (words or {}).items() if text is not None}
    taken = _TAKEN_BY.get(spec.family, frozenset())
    if unused := sorted(set(given) - taken):
        raise WrongUsage(f"{spec.key} has no use for --{unused[0].replace('_', '-')}", next="assay score -h")
    axes = parse_axes(given["axes"]) if "axes" in given else None
    reference_axes = parse_axes(given["reference_axes"], flag="--reference-axes") if "reference_axes" in given else axes
    if axes is None and reference_axes is not None and spec.family is Family.LABELS:
        raise WrongUsage("--reference-axes without --axes: which axes has the prediction?", next="give both")
    return Ask(
        prediction=prediction,
        reference=reference,
        options={name: text for name, text in options.items() if text is not None},
        variable=variables[0],
        reference_variable=variables[1] or variables[0],
        axes=axes,
        reference_axes=reference_axes,
        spacing=_spacing(given["spacing"]) if "spacing" in given else None,
        classes=_classes(given["classes"]) if "classes" in given else None,
        mask=Path(given["mask"]) if "mask" in given else None,
    )


def _spacing(text: str) -> tuple[float, ...]:
    try:
        steps = tuple(float(part) for part in text.replace(",", " ").split())
    except ValueError:
        steps = ()
    if not steps or not all(isfinite(step) and step > 0 for step in steps):
        raise WrongUsage(f"--spacing {text!r}", next="write mm from voxel to voxel, one number an axis: 1.25,1.5,3")
    return steps


def _classes(text: str) -> tuple[int, ...]:
    try:
        classes = tuple(int(part) for part in text.replace(",", " ").split())
    except ValueError:
        classes = ()
    if not classes or min(classes) < 1 or max(classes) > HIGHEST_LABEL or len(set(classes)) != len(classes):
        raise WrongUsage(f"--classes {text!r}", next=f"write different labels from 1 to {HIGHEST_LABEL}: 1,2,3")
    return classes
