"""`python -m evaluators.scoring`: one job on stdin, lines on stdout, what happened on stderr."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from evaluators.contract.scorer import EXIT_DATASET, ScorerJob, ScorerLine
from evaluators.scoring.kernel_cache import use_kernels


def main(arguments: list[str] | None = None) -> int:
    """0 when every case has its result, EXIT_DATASET for a fault of the dataset; anything else is raised."""
    parser = argparse.ArgumentParser(prog="python -m evaluators.scoring", description=__doc__)
    parser.add_argument("--outputs", type=Path, default=Path("/outputs"), help="copies of the output, named by sha256")
    parser.add_argument("--references", type=Path, default=Path("/references"), help="references, named by sha256")
    folders = parser.parse_args(arguments)

    # only lines of the contract may reach the worker: whatever a library prints goes to stderr
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def tell(line: ScorerLine) -> None:
        channel.write(line.line() + "\n")
        channel.flush()

    job = ScorerJob.model_validate_json(sys.stdin.readline())
    use_kernels()
    # imported here: numba reads the cache's place when a kernel is decorated
    from evaluators.scoring.errors import DatasetFault  # noqa: PLC0415
    from evaluators.scoring.run import run_job  # noqa: PLC0415

    try:
        run_job(job=job, outputs=folders.outputs, references=folders.references, tell=tell)
    except DatasetFault as fault:
        sys.stderr.write(f"dataset fault: {fault}\n")
        return EXIT_DATASET
    return 0


if __name__ == "__main__":
    sys.exit(main())
