"""What the scorer needs to know of a case before it opens a file, and what it hands to the metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel, ConfigDict, Field

from evaluators.contract.datasets import Affine, FileRef, reference_parts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class JobCase(BaseModel):
    """One case as this evaluation sees it: pseudonyms are filled in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    index: int = Field(ge=0, description="position in the dataset version")
    strata: dict[str, str]
    inputs: tuple[FileRef, ...]
    references: tuple[FileRef, ...]
    shape: tuple[int, ...] = Field(description="of the reference, in the order of the task's axes")
    affine: Affine | None = Field(default=None, description="of input and reference: where voxels lie, in mm")
    answer: str = Field(default="", description="path below /output; empty: the first input's own")

    @property
    def output(self) -> str:
        """The path below /output that the container must write."""
        return self.answer or self.inputs[0].path

    @property
    def parts(self) -> dict[str, FileRef]:
        """The references by what they are; the first is the part ``."""
        paths = [file.path for file in self.references]
        return {name: self.references[position] for name, position in reference_parts(paths).items()}


#: numpy kinds and widths of intensities, and of label maps: floats that are whole numbers are labels as well
FLOAT_DTYPES = ("f4", "f8")
LABEL_DTYPES = ("b1", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8")


@dataclass(frozen=True, kw_only=True)
class OutputSpec:
    """One array that must be found in one file: known before any file of a container is opened."""

    path: str
    #: of the formats whose arrays have names (mat, npz)
    variable: str = ""
    #: numpy order as the task names the axes
    shape: tuple[int, ...]
    #: numpy kind and width, such as ("f4", "f8")
    dtypes: tuple[str, ...]
    #: accepted formats, such as ("mat-v7", "mat-v7.3"); never sniffed beyond telling these apart
    formats: tuple[str, ...]
    #: of the reference: a file that has one (nifti, mha) must agree to 1e-3 mm; None: where voxels lie is not asked
    affine: Affine | None = None
    #: the labels that a label map may hold, none beyond int32; None: any finite number
    labels: range | frozenset[int] | None = None


class Volume(Protocol):
    """What metrics compare: a numpy array, or one that is scaled as it is read (`numpy.asarray` gives the array)."""

    @property
    def shape(self) -> tuple[int, ...]:
        """One size an axis."""


@dataclass(frozen=True, kw_only=True)
class Scorable:
    """A prediction lined up with its reference: same shape, axes named."""

    prediction: Volume
    reference: Volume
    axes: str
    #: where values count, for metrics of the family `volume`; None: everywhere
    region: NDArray[np.bool_] | None = None


Strata = Mapping[str, str]
