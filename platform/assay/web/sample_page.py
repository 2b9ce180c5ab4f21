"""The sample viewer: a public case's reference, an image beside it and the error between the two, frame by frame."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from assay.challenges.models import Phase
from assay.datasets.models import Picture, PictureKind
from assay.datasets.selectors import pictures_of
from evaluators.contract.api import ERROR_WINDOW


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One of the three pictures."""

    title: str
    url: str
    frames: int
    columns: int
    width: int
    height: int
    error: bool


@dataclass(frozen=True, kw_only=True)
class Link:
    """A case or a method to look at."""

    title: str
    url: str
    current: bool


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
            "error_window": ERROR_WINDOW,
            "pictures": [asdict(shot) for shot in self.shots],
            "cases": [link.title for link in self.cases],
            "methods": [link.title for link in self.methods],
        }


def sample_page(phase: Phase, *, case: str, method: str) -> SamplePage | None:
    """The viewer of a phase's sample; None where it has none, or a hidden one. Unknown words fall back to the first there is."""
    sample = phase.sample
    if sample is None or not sample.is_public:
        return None
    found = pictures_of(sample)
    labels = list(dict.fromkeys(one.case.label for one in found))
    label = case if case in labels else next(iter(labels), "")
    own = [one for one in found if one.case.label == label]
    methods = list(dict.fromkeys(one.method for one in own if one.method))
    chosen = method if method in methods else next(iter(methods), "")
    shown = [
        one
        for kind in (PictureKind.REFERENCE, PictureKind.IMAGE, PictureKind.ERROR)
        for one in own
        if one.kind == kind and one.method in {"", chosen}
    ]
    titles = phase.task.parsed().strata
    strata = own[0].case.strata if own else {}
    return SamplePage(
        dataset=str(sample),
        case=label,
        strata=tuple((spec.title, spec.values.get(strata.get(name, ""), "–")) for name, spec in titles.items()),
        method=chosen,
        shots=tuple(_shot(one, method=chosen, dataset=sample.name, version=sample.version) for one in shown),
        frames=min((one.frames for one in shown), default=0),
        slice_words=f"{shown[0].slice_number} of {shown[0].slices}" if shown else "",
        cases=tuple(_link(one, current=one == label, case=one, method=chosen) for one in labels),
        methods=tuple(_link(one, current=one == chosen, case=label, method=one) for one in methods),
    )


def _shot(picture: Picture, *, method: str, dataset: str, version: int) -> Shot:
    titles = {PictureKind.REFERENCE: "Reference", PictureKind.IMAGE: method, PictureKind.ERROR: f"Error of {method}"}
    return Shot(
        title=titles[PictureKind(picture.kind)],
        url=reverse("api:dataset-picture", args=[dataset, version, picture.sha256]),
        frames=picture.frames,
        columns=picture.columns,
        width=picture.width,
        height=picture.height,
        error=picture.kind == PictureKind.ERROR,
    )


def _link(title: str, *, current: bool, case: str, method: str) -> Link:
    return Link(title=title, url="?" + urlencode({"case": case, "method": method}), current=current)
