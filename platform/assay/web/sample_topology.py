"""Where the topology of a prediction is wrong, in words and as marks on its pictures."""

from __future__ import annotations

from dataclasses import dataclass

from evaluators.contract.pictures import CountIn, FaultIn, TopologyIn

#: (is a piece, extra, cause) -> what happened; {feature} is hole or cavity
_SENTENCES = {
    (True, True, "alone"): "extra piece, apart from all of the reference",
    (True, True, "divided"): "piece broken off: in the reference it hangs together with another",
    (True, False, "alone"): "missing piece: nothing was found there",
    (True, False, "joined"): "piece melted into another: the reference has two",
    (False, True, "filled"): "extra {feature} where the reference is solid",
    (False, True, "open"): "extra {feature}: closed off where the reference is open",
    (False, True, "divided"): "{feature} divided: the reference has one",
    (False, False, "filled"): "missing {feature}: it is filled",
    (False, False, "open"): "missing {feature}: its wall is open",
    (False, False, "joined"): "{feature} joined with another: the reference has two",
}
_MANY = {"piece": "pieces", "hole": "holes", "loop": "loops", "cavity": "cavities"}
#: connectivity, number of axes -> neighbours that hang together in the structure and in what is not
_NEIGHBOURS = {("low", 2): (4, 8), ("high", 2): (8, 4), ("low", 3): (6, 26), ("high", 3): (26, 6)}


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One fault: its number in the list, what it is, and where it lies on a sheet and on a single frame."""

    number: int
    extra: bool
    judged: str
    words: str
    place: str
    voxels: int
    #: of the picture, from 1 on
    frame: int
    #: per cent of one frame, and of the whole sheet
    x: str
    y: str
    left: str
    top: str


@dataclass(frozen=True, kw_only=True)
class Count:
    """Features of one kind in both maps."""

    judged: str
    feature: str
    prediction: int
    reference: int


@dataclass(frozen=True, kw_only=True)
class Topology:
    """What the page lists beside a prediction."""

    marks: tuple[Mark, ...]
    counts: tuple[Count, ...]
    #: faults that are not listed
    more: int
    neighbours: tuple[int, int]
    volume: bool


def topology_of(told: TopologyIn, *, columns: int, frames: int, width: int, height: int, volume: bool) -> Topology:
    """The marks on pictures of this layout (see `PictureIn`)."""
    rows = -(-frames // columns)
    marks = [
        _mark(fault, number=number, columns=columns, rows=rows, width=width, height=height)
        for number, fault in enumerate(told.faults, start=1)
    ]
    return Topology(
        marks=tuple(marks),
        counts=tuple(_count(one) for one in told.counts),
        more=max(0, told.found - len(marks)),
        neighbours=_NEIGHBOURS[told.connectivity, 3 if volume else 2],
        volume=volume,
    )


def _mark(fault: FaultIn, *, number: int, columns: int, rows: int, width: int, height: int) -> Mark:
    row, column = divmod(fault.frame, columns)
    x, y = (fault.x + 0.5) / width, (fault.y + 0.5) / height
    sentence = _SENTENCES[fault.feature == "piece", fault.extra, fault.cause]
    return Mark(
        number=number,
        extra=fault.extra,
        judged=fault.judged,
        words=sentence.format(feature=fault.feature),
        place=", ".join(map(str, fault.voxel)),
        voxels=fault.voxels,
        frame=fault.frame + 1,
        x=f"{100 * x:.3f}",
        y=f"{100 * y:.3f}",
        left=f"{100 * (column + x) / columns:.3f}",
        top=f"{100 * (row + y) / rows:.3f}",
    )


def _count(one: CountIn) -> Count:
    return Count(judged=one.judged, feature=_MANY[one.feature], prediction=one.prediction, reference=one.reference)
