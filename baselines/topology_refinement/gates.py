"""Acceptance gates of topology refinement: three seeds of every network on phantoms and a retina that nobody trained on.

python -m baselines.topology_refinement.gates            measures; trains what is missing in var/gates
python -m baselines.topology_refinement.gates --record   also writes what was measured into baseline.yaml
"""

from __future__ import annotations

import argparse
from pathlib import Path

from baselines.cine.network import load_weights
from baselines.topology_refinement import report
from baselines.topology_refinement.measuring import measure
from baselines.topology_refinement.model import Bundle
from baselines.topology_refinement.train import train_to_file
from baselines.topology_refinement.training import FOLDER

SEEDS = (0, 1, 2)


def bundle_of(*, seed: int, folder: Path) -> Bundle:
    """The cpu-size networks of one seed, from `folder`, or trained now and kept there."""
    path = folder / f"topology_refinement-{seed}.safetensors"
    if not path.exists():
        train_to_file(size="cpu", seed=seed, path=path)
    net = load_weights(path=path, build=Bundle)
    assert isinstance(net, Bundle)  # noqa: S101 - tells the type checker
    return net


def main() -> None:
    """Measure, print, and with --record write into baseline.yaml."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=FOLDER.parents[1] / "var" / "gates")
    parser.add_argument("--each", type=int, default=20)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    measured = [
        measure(bundle_of(seed=seed, folder=options.weights), each=options.each, retina=True) for seed in options.seeds
    ]
    for row in report.table(measured)["rows"]:
        print("  ".join(f"{cell:>16}" for cell in row))
    for gate in report.gates(measured):
        print(gate)
    if options.record:
        report.record(measured=measured, each=options.each)


if __name__ == "__main__":
    main()
