"""What a container may use, as an organiser writes it (`64GiB`, `20h`) and as the engine counts it (bytes, seconds)."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_BYTES = {"": 1, "B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_SECONDS = {"": 1, "s": 1, "min": 60, "h": 3600, "d": 86400}


def _quantity(value: object, *, units: dict[str, int], example: str) -> object:
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", value)
    if found is None or found[2] not in units:
        raise ValueError(f"{value!r} is not a quantity; write it like {example} ({', '.join(u for u in units if u)})")
    return float(found[1]) * units[found[2]]


def _bytes(value: object) -> object:
    found = _quantity(value, units=_BYTES, example="64GiB")
    # a part of a GiB is rarely a whole number of bytes
    return (
        int(found)
        if isinstance(found, float) and found >= 1
        else _whole(found, given=value, form="bytes, 1 or more, like 64GiB")
    )


def _seconds(value: object) -> object:
    found = _quantity(value, units=_SECONDS, example="20h")
    return _whole(found, given=value, form="seconds, 1 or more, like 20h")


def _whole(number: object, *, given: object, form: str) -> object:
    """What is no number stays as it is: pydantic refuses it."""
    if not isinstance(number, int | float) or isinstance(number, bool):
        return number
    if number < 1 or number != int(number):
        raise ValueError(f"{given!r} is not allowed; write a whole number of {form}")
    return int(number)


Bytes = Annotated[int, BeforeValidator(_bytes), Field(gt=0)]
Seconds = Annotated[int, BeforeValidator(_seconds), Field(gt=0)]


class RunUser(StrEnum):
    """As whom a container runs."""

    #: uid 0 without any capability: images of past challenges expect to be root
    ROOT_WITHOUT_CAPABILITIES = "root-without-capabilities"
    #: a uid that owns nothing else on the box
    TEAM = "team"


#: the uid behind RunUser.TEAM
TEAM_UID = 65532


class Limits(BaseModel):
    """The limits of one run. Bytes and seconds are whole numbers; strings with units are accepted and converted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hardware: str = Field(default="cpu", pattern=r"^[a-z0-9][a-z0-9-]*$", description="queue and class of worker")
    time: Seconds = Field(default=3600, description="wall time of the whole run")
    case_time: Seconds | None = Field(
        default=None, description="wall time of one case, whole seconds; of per_case mode alone"
    )
    memory: Bytes = Field(default=4 * 2**30, description="RAM of the container's own processes")
    shm: Bytes = Field(default=64 * 2**20, description="/dev/shm")
    tmp: Bytes = Field(default=256 * 2**20, description="/tmp, in memory")
    cpus: float = Field(default=2, gt=0)
    pids: int = Field(default=512, gt=0)
    output: Bytes = Field(default=2**30, description="/output, in bytes")
    output_files: int = Field(default=10_000, gt=0, description="/output, in files and folders")
    image: Bytes = Field(default=10 * 2**30, description="the unpacked image")
    gpus: int = Field(default=0, ge=0)
    user: RunUser = RunUser.ROOT_WITHOUT_CAPABILITIES
    extra_tmpfs: tuple[str, ...] = Field(default=(), description="more writable in-memory paths, 64 MiB each")

    @property
    def uid(self) -> int:
        """The numeric user that the container runs as and that owns /output."""
        return 0 if self.user is RunUser.ROOT_WITHOUT_CAPABILITIES else TEAM_UID

    @property
    def output_in_memory(self) -> bool:
        """Whether /output is a tmpfs volume (small) or an ext4 file on a loop device (large)."""
        return self.output <= TMPFS_OUTPUT_CEILING

    @property
    def engine_memory(self) -> int:
        """What --memory must say, in bytes: pages of every tmpfs are charged to the container as well."""
        tmpfs = self.shm + self.tmp + len(self.extra_tmpfs) * EXTRA_TMPFS_BYTES
        return self.memory + tmpfs + (self.output if self.output_in_memory else 0)


#: above this /output lives on a loop device
TMPFS_OUTPUT_CEILING = 2 * 2**30
EXTRA_TMPFS_BYTES = 64 * 2**20
