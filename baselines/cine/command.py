"""The command line of a train.py: trains one size with one seed and writes its weights with a note on their making."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from baselines.cine.network import save_weights


@dataclass(frozen=True, kw_only=True)
class Made:
    """A trained network, the keywords that build it again, and the note that goes into its file."""

    net: nn.Module
    sizes: dict[str, int]
    note: dict[str, Any]


def main(*, sizes: Iterable[str], weights: Path, make: Callable[[Any, int, Callable[[str], None]], Made]) -> None:
    """make: (one of `sizes`, seed, what is told line by line) -> what is written to --weights, else to `weights`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", choices=list(sizes), default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--weights", type=Path, default=weights)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    made = make(options.size, options.seed, lambda line: print(line, flush=True))
    save_weights(path=options.weights, net=made.net, sizes=made.sizes, note=made.note)
    print(f"{options.weights.name}: {made.note}", file=sys.stderr)
