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
    _share_cores(job)
    use_kernels()
    # imported here: numba reads its settings when it is imported, and the cache's place when a kernel is decorated
    from evaluators.scoring.crew import score_job  # noqa: PLC0415
    from evaluators.scoring.errors import DatasetFault, ScorerFault  # noqa: PLC0415

    try:
        score_job(job=job, outputs=folders.outputs, references=folders.references, tell=tell)
    except DatasetFault as fault:
        sys.stderr.write(f"dataset fault: {fault}\n")
        return EXIT_DATASET
    except ScorerFault as fault:
        sys.stderr.write(f"scorer fault: {fault}\n")
        return 1
    return 0


def _share_cores(job: ScorerJob) -> None:
    """A process has its own core; where there are fewer cases than cores, the compiled loops of a case take the rest."""
    threads = str(max(1, job.budget.cores // max(1, len(job.cases))))
    os.environ.update({"NUMBA_NUM_THREADS": threads, "OMP_NUM_THREADS": threads})
    # its threads would be there before we fork
    os.environ["OPENBLAS_NUM_THREADS"] = "1"


if __name__ == "__main__":
    sys.exit(main())
