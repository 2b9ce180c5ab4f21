"""Entry point of the container: L+S images of all cases under /input, written to /output."""

from __future__ import annotations

from baselines.cine.run import main
from baselines.low_rank_sparse.model import reconstruct

if __name__ == "__main__":
    main(lambda: reconstruct)
