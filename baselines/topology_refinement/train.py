"""Trains all networks of the baseline and its rivals: python -m baselines.topology_refinement.train --size cpu --seed 0."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

from baselines.cine.network import save_weights
from baselines.topology_refinement.training import FOLDER, SIZES, SizeName, note_of, sizes_of, train


def train_to_file(*, size: SizeName, seed: int, path: Path) -> None:
    """Train one size with one seed and write its weights with a note on their making."""
    trained = train(size=size, seed=seed, say=lambda line: print(f"seed {seed}: {line}", flush=True))
    path.parent.mkdir(parents=True, exist_ok=True)
    note = note_of(size=size, seed=seed, trained=trained)
    save_weights(path=path, net=trained.bundle, sizes=sizes_of(size)[0], note=note)
    print(f"{path.name}: {note}", file=sys.stderr)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--weights", type=Path, default=FOLDER / "weights.safetensors")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    train_to_file(size=options.size, seed=options.seed, path=options.weights)


if __name__ == "__main__":
    main()
