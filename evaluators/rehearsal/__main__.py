"""`python -m evaluators.rehearsal`: one question on stdin, one answer on stdout; files go to /store."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from evaluators.scoring.kernel_cache import use_kernels


def main() -> int:
    """0 with an answer; what the data or the challenge make impossible is an answer as well."""
    # only the answer may reach the worker: whatever a library prints goes to stderr
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    question = json.loads(sys.stdin.readline())
    use_kernels()
    # imported here: numba asks for the kernels' place when it is imported
    from evaluators.rehearsal.answers import write_answers  # noqa: PLC0415
    from evaluators.scoring.errors import DatasetFault  # noqa: PLC0415
    from evaluators.tasks.registry import TaskProblem  # noqa: PLC0415

    answer: dict[str, Any]
    try:
        answer = write_answers(question, references=Path("/references"), store=Path("/store"))
    except (DatasetFault, TaskProblem, KeyError) as fault:
        answer = {"fault": f"{type(fault).__name__}: {fault}"}
    channel.write(json.dumps(answer) + "\n")
    channel.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
