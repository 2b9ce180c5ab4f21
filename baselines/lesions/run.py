"""The container's loop: every image found under the input gets a mask at the same path under the output, bad ones are named."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch
from torch import nn

from baselines.cine.run import arguments, available_cpus, each_case
from baselines.lesions.io import UnreadableImage, find_images, read_image, write_mask
from baselines.lesions.volumes import Network, segment

__all__ = ["arguments", "main", "on_device", "segment_all"]


def on_device(net: nn.Module) -> None:
    """Ready for inference, on a GPU where there is one, with the threads that the container's share is worth."""
    torch.set_num_threads(available_cpus())
    net.to(torch.device("cuda" if torch.cuda.is_available() else "cpu")).eval()


def segment_all(*, network: Network, source: Path, target: Path) -> int:
    """Segment all images; returns the process's exit code, as each_case does."""

    def one(path: Path) -> None:
        image = read_image(path)
        mask = segment(image.volume, spacing=image.spacing, network=network)
        write_mask(path=target / path.relative_to(source), mask=mask, image=image)

    paths = find_images(source)
    return each_case(paths, source=source, work=one, refused=UnreadableImage, wanted="*.nii or *.nii.gz")


def main(options: argparse.Namespace, *, network: Network) -> None:
    """What every infer.py ends with."""
    sys.exit(segment_all(network=network, source=options.input, target=options.output))
