"""Entry point of the container: MoME on all images under /input, masks written to /output.

--expert best (or MOME_EXPERT=best) leaves the mixture out and asks one expert for every image: the simple rival in the same image.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from baselines.cine.network import load_weights
from baselines.lesions.run import arguments, main, on_device
from baselines.lesions.volumes import Network
from baselines.mome.model import MODALITIES, MoME

WEIGHTS_FILE = Path(__file__).with_name("weights.safetensors")


def network(expert: str = "", weights: Path = WEIGHTS_FILE) -> Network:
    """The mixture with the weights beside this file, or others; or one of its experts, a modality or `best`."""
    return mixture(load_weights(path=weights, build=MoME), expert=expert)


def mixture(net: MoME, *, expert: str = "") -> Network:
    """The fused logits of full resolution, or those of one expert. Raises ValueError."""
    on_device(net)
    if not expert:
        return Network(forward=lambda image: net(image).fused[0], view=net.view)
    if expert not in ("best", *MODALITIES):
        raise ValueError(f"no expert {expert!r}; there are best, {', '.join(MODALITIES)}")
    alone = net.experts[int(net.best) if expert == "best" else MODALITIES.index(expert)]
    return Network(forward=lambda image: alone(image).logits[0], view=net.view)


def _options() -> argparse.Namespace:
    parser = arguments()
    parser.add_argument("--expert", default=os.environ.get("MOME_EXPERT", ""), choices=["", "best", *MODALITIES])
    return parser.parse_args()


if __name__ == "__main__":
    options = _options()
    main(options, network=network(options.expert))
