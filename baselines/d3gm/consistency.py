"""Data consistency, which the published sampler does without: what the coils measured replaces what the network made of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from baselines.cine.sense import Complex, Encoding


class UnknownConsistency(ValueError):
    """A word that names no way to keep what was measured; the message lists those that do."""


@dataclass(frozen=True, kw_only=True)
class Consistency:
    """final: once, on the finished image. every: on every k-th estimate of it along the walk as well; 0 is never."""

    final: bool
    every: int = 0

    @classmethod
    def named(cls, word: str) -> Consistency:
        """`none` (as published), `final` or `every_K`, K a whole number from 1. Raises UnknownConsistency."""
        if word in {"none", "final"}:
            return cls(final=word == "final")
        found = re.fullmatch(r"every_([1-9][0-9]*)", word)
        if found is None:
            raise UnknownConsistency(f"data consistency {word!r}: use none, final or every_K, for example every_5")
        return cls(final=True, every=int(found[1]))

    def asks(self, *, time: int) -> bool:
        """Whether the estimate at step `time` (T … 1) is corrected before the walk goes on from it."""
        return self.every > 0 and time % self.every == 0


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What the coils saw of frames, in the scale of their images: lines (frame, coil, ky, kx)."""

    lines: Complex
    encoding: Encoding

    def keep(self, image: Tensor) -> Tensor:
        """The image with its measured lines replaced and the coils combined again: x + E^H (k - E x). (frame, 2, y, x).

        Exact for one coil. Several coils agree on one image only up to noise and maps; the step is the VarNet's with eta = 1.
        """
        picture = as_image(image)
        rest = self.lines - self.encoding.forward(picture)
        return as_planes(picture + self.encoding.adjoint(rest)).to(image)


def as_planes(image: Complex) -> Tensor:
    """(frame, y, x) complex -> (frame, 2, y, x), real and imaginary part."""
    return torch.from_numpy(np.stack([image.real, image.imag], axis=1).astype(np.float32))


def as_image(planes: Tensor) -> Complex:
    """(frame, 2, y, x) -> (frame, y, x) complex."""
    real, imaginary = planes.cpu().numpy().transpose(1, 0, 2, 3)
    image: Complex = (real + 1j * imaginary).astype(np.complex64)
    return image
