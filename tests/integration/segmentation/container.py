"""The submitted container of these tests: standard library alone, a behaviour a case.

Runs inside the image as /app/container.py METHOD. `perfect-or-broken` does with each case what its image's first voxel says;
`modest` outlines every case a voxel too wide. An image holds 1000 where there is a lesion.
"""

from __future__ import annotations

import array
import gzip
import struct
import sys
from collections.abc import Callable
from pathlib import Path

INPUT, OUTPUT = Path("/input"), Path("/output")
#: first voxel of an image -> what is done with it
BEHAVIOURS = (
    "nifti", "mha", "float-labels", "nifti-big-endian", "another-spacing", "flipped", "moved", "another-matrix",
    "interpolated", "unknown-label", "four-axes", "empty", "header-lies", "values-elsewhere", "not-an-image", "missing",
)  # fmt: skip
LESION = 1000
Voxels = list[int]


class Image:
    """An int16 NIfTI image as the platform hands it out."""

    def __init__(self, path: Path) -> None:
        content = gzip.decompress(path.read_bytes())
        self.header = bytearray(content[:352])
        self.shape = struct.unpack_from("<3h", content, 42)
        self.voxels = list(array.array("h", content[352:]))
        self.behaviour = BEHAVIOURS[self.voxels[0]]
        self.lesion: Voxels = [int(value == LESION) for value in self.voxels]
        self.rows = struct.unpack_from("<12f", content, 280)


def nifti(
    image: Image,
    labels: Voxels | list[float],
    *,
    code: str = "B",
    shape: tuple[int, ...] | None = None,
    rows: tuple[float, ...] | None = None,
) -> bytes:
    """A .nii.gz of labels with the image's header, changed where asked."""
    header = bytearray(image.header)
    axes = shape or image.shape
    struct.pack_into("<8h", header, 40, len(axes), *axes, *[1] * (7 - len(axes)))
    struct.pack_into("<2h", header, 70, *{"B": (2, 8), "f": (16, 32)}[code])
    struct.pack_into("<12f", header, 280, *(rows or image.rows))
    return gzip.compress(bytes(header) + struct.pack(f"<{len(labels)}{code}", *labels))


def big_endian(image: Image) -> bytes:
    header = bytearray(352)
    struct.pack_into(">i", header, 0, 348)
    struct.pack_into(">8h", header, 40, 3, *image.shape, 1, 1, 1, 1)
    struct.pack_into(">2h", header, 70, 4, 16)
    struct.pack_into(">8f", header, 76, *[1.0] * 8)
    struct.pack_into(">f", header, 108, 352)
    header[123] = 2
    struct.pack_into(">h", header, 254, 1)
    struct.pack_into(">12f", header, 280, *image.rows)
    header[344:348] = b"n+1\0"
    return bytes(header) + struct.pack(f">{len(image.lesion)}h", *image.lesion)


def mha(image: Image, *, data: str = "LOCAL") -> bytes:
    """MetaImage says places towards left and posterior: x and y change sign."""
    rows = image.rows
    steps = [rows[0], rows[5], rows[10]]
    offset = [-rows[3], -rows[7], rows[11]]
    turned = [-1 if steps[0] > 0 else 1, -1 if steps[1] > 0 else 1, 1 if steps[2] > 0 else -1]
    lines = [
        "ObjectType = Image",
        "NDims = 3",
        f"TransformMatrix = {turned[0]} 0 0 0 {turned[1]} 0 0 0 {turned[2]}",
        f"Offset = {offset[0]} {offset[1]} {offset[2]}",
        f"ElementSpacing = {abs(steps[0])} {abs(steps[1])} {abs(steps[2])}",
        "DimSize = " + " ".join(map(str, image.shape)),
        "ElementType = MET_UCHAR",
        f"ElementDataFile = {data}",
    ]
    return "\n".join(lines).encode() + b"\n" + bytes(image.lesion)


def scaled(rows: tuple[float, ...], *factors: float) -> tuple[float, ...]:
    """The affine's rows with each column times a factor; four of them, x, y, z and the offset."""
    return tuple(value * factors[place % 4] for place, value in enumerate(rows))


def lying(image: Image) -> bytes:
    """A header that is right, and fewer voxels than it says."""
    return nifti(image, image.lesion[:-7])


WRITE: dict[str, Callable[[Image], bytes]] = {
    "nifti": lambda image: nifti(image, image.lesion),
    "mha": mha,
    "float-labels": lambda image: nifti(image, [float(value) for value in image.lesion], code="f"),
    "nifti-big-endian": big_endian,
    "another-spacing": lambda image: nifti(image, image.lesion, rows=scaled(image.rows, 1, 1, 2, 1)),
    "flipped": lambda image: nifti(image, image.lesion, rows=scaled(image.rows, 1, 1, -1, 1)),
    "moved": lambda image: nifti(image, image.lesion, rows=scaled(image.rows, 1, 1, 1, 0)),
    "another-matrix": lambda image: nifti(
        image, image.lesion[: -image.shape[0] * image.shape[1]], shape=(*image.shape[:2], image.shape[2] - 1)
    ),
    "interpolated": lambda image: nifti(image, [value * 0.6 for value in image.lesion], code="f"),
    "unknown-label": lambda image: nifti(image, [value * 3 for value in image.lesion]),
    "four-axes": lambda image: nifti(image, image.lesion * 2, shape=(*image.shape, 2)),
    "empty": lambda _: b"",
    "header-lies": lying,
    "values-elsewhere": lambda image: mha(image, data="other.raw"),
    "not-an-image": lambda _: b"no lesion was found\n" * 30,
}


def wide(image: Image) -> Voxels:
    """The lesion, grown by a voxel along x on either side."""
    lesion = image.lesion
    return [int(any(lesion[max(0, place - 1) : place + 2])) for place in range(len(lesion))]


def main(method: str) -> None:
    for path in sorted(INPUT.glob("*/image.nii.gz")):
        image = Image(path)
        target = OUTPUT / path.relative_to(INPUT)
        target.parent.mkdir(parents=True, exist_ok=True)
        if method == "modest":
            target.write_bytes(nifti(image, wide(image)))
        elif image.behaviour in WRITE:
            target.write_bytes(WRITE[image.behaviour](image))


if __name__ == "__main__":
    main(sys.argv[1])
