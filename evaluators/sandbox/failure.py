"""One pure function from what was measured of a run to a typed failure, or None when there is nothing to say against it.

Deliberately not recognised: anything the container printed (a hidden phase's failure carries only facts that we measured);
OOM_GPU (CUDA says it in a log line alone, so it is EXIT_CODE here); a Python MemoryError (EXIT_CODE: the kernel was never asked
in vain); exit code 137 or 139 without the engine's OOM mark (EXIT_CODE with its number: the container may have killed itself);
a full /tmp; a write to a read-only path. Codes 126 and 127 are what `docker run` says of a command that is missing or not
executable. A volume within SLACK bytes of its size counts as full, since a failed write leaves such a rest.
"""

from __future__ import annotations

from evaluators.contract.failures import FailureNote, RunFailure
from evaluators.contract.limits import Limits
from evaluators.sandbox.interface import RunOutcome, Usage

#: bytes; file systems refuse a write while they still have a few blocks to themselves
SLACK = 64 * 2**10
_SIGNALS = {134: "SIGABRT", 135: "SIGBUS", 136: "SIGFPE", 137: "SIGKILL", 139: "SIGSEGV", 143: "SIGTERM"}


def failure_of(*, outcome: RunOutcome, limits: Limits) -> FailureNote | None:
    """The first of: a full /output, its time, its memory, its exit code, nothing written. None for a cancelled run.

    cgroup v1 and v2 are told apart by whoever measured; here a kill for memory is one flag, whatever the exit code says.
    """
    if outcome.cancelled:
        return None
    if full := _fullness(outcome.usage, limits=limits):
        return FailureNote(code=RunFailure.OUTPUT_TOO_LARGE, detail=full)
    if outcome.timed_out:
        return FailureNote(code=RunFailure.TIMEOUT, detail=f"stopped after its {limits.time} s")
    if outcome.oom_killed:
        mebibytes = limits.memory // 2**20
        return FailureNote(code=RunFailure.OOM_RAM, detail=f"a process was killed at the limit of {mebibytes} MiB")
    if outcome.exit_code != 0:
        return FailureNote(code=RunFailure.EXIT_CODE, detail=_exit(outcome))
    return FailureNote(code=RunFailure.NO_OUTPUT) if outcome.usage.present == 0 else None


def _fullness(usage: Usage, *, limits: Limits) -> str:
    if usage.bytes_total and usage.bytes_total - usage.bytes_used < SLACK:
        return f"/output was full: {limits.output} bytes"
    if usage.inodes_total and usage.inodes_used >= usage.inodes_total:
        return f"/output was full: {limits.output_files} files and folders"
    return ""


def _exit(outcome: RunOutcome) -> str:
    code = outcome.exit_code
    if code is None:
        return "no exit code"
    if code == 127:
        return "exit code 127: its command was not found in the image"
    if code == 126:
        return "exit code 126: its command could not be executed"
    return f"exit code {code} ({_SIGNALS[code]})" if code in _SIGNALS else f"exit code {code}"
