"""Entry point of the container: CG-SENSE images of all cases under /input, written to /output."""

from __future__ import annotations

from baselines.cg_sense.model import reconstruct
from baselines.cine.run import main

if __name__ == "__main__":
    main(lambda: reconstruct)
