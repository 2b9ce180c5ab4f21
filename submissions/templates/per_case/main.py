"""One case at a time, for tasks in per_case mode: a question on stdin, its answer on stdout once the file is written."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import method

INPUT, OUTPUT = Path("/input"), Path("/output")

# on stdout may stand nothing but answers: what else is printed goes to stderr
answers, sys.stdout = sys.stdout, sys.stderr
model = method.load()
for line in sys.stdin:
    question = json.loads(line)
    scan = question["inputs"][0]
    try:
        method.reconstruct(model, INPUT / scan, OUTPUT / question["output"])
    except Exception as error:  # noqa: BLE001 - a case without a file fails alone, and those after it still count
        print(f"{scan} FAILED: {error}")
    print(json.dumps({"done": question["case"]}), file=answers, flush=True)
