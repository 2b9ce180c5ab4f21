"""The sample viewer: a public case's reference, an image beside it and the error between the two, frame by frame.

Of label maps: the image, the classes of the reference and of a prediction on it, and what was missed or added, slice by slice.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from assay.challenges.models import Phase
from assay.datasets.models import Case, Picture, PictureKind
from assay.datasets.selectors import pictures_of, volumes_of
from assay.web.sample_topology import Topology, topology_of
from evaluators.contract.pictures import DIFFERENCE_COLOURS, ERROR_WINDOW, Difference, TopologyIn, class_colour


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One of the pictures."""

    title: str
    kind: str
    url: str
    frames: int
    columns: int
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Key:
    """A colour and what it stands for."""

    title: str
    colour: str


#: of a difference, by its values from 1 on
_DIFFERENCE = tuple(
    Key(title=str(which), colour=colour) for which, colour in zip(Difference, DIFFERENCE_COLOURS, strict=True)
)


@dataclass(frozen=True, kw_only=True)
class Link:
    """A case or a method to look at."""

    title: str
    url: str
    current: bool


@dataclass(frozen=True, kw_only=True)
class Overlay:
    """A volume to lay on the image: its values from 1 on have these colours."""

    title: str
    url: str
    keys: tuple[Key, ...]


@dataclass(frozen=True, kw_only=True)
class Volumes:
    """What three planes can be cut through."""

    image: str
    #: voxels of the case from voxel to voxel
    step: int
    overlays: tuple[Overlay, ...]


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What a page of label maps shows beside its pictures."""

    #: of the classes, and of the difference
    classes: tuple[Key, ...]
    difference: tuple[Key, ...]
    #: which differences there are to choose from
    links: tuple[Link, ...]
    #: left, right, above, below; empty where nobody knows
    sides: str
    topology: Topology | None
    volumes: Volumes | None


@dataclass(frozen=True, kw_only=True)
class SamplePage:
    """What the viewer shows; `shots` is empty where nothing was drawn."""

    dataset: str
    case: str
    strata: tuple[tuple[str, str], ...]
    method: str
    shots: tuple[Shot, ...]
    frames: int
    slice_words: str
    #: of the first frame, from frame to frame (0: all frames are of one slice), and how many there are
    stack: tuple[int, int, int]
    #: None: images, no label maps
    labels: Labels | None
    cases: tuple[Link, ...]
    methods: tuple[Link, ...]
    #: the error of the brightest colour, per cent of the image's maximum
    window: int = round(100 * ERROR_WINDOW)

    def document(self) -> dict[str, Any]:
        """The JSON twin."""
        return {
            "dataset": self.dataset,
            "case": self.case,
            "method": self.method,
            "slice": self.slice_words,
            **({"error_window": ERROR_WINDOW} if self.labels is None else {"labels": asdict(self.labels)}),
            "pictures": [asdict(shot) for shot in self.shots],
            "cases": [link.title for link in self.cases],
            "methods": [link.title for link in self.methods],
        }


def sample_page(phase: Phase, *, case: str, method: str, of_class: str = "") -> SamplePage | None:
    """The viewer of a phase's sample; None where it has none, or a hidden one. Unknown words fall back to the first there is."""
    sample = phase.sample
    if sample is None or not sample.is_public:
        return None
    found = pictures_of(sample)
    case_labels = list(dict.fromkeys(one.case.label for one in found))
    label = case if case in case_labels else next(iter(case_labels), "")
    own = [one for one in found if one.case.label == label]
    methods = list(dict.fromkeys(one.method for one in own if one.method))
    chosen = method if method in methods else next(iter(methods), "")
    beside = [one for one in own if one.method in {"", chosen}]
    task = phase.task.parsed()
    names = {str(number): name for number, name in task.output.classes.items()}
    differences = [one for one in beside if one.kind == PictureKind.ERROR]
    of_label = next((one.label for one in differences if names.get(str(one.label)) == of_class), 0)
    order = list(PictureKind)
    shown = sorted(
        (one for one in beside if one.kind != PictureKind.ERROR or one.label == of_label),
        key=lambda one: order.index(PictureKind(one.kind)),
    )
    strata = own[0].case.strata if own else {}
    return SamplePage(
        dataset=str(sample),
        case=label,
        strata=tuple((spec.title, spec.values.get(strata.get(name, ""), "–")) for name, spec in task.strata.items()),
        method=chosen,
        shots=tuple(_shot(one, dataset=sample.name, version=sample.version, labels=bool(names)) for one in shown),
        frames=min((one.frames for one in shown), default=0),
        slice_words=f"{shown[0].slice_number} of {shown[0].slices}" if shown else "",
        stack=(shown[0].slice_number, shown[0].slice_step, shown[0].slices) if shown else (1, 0, 1),
        labels=_labels(differences, shown=shown, names=names, of_label=of_label, case=label, method=chosen)
        if names
        else None,
        cases=tuple(_link(one, current=one == label, case=one, method=chosen) for one in case_labels),
        methods=tuple(_link(one, current=one == chosen, case=label, method=one) for one in methods),
    )


def _labels(
    differences: list[Picture], *, shown: list[Picture], names: dict[str, str], of_label: int, case: str, method: str
) -> Labels:
    drawn = [one for one in differences if one.label == 0 or str(one.label) in names]
    told = next((one for one in differences if one.topology), None)
    multiclass = len(names) > 1
    return Labels(
        classes=tuple(Key(title=name, colour=class_colour(int(number))) for number, name in names.items()),
        difference=tuple(
            key for key in _DIFFERENCE if key.title != Difference.OTHER_CLASS or (multiclass and of_label == 0)
        )
        if differences
        else (),
        links=tuple(
            _link(
                names[str(one.label)] if one.label else "all",
                current=one.label == of_label,
                case=case,
                method=method,
                **({"class": names[str(one.label)]} if one.label else {}),
            )
            for one in drawn
        )
        if multiclass and len(drawn) > 1
        else (),
        sides=shown[0].sides if shown else "",
        topology=None if told is None else _topology(told),
        volumes=_volumes(shown[0].case, names=names, method=method) if shown else None,
    )


def _volumes(case: Case, *, names: dict[str, str], method: str) -> Volumes | None:
    there = {one.kind: one for one in volumes_of(case) if one.method in {"", method}}
    if PictureKind.INPUT not in there:
        return None

    def url(kind: str) -> str:
        return reverse("api:dataset-volume", args=[case.dataset.name, case.dataset.version, there[kind].sha256])

    by_label = {int(number): name for number, name in names.items()}
    # the viewer colours by value, so that there is one for each up to the last
    classes = tuple(
        Key(title=by_label.get(label, ""), colour=class_colour(label))
        for label in range(1, min(max(by_label), 255) + 1)
    )
    titles = {
        PictureKind.REFERENCE: ("Reference", classes),
        PictureKind.IMAGE: (method, classes),
        PictureKind.ERROR: ("Difference", _DIFFERENCE),
    }
    return Volumes(
        image=url(PictureKind.INPUT),
        step=there[PictureKind.INPUT].step,
        overlays=tuple(
            Overlay(title=title, url=url(kind), keys=keys) for kind, (title, keys) in titles.items() if kind in there
        ),
    )


def _topology(picture: Picture) -> Topology:
    return topology_of(
        TopologyIn.model_validate(picture.topology),
        columns=picture.columns,
        frames=picture.frames,
        width=picture.width,
        height=picture.height,
        volume=len(picture.case.shape) == 3,
    )


def _shot(picture: Picture, *, dataset: str, version: int, labels: bool) -> Shot:
    kind, method = PictureKind(picture.kind), picture.method
    titles = {
        PictureKind.INPUT: "Image",
        PictureKind.REFERENCE: "Reference",
        PictureKind.IMAGE: method,
        PictureKind.ERROR: f"Difference of {method}" if labels else f"Error of {method}",
    }
    return Shot(
        title=titles[kind],
        kind=kind.value,
        url=reverse("api:dataset-picture", args=[dataset, version, picture.sha256]),
        frames=picture.frames,
        columns=picture.columns,
        width=picture.width,
        height=picture.height,
    )


def _link(title: str, *, current: bool, **words: str) -> Link:
    return Link(title=title, url="?" + urlencode(words), current=current)
