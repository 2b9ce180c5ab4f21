"""Entry point of the container: the U-Net on all cases under /input, written to /output."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from baselines.cine.network import Forward, frame_by_frame, load_weights, zero_filled_image
from baselines.cine.run import Method, main
from baselines.unet.model import MagnitudeUNet

WEIGHTS_FILE = Path(__file__).with_name("weights.safetensors")


def forward(net: nn.Module) -> Forward:
    """k-space to image: the network sees the zero-filled magnitude alone."""
    return lambda kspace, _mask: net(zero_filled_image(kspace))


def method(weights: Path = WEIGHTS_FILE) -> Method:
    """The method with the weights beside this file, or others."""
    return frame_by_frame(net=load_weights(path=weights, build=MagnitudeUNet), forward=forward)


if __name__ == "__main__":
    main(method)
