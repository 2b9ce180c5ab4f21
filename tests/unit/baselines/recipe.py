"""What a baseline's Dockerfile copies, against what its entry point needs."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[3]


def copied_by(name: str) -> set[str]:
    """The sources of the Dockerfile's COPY lines."""
    text = (ROOT / "baselines" / name / "Dockerfile").read_text()
    return {word for line in text.splitlines() if line.startswith("COPY") for word in line.split()[1:-1]}


def imported_by(name: str) -> set[str]:
    """infer.py and every file of ours that it imports, however far. Nothing of `evaluators` may be among them."""
    wanted, seen = [f"baselines/{name}/infer.py"], set()
    while wanted:
        path = wanted.pop()
        seen.add(path)
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
            assert not module.startswith("evaluators"), f"{path} imports {module}"
            found = f"{module.replace('.', '/')}.py"
            wanted += [found] if module.startswith("baselines.") and found not in seen else []
    return seen
