"""`make fuzz`: every reader so many times, from seeds made by code; RESULTS.md once all of them were run.

python -m tests.fuzz.run                        every target, 200,000 executions each
python -m tests.fuzz.run mat5 --executions 5000 one target

Each target runs in a process of its own, is held to 5 s an input and 1 GiB, and is started again when an input ends it. Its
corpus, inputs that were found and numbers stay in var/fuzz/NAME; a run starts from seeds and corpus.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.fuzz.progress import PROGRESS
from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).parent / "RESULTS.md"
VAR = ROOT / "var" / "fuzz"
EXECUTIONS = 200_000
_LONGEST_INPUT = 20_000
#: wall clock
_SECONDS = 5
_MEMORY_MB = 1_500
#: ended so often, a reader is broken enough to stop
_MOST_ENDS = 50


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one target's run came to."""

    name: str
    day: str
    executions: int
    #: inside the reader
    seconds: float
    #: kind of finding -> how many inputs were kept
    findings: dict[str, int]
    slowest: float
    #: how often a library was brought down in a process of its own, which costs the file alone
    contained: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, or 1 when something was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", choices=[*TARGETS, []], help="targets; all when none is named")
    parser.add_argument("--executions", type=int, default=EXECUTIONS)
    asked = parser.parse_args(arguments)
    results = [fuzz(name, executions=asked.executions // TARGETS[name].divisor) for name in asked.only or TARGETS]
    sys.stdout.write(table(results))
    known = [_stored(name) for name in TARGETS]
    if all(known):
        RESULTS.write_text(_report([result for result in known if result]))
    return 1 if any(result.findings for result in results) else 0


def fuzz(name: str, *, executions: int) -> Result:
    """Run one target until it has had so many executions."""
    folder = VAR / name
    for part in ("found", "corpus", "seeds"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for kept in (folder / "found").iterdir():
        kept.unlink()
    (folder / "progress").unlink(missing_ok=True)
    for content in TARGETS[name].seeds():
        (folder / "seeds" / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)
    done = 0
    for turn in range(_MOST_ENDS):
        with (folder / f"log-{turn}.txt").open("w") as log:
            subprocess.run(
                _command(name, folder=folder, runs=executions - done, seed=turn + 1),
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            )
        before, done = done, _progress(folder)[0]
        sys.stderr.write(f"{name}: {done} of {executions}\n")
        if done >= executions or done == before:
            break
    result = _result(name, folder=folder)
    (folder / "result.json").write_text(json.dumps(asdict(result)))
    return result


def _command(name: str, *, folder: Path, runs: int, seed: int) -> list[str]:
    flags = [
        *(f"-runs={runs}", f"-seed={seed}", f"-timeout={_SECONDS}", f"-rss_limit_mb={_MEMORY_MB}"),
        *(f"-max_len={_LONGEST_INPUT}", "-len_control=0", f"-artifact_prefix={folder}/found/", "-print_final_stats=1"),
    ]
    return [
        *(sys.executable, "-m", "tests.fuzz.one", name, str(folder)),
        *(*flags, str(folder / "corpus"), str(folder / "seeds")),
    ]


def _progress(folder: Path) -> tuple[int, float, float, int]:
    path = folder / "progress"
    if not path.exists():
        raise SystemExit(f"the fuzzer did not start: {(folder / 'log-0.txt').read_text()[-2000:]}")
    done, spent, slowest, contained = PROGRESS.unpack(path.read_bytes())
    return int(done), float(spent), float(slowest), int(contained)


def _result(name: str, *, folder: Path) -> Result:
    done, spent, slowest, contained = _progress(folder)
    findings: dict[str, int] = {}
    for path in sorted((folder / "found").iterdir()):
        # crash-, timeout-, oom-HASH of libFuzzer; exceptions of ours by type and line
        kind = path.name if path.name.startswith("exception") else path.name.partition("-")[0]
        if path.suffix != ".txt" and kind not in {"slowest", "slow", "contained"}:
            findings[kind] = findings.get(kind, 0) + 1
    return Result(
        name=name,
        day=f"{datetime.now(UTC):%Y-%m-%d}",
        executions=done,
        seconds=spent,
        findings=findings,
        slowest=slowest,
        contained=contained,
    )


def _stored(name: str) -> Result | None:
    path = VAR / name / "result.json"
    return Result(**json.loads(path.read_text())) if path.exists() else None


def table(results: Sequence[Result]) -> str:
    """The results as Markdown."""
    lines = [
        "| reader | day | executions | seconds | a second | findings | contained | slowest input |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in results:
        found = ", ".join(f"{kind}: {count}" for kind, count in one.findings.items()) or "none"
        rate = one.executions / max(one.seconds, 1e-9)
        lines.append(
            f"| {one.name} | {one.day} | {one.executions:,} | {one.seconds:.0f} | {rate:.0f} | {found} | {one.contained} | {one.slowest:.3f} s |"
        )
    return "\n".join(lines) + "\n"


def _report(results: Sequence[Result]) -> str:
    return (
        "# Readers under fuzzing\n\n"
        "Written by `make fuzz`. Every reader ran through the door (`evaluators.readers.read`) on bytes that atheris made from\n"
        f"seeds written by code; {_SECONDS} s and 1 GiB above the start are allowed. A finding is a crash of the process, a\n"
        "hang, too much memory, or any exception but ReadFailure. Contained: libhdf5 crashed or looped in the process that it has to\n"
        "itself, the file was refused and nothing else was hurt. libhdf5 loops over many damaged virtual arrays, a second of\n"
        "processor time each: they have a row of their own and fewer executions. Seconds are those spent inside the reader.\n\n"
        + table(results)
    )


if __name__ == "__main__":
    sys.exit(main())
