"""What a baseline's Dockerfile copies, against what its entry point imports."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[3]


def copied(name: str) -> set[str]:
    """Paths that the COPY lines of baselines/<name>/Dockerfile name."""
    text = (ROOT / "baselines" / name / "Dockerfile").read_text()
    return {word for line in text.splitlines() if line.startswith("COPY") for word in line.split()[1:-1]}


def imported(name: str) -> set[str]:
    """infer.py and every module of baselines that it needs, at one or more removes. None of them may be of evaluators."""
    wanted, seen = [f"baselines/{name}/infer.py"], set()
    while wanted:
        path = wanted.pop()
        seen.add(path)
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("baselines."):
                found = f"{node.module.replace('.', '/')}.py"
                wanted += [found] if found not in seen else []
            assert not (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("evaluators"))
    return seen
