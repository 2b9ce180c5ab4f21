"""Every way an evaluation or a case can fail, each with the sentence that a team reads. Codes are an API: add with care, never rename."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field


class Fault(StrEnum):
    """Whose failure it is: a team's counts against its quota, ours never does."""

    TEAM = "team"
    PLATFORM = "platform"


class RunFailure(StrEnum):
    """The team's: the whole run failed."""

    IMAGE_PULL = "IMAGE_PULL"
    IMAGE_ARCH = "IMAGE_ARCH"
    IMAGE_SIZE = "IMAGE_SIZE"
    TIMEOUT = "TIMEOUT"
    OOM_RAM = "OOM_RAM"
    OOM_GPU = "OOM_GPU"
    EXIT_CODE = "EXIT_CODE"
    NO_OUTPUT = "NO_OUTPUT"
    OUTPUT_TOO_LARGE = "OUTPUT_TOO_LARGE"
    PROTOCOL = "PROTOCOL"


class PlatformFailure(StrEnum):
    """Ours: tried again by itself, at most MAX_ATTEMPTS times, never counted."""

    WORKER_LOST = "WORKER_LOST"
    ENGINE = "ENGINE"
    DATA = "DATA"
    SCORER = "SCORER"
    REGISTRY = "REGISTRY"


class CaseFailure(StrEnum):
    """One case has no value; the others may stand."""

    MISSING_FILE = "MISSING_FILE"
    BAD_FORMAT = "BAD_FORMAT"
    BAD_SHAPE = "BAD_SHAPE"
    BAD_GRID = "BAD_GRID"
    BAD_VALUE = "BAD_VALUE"
    NOT_FINITE = "NOT_FINITE"
    DUPLICATE = "DUPLICATE"
    UNKNOWN_ID = "UNKNOWN_ID"
    FORBIDDEN_FILE = "FORBIDDEN_FILE"
    TIMEOUT = "TIMEOUT"
    OOM_RAM = "OOM_RAM"
    OOM_GPU = "OOM_GPU"
    EXIT_CODE = "EXIT_CODE"


MAX_ATTEMPTS = 3


class FailureNote(BaseModel):
    """A failure as it is sent and stored: its code and facts that we measured, never text that the container wrote."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(max_length=32)
    detail: str = Field(default="", max_length=400)


@dataclass(frozen=True, kw_only=True)
class FailureHelp:
    """What the help page of a code says."""

    fault: Fault
    sentence: str
    causes: str
    fix: str


def _team(sentence: str, causes: str, fix: str) -> FailureHelp:
    return FailureHelp(fault=Fault.TEAM, sentence=sentence, causes=causes, fix=fix)


def _ours(sentence: str, causes: str) -> FailureHelp:
    return FailureHelp(
        fault=Fault.PLATFORM,
        sentence=sentence,
        causes=causes,
        fix="Nothing to do: it is tried again by itself and is not counted. Write to the organisers if it stays.",
    )


HELP: Mapping[str, FailureHelp] = MappingProxyType(
    {
        "IMAGE_PULL": _team(
            "The image could not be loaded into the container engine.",
            "A damaged or incomplete archive; an archive that was not made by `docker save`.",
            "Save the image again with `docker save` and submit it with `assay submit`.",
        ),
        "IMAGE_ARCH": _team(
            "The image is built for another processor than the evaluator's.",
            "Built on an ARM machine, such as a recent Mac, without naming the platform.",
            "Build with `docker build --platform linux/amd64 .`",
        ),
        "IMAGE_SIZE": _team(
            "The image is larger than the phase allows.",
            "Training data, caches or development packages left inside the image.",
            "Use a multi-stage build and `pip install --no-cache-dir`; look at `docker history`.",
        ),
        "TIMEOUT": _team(
            "The container was still running when its time was up.",
            "Too much work per case; a download or a prompt that waits for ever.",
            "Time one case at home under the printed docker line and multiply by the number of cases.",
        ),
        "OOM_RAM": _team(
            "The container asked for more memory than the phase allows.",
            "Results kept in memory between cases; many data-loader workers; large files in /tmp, which counts as memory.",
            "Free each case before the next; run the printed docker line at home, which sets the same limit.",
        ),
        "OOM_GPU": _team(
            "The container asked for more GPU memory than the card has.",
            "Results kept on the GPU between cases; gradients not switched off; the largest matrix of the set.",
            "Use `torch.inference_mode()`, move results to the CPU case by case.",
        ),
        "EXIT_CODE": _team(
            "The container ended with an exit code other than 0.",
            "An uncaught error; a missing file inside the image; a path that is read-only here.",
            "Run the printed docker line at home on the sample cases and read the log.",
        ),
        "NO_OUTPUT": _team(
            "None of the expected files is there: the container ended well without them, or the archive of result files holds none.",
            "Files written elsewhere, or under other names than the task asks for.",
            "Compare your paths with the tree on the task page; they mirror /input. `assay submit --predictions` names the wanted ones.",
        ),
        "OUTPUT_TOO_LARGE": _team(
            "More bytes or more files than the phase allows: the container filled /output, or the result files unpack to more.",
            "Intermediate results or logs written to /output; uncompressed copies.",
            "Write only the asked files to /output, or into the archive, and use /tmp for the rest.",
        ),
        "PROTOCOL": _team(
            "What was sent breaks the protocol: a container that of its run mode, or an archive of result files that of a plain ZIP.",
            "A line that is not JSON, too long, or out of turn; an archive that is damaged, encrypted, or names a path twice or outside.",
            "Play a container's dialogue at home; pack result files again with `zip -r`: `assay submit --predictions` tells what is wrong.",
        ),
        "MISSING_FILE": _team(
            "The expected file of this case is not there.",
            "The case was skipped after an error, or its file has another name.",
            "Write one file per input file, at the same relative path.",
        ),
        "BAD_FORMAT": _team(
            "The file could not be read as the format that the task asks for.",
            "Another format under this ending; an empty or truncated file; a header that promises more; a variable of another name.",
            "Open the file at home as it was written to /output; the task page names the accepted formats.",
        ),
        "BAD_SHAPE": _team(
            "The array has another shape than the task asks for.",
            "Axes in another order, or one too many; frames or slices left out; a crop that this phase does not want.",
            "Compare with the shape of the input; the task page names every axis.",
        ),
        "BAD_GRID": _team(
            "The image does not lie on the grid of its input.",
            "The affine, spacing or direction was lost when the file was written; an axis was flipped on reading and not on writing.",
            "Copy the affine from the input image, and write the voxels in the order in which that image has them.",
        ),
        "BAD_VALUE": _team(
            "The file holds values that the task does not allow.",
            "Labels outside the list, or interpolated between two; complex numbers where magnitudes are asked; another dtype.",
            "Compare dtype and values with the task page; resample label maps by nearest neighbour alone.",
        ),
        "NOT_FINITE": _team(
            "The array holds NaN or infinity.",
            "A division by zero, an overflow in half precision.",
            "Check with `numpy.isfinite(array).all()` before writing.",
        ),
        "DUPLICATE": _team(
            "One case is answered twice.",
            "Two lines or files with the same identity.",
            "Write each case once.",
        ),
        "UNKNOWN_ID": _team(
            "The answer names a case that is not in the input.",
            "Names typed in instead of read from /input; names differ in every run.",
            "Take the names from /input.",
        ),
        "FORBIDDEN_FILE": _team(
            "The file is a link, a device, a pipe, a socket or a sparse giant: only regular files are read.",
            "Symbolic or hard links in place of copies.",
            "Write real files.",
        ),
        "WORKER_LOST": _ours("The worker stopped answering.", "A restart or a lost network on our side."),
        "ENGINE": _ours("The container engine did not do what it was asked.", "A fault of the engine or its disk."),
        "DATA": _ours("The data of the task could not be staged.", "A fault of our store or of the dataset."),
        "SCORER": _ours("The scorer stopped outside the reading of a file.", "A fault of our scorer."),
        "REGISTRY": _ours("The image store did not answer.", "A fault of our image store."),
    }
)


def is_platform(code: str) -> bool:
    """Whether `code` is ours. Raises KeyError for an unknown code."""
    return HELP[code].fault is Fault.PLATFORM
