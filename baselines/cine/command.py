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

ROOT = Path(__file__).resolve().parents[2]
#: the size whose weights are committed
COMMITTED = "cpu"


@dataclass(frozen=True, kw_only=True)
class Made:
    """A trained network, the keywords that build it again, and the note that goes into its file."""

    net: nn.Module
    sizes: dict[str, int]
    note: dict[str, Any]


def training_options(*, sizes: Iterable[str], description: str | None = None) -> argparse.ArgumentParser:
    """What every train.py is asked: --size, --seed, --threads and --to."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=list(sizes), default=COMMITTED)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--to",
        type=Path,
        metavar="PATH",
        help=f"where the weights go; else size {COMMITTED} writes the committed ones, and another size below var/trained",
    )
    return parser


def committed_weights(folder: str) -> Path:
    """The weights that stand in a baseline's folder, whether they are there or not."""
    return ROOT / "baselines" / folder / "weights.safetensors"


def destination(*, folder: str, size: str, asked: Path | None, rival: str = "") -> Path:
    """Where weights go: where it is asked, else only the method itself in the size that is committed replaces what is committed.

    rival: what the network is, where it is not the method of the folder.
    """
    if asked is not None:
        return asked
    if size == COMMITTED and not rival:
        return committed_weights(folder)
    name = "-".join(part for part in (folder, rival, size) if part)
    return ROOT / "var" / "trained" / f"{name}.safetensors"


def say_where(*, path: Path, note: dict[str, Any]) -> None:
    """Tell where weights were written, and how they were made."""
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    print(f"written: {shown}: {note}", file=sys.stderr, flush=True)


def main(
    *,
    options: argparse.Namespace,
    folder: str,
    make: Callable[[Any, int, Callable[[str], None]], Made],
    rival: str = "",
) -> None:
    """options: of training_options. make: (size, seed, what is told line by line) -> what is written. folder, rival: see destination."""
    torch.set_num_threads(options.threads)
    made = make(options.size, options.seed, lambda line: print(line, flush=True))
    path = destination(folder=folder, size=options.size, asked=options.to, rival=rival)
    save_weights(path=path, net=made.net, sizes=made.sizes, note=made.note)
    say_where(path=path, note=made.note)
