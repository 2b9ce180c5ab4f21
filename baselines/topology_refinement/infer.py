"""Entry point of the container: one variant on all images under /input, masks written to /output.

--variant (or TOPOLOGY_VARIANT) says which network segments and what stands behind it, such as network-b-refined.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from baselines.cine.network import load_weights
from baselines.cine.run import arguments, available_cpus, each_case
from baselines.lesions.io import UnreadableImage, find_images, read_stored, write_stored
from baselines.topology_refinement.inference import VARIANTS, Mask, segmenter
from baselines.topology_refinement.model import Bundle

WEIGHTS_FILE = Path(__file__).with_name("weights.safetensors")
DEFAULT = "network-a-refined"


def method(variant: str = DEFAULT, weights: Path = WEIGHTS_FILE) -> Callable[[NDArray[np.float32]], Mask]:
    """image -> mask, with the weights beside this file, or others. Raises KeyError for an unknown variant."""
    torch.set_num_threads(available_cpus())
    bundle = load_weights(path=weights, build=Bundle)
    bundle.to(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    return segmenter(bundle, variant=variant)


def segment_all(*, segment: Callable[[NDArray[np.float32]], Mask], source: Path, target: Path) -> int:
    """Segment all images on their own grid; returns the process's exit code, as each_case does."""

    def one(path: Path) -> None:
        values, affine = read_stored(path)
        image = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
        mask = segment(image).astype(np.uint8)
        write_stored(path=target / path.relative_to(source), mask=mask, affine=affine)

    paths = find_images(source)
    return each_case(paths, source=source, work=one, refused=UnreadableImage, wanted="*.nii or *.nii.gz")


def main() -> None:
    """Command line."""
    parser = arguments()
    parser.add_argument("--variant", default=os.environ.get("TOPOLOGY_VARIANT", DEFAULT), choices=list(VARIANTS))
    options = parser.parse_args()
    sys.exit(segment_all(segment=method(options.variant), source=options.input, target=options.output))


if __name__ == "__main__":
    main()
