"""Entry point of the container: PromptMR on all cases under /input, written to /output."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from baselines.cine.network import Forward, frame_by_frame, load_weights
from baselines.cine.run import Method, main
from baselines.promptmr.model import PromptMR

WEIGHTS_FILE = Path(__file__).with_name("weights.safetensors")


def forward(net: nn.Module) -> Forward:
    """k-space of adjacent frames and mask to the image of the one in the middle."""
    return net


def method(weights: Path = WEIGHTS_FILE) -> Method:
    """The method with the weights beside this file, or others."""
    net = load_weights(path=weights, build=PromptMR)
    return frame_by_frame(net=net, forward=forward, adjacent=net.adjacent)


if __name__ == "__main__":
    main(method)
