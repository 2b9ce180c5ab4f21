"""Entry point of the container: E2E-VarNet on all cases under /input, written to /output."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from baselines.cine.network import Forward, frame_by_frame, load_weights
from baselines.cine.run import Method, main
from baselines.e2e_varnet.model import VarNet

WEIGHTS_FILE = Path(__file__).with_name("weights.safetensors")


def forward(net: nn.Module) -> Forward:
    """k-space and mask to image."""
    return net


def method(weights: Path = WEIGHTS_FILE) -> Method:
    """The method with the weights beside this file, or others."""
    return frame_by_frame(net=load_weights(path=weights, build=VarNet), forward=forward)


if __name__ == "__main__":
    main(method)
