"""Pictures of public cases as the organiser's command sends them, and what their colours stand for."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, model_validator

_STRICT = ConfigDict(frozen=True, extra="forbid")
#: the error that an error map shows in its brightest colour, as a share of the image's maximum
ERROR_WINDOW = 0.1
#: bytes of one picture
MOST_PICTURE = 2**21
#: places where topology is wrong that are told of one case and method
MOST_FAULTS = 40
#: of classes, by label: Okabe and Ito's colours, which people with any colour vision tell apart on black
CLASS_COLOURS = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#cc79a7", "#d55e00", "#0072b2")


class Difference(StrEnum):
    """What a voxel of the difference between two label maps is; its place in this order is its number, from 1 on."""

    MISSED = "missed"
    ADDED = "added"
    OTHER_CLASS = "other class"
    RIGHT = "right"

    @property
    def number(self) -> int:
        """As the voxels of a difference store it; 0 is background in both."""
        return list(Difference).index(self) + 1


#: of `Difference`, in its order
DIFFERENCE_COLOURS = ("#d55e00", "#56b4e9", "#f0e442", "#b8c2cc")


def class_colour(label: int) -> str:
    """#rrggbb of a class, by its label (1 or more); the eighth has the first one's again."""
    return CLASS_COLOURS[(label - 1) % len(CLASS_COLOURS)]


class FaultIn(BaseModel):
    """One piece, loop or cavity that a prediction has too many or too few, and where it lies."""

    model_config = _STRICT

    judged: str = Field(max_length=40, description="the class or region, by its name")
    feature: Literal["piece", "hole", "cavity"]
    extra: bool = Field(description="the prediction has it and the reference has not; else the other way round")
    cause: Literal["alone", "divided", "joined", "filled", "open"]
    voxels: int = Field(ge=1, description="how large it is")
    voxel: tuple[Annotated[int, Field(ge=0)], ...] = Field(min_length=2, max_length=3, description="counted from 0")
    frame: int = Field(ge=0, lt=64, description="of the picture, where it is marked, and the pixel there")
    x: int = Field(ge=0, lt=1024)
    y: int = Field(ge=0, lt=1024)

    @model_validator(mode="after")
    def _has_happened(self) -> FaultIn:
        causes = {"alone"} if self.feature == "piece" else {"filled", "open"}
        if self.cause not in causes | {"divided" if self.extra else "joined"}:
            raise ValueError(f"no {self.feature} is {'extra' if self.extra else 'missing'} because it is {self.cause}")
        return self


class CountIn(BaseModel):
    """How many features of one kind both maps have."""

    model_config = _STRICT

    judged: str = Field(max_length=40)
    feature: Literal["piece", "hole", "loop", "cavity"]
    prediction: int = Field(ge=0)
    reference: int = Field(ge=0)


class TopologyIn(BaseModel):
    """Where a method's topology is wrong in one case."""

    model_config = _STRICT

    connectivity: Literal["low", "high"]
    counts: tuple[CountIn, ...] = Field(max_length=120)
    faults: tuple[FaultIn, ...] = Field(max_length=MOST_FAULTS, description="largest first")
    found: int = Field(ge=0, description="how many there are; the list may end earlier")


class OfCase(BaseModel):
    """What a picture and a volume say first: the case, and what of it is shown."""

    model_config = _STRICT

    case: str = Field(max_length=64, description="the case's label")
    kind: Literal["input", "reference", "image", "error"]
    method: str = Field(default="", max_length=80, description="whose image or error it is; empty for the others")

    @model_validator(mode="after")
    def _whose(self) -> Self:
        if bool(self.method) == (self.kind in {"input", "reference"}):
            raise ValueError("an image and an error belong to a method, an input and a reference to none")
        return self


class PictureIn(OfCase):
    """PUT /datasets/{name}/{version}/pictures: one picture of a case of a public version, in place of an earlier one.

    All frames of one slice, or slices of one volume, lie in one PNG, row by row. A hidden version has no pictures.
    """

    label: int = Field(default=0, ge=0, lt=2**16, description="the class that an error is of; 0: the whole")
    frames: int = Field(ge=1, le=64)
    columns: int = Field(ge=1, le=64)
    width: int = Field(ge=1, le=1024, description="pixels of one frame")
    height: int = Field(ge=1, le=1024)
    slice_number: int = Field(ge=1, le=1000, description="the slice, or the first one")
    slice_step: int = Field(default=0, ge=0, le=1000, description="slices from frame to frame; 0: all of one slice")
    slices: int = Field(ge=1, le=1000)
    sides: str = Field(
        default="",
        pattern="^([LRPAIS]{4})?$",
        description="what lies left, right, above and below: R is the patient's right",
    )
    topology: TopologyIn | None = Field(default=None, description="of an error of the whole; None: not looked at")
    png: Base64Bytes = Field(max_length=MOST_PICTURE)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.kind != "error" and self.label:
            raise ValueError("the error alone is drawn class by class")
        if self.topology is not None and (self.kind != "error" or self.label):
            raise ValueError("topology belongs to the error of the whole")
        if self.topology is not None and any(
            fault.frame >= self.frames or fault.x >= self.width or fault.y >= self.height
            for fault in self.topology.faults
        ):
            raise ValueError("a mark lies beyond the picture")
        return self
