"""Entry point of the container: a D3GM draw for all cases under /input, written to /output."""

from __future__ import annotations

from pathlib import Path

import torch

from baselines.cine.network import load_weights
from baselines.cine.run import Method, available_cpus, main
from baselines.d3gm.consistency import Consistency
from baselines.d3gm.model import Diffusion, reconstruction

WEIGHTS_FILE = Path(__file__).with_name("weights.safetensors")


def method(weights: Path = WEIGHTS_FILE, *, consistency: str = "none") -> Method:
    """The method with the weights beside this file, or others; consistency: `none` as published, `final` or `every_K`.

    Raises UnknownConsistency.
    """
    torch.set_num_threads(available_cpus())
    diffusion = load_weights(path=weights, build=Diffusion)
    return reconstruction(diffusion, consistency=Consistency.named(consistency))


if __name__ == "__main__":
    main(method)
