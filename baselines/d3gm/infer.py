"""Entry point of the container: a D3GM draw for all cases under /input, written to /output."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch

from baselines.cine.network import load_weights
from baselines.cine.run import Method, arguments, available_cpus, main
from baselines.d3gm.consistency import Consistency, UnknownConsistency
from baselines.d3gm.model import Diffusion, reconstruction

WEIGHTS_FILE = Path(__file__).with_name("weights.safetensors")
#: how what was measured is kept, for a container that is started without words
VARIABLE = "D3GM_CONSISTENCY"


def method(weights: Path = WEIGHTS_FILE, *, consistency: str = "none") -> Method:
    """The method with the weights beside this file, or others; consistency: `none` as published, `final` or `every_K`.

    Raises UnknownConsistency.
    """
    torch.set_num_threads(available_cpus())
    diffusion = load_weights(path=weights, build=Diffusion)
    return reconstruction(diffusion, consistency=Consistency.named(consistency))


def _known(word: str) -> str:
    try:
        Consistency.named(word)
    except UnknownConsistency as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return word


def run(words: Sequence[str] | None = None) -> None:
    """The command line; ends the process, with code 2 at a word that names no data consistency."""
    parser = arguments()
    parser.add_argument(
        "--consistency",
        type=_known,
        default=os.environ.get(VARIABLE, "none"),
        metavar="none|final|every_K",
        help=f"keep what was measured: never (as published), at the end, or every K steps as well; else {VARIABLE}",
    )
    options = parser.parse_args(words)
    main(partial(method, consistency=options.consistency), options=options)


if __name__ == "__main__":
    run()
