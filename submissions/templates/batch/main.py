"""All cases in one run, for tasks in batch mode: each k-space file below /input gets an image at the same path below /output."""

from __future__ import annotations

from pathlib import Path

import method

INPUT, OUTPUT = Path("/input"), Path("/output")

model = method.load()
for scan in sorted(INPUT.rglob("*.mat")):
    if not scan.stem.endswith("_mask"):
        method.reconstruct(model, scan, OUTPUT / scan.relative_to(INPUT))
        print(scan.relative_to(INPUT), flush=True)
