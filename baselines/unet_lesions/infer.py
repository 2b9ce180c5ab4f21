"""Entry point of the container: one U-Net on all images under /input, masks written to /output."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from baselines.cine.network import load_weights
from baselines.lesions.run import arguments, main, on_device
from baselines.lesions.volumes import Network
from baselines.unet_lesions.model import LesionUNet

WEIGHTS_FILE = Path(__file__).with_name("weights.safetensors")


def network(weights: Path = WEIGHTS_FILE) -> Network:
    """The network with the weights beside this file, or others."""
    return single(load_weights(path=weights, build=LesionUNet))


def single(net: nn.Module) -> Network:
    """Logits of full resolution."""
    on_device(net)
    return Network(forward=lambda image: net(image).logits[0], view=net.view)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(arguments().parse_args(), network=network())
