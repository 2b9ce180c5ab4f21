"""Trains all networks of the baseline and its rivals: python -m baselines.topology_refinement.train --size cpu --seed 0."""

from __future__ import annotations

from pathlib import Path

import torch

from baselines.cine.command import destination, say_where, training_options
from baselines.cine.network import save_weights
from baselines.topology_refinement.training import FOLDER, SIZES, SizeName, note_of, sizes_of, train


def train_to_file(*, size: SizeName, seed: int, path: Path) -> None:
    """Train one size with one seed and write its weights with a note on their making."""
    trained = train(size=size, seed=seed, say=lambda line: print(f"seed {seed}: {line}", flush=True))
    note = note_of(size=size, seed=seed, trained=trained)
    save_weights(path=path, net=trained.bundle, sizes=sizes_of(size)[0], note=note)
    say_where(path=path, note=note)


def main() -> None:
    """Command line."""
    options = training_options(sizes=SIZES, description=__doc__).parse_args()
    torch.set_num_threads(options.threads)
    path = destination(folder=FOLDER.name, size=options.size, asked=options.to)
    train_to_file(size=options.size, seed=options.seed, path=path)


if __name__ == "__main__":
    main()
