"""`python -m baselines.cards`: what every card.yaml says of parameters, training compute and paper, from weights and baseline.yaml."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import yaml
from safetensors import safe_open

from baselines.table import FOLDER, documents
from evaluators.contract.cards import read_card

MARK = "# --- below: written by `python -m baselines.cards`, not by hand ---"
#: of a file with networks of many variants: those that the container of the method itself runs
OWN_NETWORKS = {"topology_refinement": ("nets.network-a.", "nets.refined.")}


def with_counted(text: str, *, folder: str, document: Mapping[str, Any]) -> str:
    """A card's text with today's numbers below the mark. document: the method's baseline.yaml."""
    above = text.partition(MARK)[0].rstrip()
    weights = document["measured"].get("weights", {})
    counted = {
        "parameters": str(
            count_parameters(FOLDER / folder / "weights.safetensors", networks=OWN_NETWORKS.get(folder, ("",)))
        ),
        "training_compute": _compute(weights),
        "paper": _paper(document["paper"]),
    }
    below = yaml.safe_dump({key: value for key, value in counted.items() if value}, sort_keys=False, width=1000)
    return f"{above}\n{MARK}\n{below}"


def count_parameters(weights: Path, *, networks: tuple[str, ...]) -> int:
    """How many numbers a weights file holds under names that begin so; 0 where there is no file."""
    if not weights.exists():
        return 0
    with safe_open(weights, framework="numpy") as file:
        names = [name for name in file.keys() if name.startswith(networks)]  # noqa: SIM118 - not a mapping
        return sum(prod(file.get_slice(name).get_shape()) for name in names)


def answers_of(folder: str) -> dict[str, str]:
    """The card as the site will hold it. Raises CardProblem."""
    document = yaml.load((FOLDER / folder / "card.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - builds text alone
    return read_card(document)


def _compute(weights: Mapping[str, Any]) -> str:
    if not weights:
        return "none"
    return f"{weights['seconds']} s on CPU cores: {weights['command']}"


def _paper(paper: Mapping[str, str]) -> str:
    names = {"doi": "doi:", "arxiv": "arXiv:"}
    numbers = [f"{mark}{paper[name]}" for name, mark in names.items() if name in paper]
    return ", ".join((paper["cite"], *numbers)) if paper else ""


def main() -> int:
    """Write every card; say which have changed."""
    for folder, document in documents().items():
        path = FOLDER / folder / "card.yaml"
        text = path.read_text(encoding="utf-8")
        new = with_counted(text, folder=folder, document=document)
        path.write_text(new, encoding="utf-8")
        sys.stderr.write(f"{folder}/card.yaml: {'unchanged' if new == text else 'written'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
