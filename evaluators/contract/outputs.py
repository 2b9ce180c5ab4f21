"""What a dead container left, as copied out: every file by size and hash, and one digest that names the whole run's output."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from evaluators.contract.datasets import SHA256


class ArchivedFile(BaseModel):
    """One regular file of the output store; it lies there under its hash."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str = Field(pattern=SHA256)
    size: int = Field(ge=0, description="bytes")


def output_digest(files: Mapping[str, ArchivedFile]) -> str:
    """SHA-256 over the sorted lines `path NUL size NUL sha256`, one newline after each: the same files, the same digest.

    files: path below /output -> file. No file at all has a digest as well.
    """
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path}\0{files[path].size}\0{files[path].sha256}\n".encode())
    return digest.hexdigest()
