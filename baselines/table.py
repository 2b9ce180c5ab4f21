"""`python -m baselines.table`: from every baseline.yaml to the tables of baselines/README.md. A missed gate stays visible as missed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from typing import Any

import yaml
from safetensors import safe_open

FOLDER = Path(__file__).parent
README = FOLDER / "README.md"
BEGIN = "<!-- written by `python -m baselines.table` from the baseline.yaml files -->"
END = "<!-- end of the tables -->"
FACTORS = (4, 8, 10)
GROUPS = {"phantom": "simulated hearts", "real": "real anatomy"}
#: a bar inside a cell
BAR = r"\|"
PROCESSES = {
    "d3gm": "D3GM, noise tied to drift, tau > 1",
    "ou": "OU, the same with tau = 1",
    "decoupled": "noise chosen apart from the drift, as much as OU's",
    "decoupled_wide": "noise chosen apart from the drift, as much as D3GM's",
    "score": "conditional score SDE, variance exploding",
}
#: only a method that looks at neighbours is measured on whole series, beside the same network with one frame
SERIES = {
    "film": "films of 8 frames",
    "one-frame-film": "films of 8 frames, trained with one frame",
    "mapping": "T1 and T2 contrasts",
    "one-frame-mapping": "T1 and T2 contrasts, trained with one",
}
REGIONS = {"full": "full frame", "challenge-crop": "challenge crop"}


def documents() -> dict[str, dict[str, Any]]:
    """folder -> its baseline.yaml, in alphabetical order. One that was never measured is in the making: it is left out."""
    found = {
        path.parent.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*/baseline.yaml")
    }
    return {folder: document for folder, document in sorted(found.items()) if "measured" in document}


def tables() -> str:
    """What stands between the two marks."""
    found = documents()
    return "\n".join(
        (BEGIN, "", *_methods(found), "", *_scores(found), "", *_gates(found), "", *_stability(found), "", END)
    )


def _methods(found: dict[str, dict[str, Any]]) -> Iterator[str]:
    yield "| method | paper | role | parameters | trained in | gates |"
    yield "|---|---|---|---|---|---|"
    for folder, document in found.items():
        measured = document["measured"]
        seconds = measured.get("weights", {}).get("seconds")
        cells = (
            f"[{document['title']}]({folder}/README.md)",
            _paper(document["paper"]),
            document["role"],
            _parameters(FOLDER / folder / "weights.safetensors"),
            "–" if seconds is None else f"{seconds} s",
            _verdict([gate["passed"] for gate in measured["gates"] if gate.get("decides", True)]),
        )
        yield f"| {' | '.join(cells)} |"


def _paper(paper: Mapping[str, str]) -> str:
    where = {"doi": "https://doi.org/", "arxiv": "https://arxiv.org/abs/"}
    links = [f"[{name}]({site}{paper[name]})" for name, site in where.items() if name in paper]
    return ", ".join((paper["cite"], *links)) if paper else "–"


def _parameters(weights: Path) -> str:
    """How many numbers a weights file holds, in millions."""
    if not weights.exists():
        return "none"
    with safe_open(weights, framework="numpy") as file:
        count = sum(prod(file.get_slice(name).get_shape()) for name in file.keys())  # noqa: SIM118 - not a mapping
    return f"{count / 1e6:.2f} million"


def _verdict(passed: list[bool]) -> str:
    missed = passed.count(False)
    return f"{passed.count(True)} passed" + (f", {missed} MISSED" if missed else "")


def _scores(found: dict[str, dict[str, Any]]) -> Iterator[str]:
    yield "Mean SSIM, ± its deviation over seeds where there are seeds; `measured` in each baseline.yaml has PSNR and NMSE as well."
    yield ""
    yield "| method | scans | region | " + " | ".join(f"AF {factor}" for factor in FACTORS) + " |"
    yield "|---|---|---|" + "---|" * len(FACTORS)
    for document in _on_scans(found):
        measured = document["measured"]
        for group, scans in (GROUPS | SERIES).items():
            if group in SERIES and not any(key.startswith(f"{group}/") for key in measured["mean"]):
                continue
            for region, words in REGIONS.items():
                keys = [f"{group}/ssim/{region}/af={factor}" for factor in FACTORS]
                cells = [_cell(measured["mean"].get(key), measured["spread"].get(key)) for key in keys]
                yield f"| {document['title']} | {scans} | {words} | {' | '.join(cells)} |"
    yield from _own_tables(found)


def _on_scans(found: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Methods of the reconstruction track: the others bring a table of their own."""
    return (document for document in found.values() if "table" not in document["measured"])


def _own_tables(found: dict[str, dict[str, Any]]) -> Iterator[str]:
    """`measured.table` of each method that has one: columns, and rows of cells as they are to be read."""
    for document in found.values():
        if own := document["measured"].get("table"):
            yield from ("", f"{document['title']}, mean, ± its deviation over seeds where there are several.", "")
            yield f"| {' | '.join(own['columns'])} |"
            yield "|" + "---|" * len(own["columns"])
            for row in own["rows"]:
                yield f"| {' | '.join(row)} |"


def _cell(mean: float | None, spread: float | None) -> str:
    if mean is None:
        return "–"
    return f"{mean:.3f}" if spread is None else f"{mean:.3f} ± {spread:.3f}"


def _gates(found: dict[str, dict[str, Any]]) -> Iterator[str]:
    yield "Acceptance gates: the worst seed and acceleration factor decides. Letters group what belongs to one claim of a method."
    yield ""
    yield "| gate | measured | at least | |"
    yield "|---|---|---|---|"
    told: dict[str, dict[str, Any]] = {}
    for document in found.values():
        for gate in document["measured"]["gates"]:
            # a gate about two methods stands in the files of both: where they were not measured together, a miss is told
            if told.setdefault(gate["gate"], gate)["passed"]:
                told[gate["gate"]] = gate
    for name, gate in told.items():
        yield f"| {name.replace('|', BAR)} | {gate['value']:g} | {gate['limit']:g} | {_word(gate)} |"


def _word(gate: Mapping[str, Any]) -> str:
    if not gate.get("decides", True):
        return "holds (told, decides nothing)" if gate["passed"] else "does NOT hold (told, decides nothing)"
    return "passed" if gate["passed"] else "MISSED"


def _stability(found: dict[str, dict[str, Any]]) -> Iterator[str]:
    """A row for each process that D3GM's gate e compares; nothing where it was not measured."""
    measured = found["d3gm"]["measured"] if "d3gm" in found else {"mean": {}, "spread": {}}
    mean, spread = measured["mean"], measured["spread"]
    processes = [key.split("/")[1] for key in mean if key.startswith("e/") and key.endswith("/psnr")]
    if not processes:
        return
    yield "D3GM and its rivals of one network, plan and data, trained on AF 4 alone (gate e), PSNR in dB, ± its deviation over seeds."
    yield ""
    yield f"| process | at AF 4 | lost at AF 8 | lost at twice the steps | largest {BAR}x{BAR} |"
    yield "|---|---|---|---|---|"
    for process in processes:
        keys = [f"e/{process}/{what}" for what in ("psnr", "harder", "steps", "largest")]
        cells = [f"{mean[key]:.2f} ± {spread[key]:.2f}" for key in keys]
        yield f"| {PROCESSES[process]} | {' | '.join(cells)} |"


def with_tables(text: str) -> str:
    """The README's text with today's tables. Raises ValueError without the two marks."""
    before, _, rest = text.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"{README.name} must hold the lines {BEGIN} and {END}")
    return before + tables() + after


def main() -> int:
    """Write the README; say whether anything changed."""
    text = README.read_text(encoding="utf-8")
    new = with_tables(text)
    README.write_text(new, encoding="utf-8")
    sys.stderr.write(f"{README.name}: {'unchanged' if new == text else 'written'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
