"""One process that scores the cases it is given, one at a time, within its own share of the memory."""

from __future__ import annotations

import ctypes
import errno
import gc
import os
import resource
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn

from evaluators.contract.scorer import EXIT_DATASET, ScorerJob, ScorerLine
from evaluators.scoring.errors import DatasetFault
from evaluators.scoring.run import result_of

#: exit code of a process that was refused memory
EXIT_MEMORY = 4
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, kw_only=True)
class Work:
    """What every process of a scorer works on. It reaches them by fork: the key passes no pipe, disk or environment."""

    job: ScorerJob
    outputs: Path
    references: Path


def serve(*, work: Work, link: Connection, memory: int | None, not_ours: Sequence[Connection]) -> None:
    """Score the case of each position in the job that comes over `link`, until that closes.

    memory: bytes of heap that may be added to what a process starts with. not_ours: links of others, inherited by fork.
    Ends with exit code 0, EXIT_DATASET, EXIT_MEMORY, or 1 and a trace on stderr.
    """
    for other in not_ours:
        other.close()
    _end_with_parent()
    _limit_memory(memory)
    # libraries are no garbage: the collection behind each case then costs nothing, and touches no page shared with others
    gc.freeze()

    def tell(line: ScorerLine) -> None:
        link.send_bytes(line.line().encode())

    while True:
        try:
            position = int(link.recv_bytes(16))
        except EOFError:
            return
        case = work.job.cases[position]
        try:
            result = result_of(job=work.job, case=case, outputs=work.outputs, references=work.references, tell=tell)
        except DatasetFault as fault:
            _end(EXIT_DATASET, f"dataset fault: {fault}")
        except MemoryError:
            _end(EXIT_MEMORY, f"case {case.index}: out of memory")
        except OSError as error:
            if error.errno != errno.ENOMEM:
                raise
            _end(EXIT_MEMORY, f"case {case.index}: out of memory")
        tell(ScorerLine(result=result))
        # a cycle may hold an array: the next case must find the memory free
        gc.collect()


def _end(code: int, why: str) -> NoReturn:
    sys.stderr.write(why + "\n")
    sys.exit(code)


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit_memory(extra: int | None) -> None:
    # where the kernel must choose, it shall take the process with the file, not the one that tells what became of it
    Path("/proc/self/oom_score_adj").write_text("1000")
    if extra is None:
        return
    # RLIMIT_DATA counts what is written to; files mapped for reading are free, which RLIMIT_AS would charge
    pages = int(Path("/proc/self/statm").read_text().split()[5])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + extra
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
