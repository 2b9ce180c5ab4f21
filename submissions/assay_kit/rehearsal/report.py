"""A check in words and as one document: image, cases, time, and the docker line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assay_kit.console import counted, duration, quantity
from assay_kit.images import LocalImage
from assay_kit.rehearsal.run import Rehearsed
from assay_kit.rehearsal.sample import Sample, task_of
from evaluators.contract.api import PhaseOut
from evaluators.contract.catalogue import catalogue
from evaluators.contract.failures import FailureNote
from evaluators.contract.scores import CaseResult


@dataclass(frozen=True, kw_only=True)
class Report:
    """refused: why the image cannot run at all; then nothing ran."""

    phase: PhaseOut
    image: LocalImage
    sample: Sample
    rehearsed: Rehearsed | None = None
    refused: FailureNote | None = None
    differences: tuple[str, ...] = ()

    @property
    def failure(self) -> FailureNote | None:
        """Why there is no case with a result."""
        return self.refused or (self.rehearsed.failure if self.rehearsed else None)

    @property
    def results(self) -> dict[str, CaseResult]:
        """Label -> result, in the order of the dataset."""
        found = self.rehearsed.results if self.rehearsed else {}
        return {label: found[case.index] for label, case in self.sample.cases.items() if case.index in found}

    @property
    def good(self) -> bool:
        """Whether every case has its values."""
        results = self.results
        return self.failure is None and bool(results) and all(one.failure is None for one in results.values())

    @property
    def seconds_a_case(self) -> float | None:
        """Of a mode that times cases the mean of these; else the run's seconds over its cases. None: nothing was timed."""
        if self.rehearsed is None or self.failure is not None:
            return None
        timed = self.rehearsed.driven.case_seconds
        if timed is None:
            return self.rehearsed.driven.outcome.seconds / len(self.sample.cases)
        return sum(timed.values()) / len(timed) if timed else None

    @property
    def estimate(self) -> float | None:
        """Seconds for all cases of the phase, at the pace of this machine."""
        pace = self.seconds_a_case
        return None if pace is None or not self.phase.cases else pace * self.phase.cases

    @property
    def codes(self) -> dict[str, str]:
        """Code -> detail of its first case, or of the run."""
        if self.failure is not None:
            return {self.failure.code: self.failure.detail}
        notes = [one.failure for one in self.results.values() if one.failure is not None]
        return {note.code: note.detail for note in reversed(notes)}

    def lines(self) -> Iterator[str]:
        """What a person reads."""
        if self.refused is not None:
            yield f"✗ image {quantity(self.image.size)} {self.refused.code} {self.refused.detail}".rstrip()
            return
        yield f"✓ image {quantity(self.image.size)} {self.image.platform}"
        for label, result in self.results.items():
            yield self._case(label, result)
        if self.rehearsed is not None and (archive := self.rehearsed.driven.archive) and archive.unexpected:
            yield f"! {counted(archive.unexpected, 'other file')} in /output, where nobody looks for it"
        yield self._summary()
        if self.rehearsed is not None and self.rehearsed.driven.outcome.peak_memory is not None:
            peak, limit = self.rehearsed.driven.outcome.peak_memory, self.phase.limits.engine_memory
            yield f"  memory {quantity(peak)} of {quantity(limit)}, with /output, /tmp and /dev/shm where these lie in memory"
        if self.estimate is not None:
            limit = self.phase.limits.time
            sign = "≈" if self.estimate <= limit else "!"
            yield f"{sign} {_roughly(self.estimate)} for {counted(self.phase.cases, 'case')} at this machine's pace, limit {duration(limit)}"

    def _case(self, label: str, result: CaseResult) -> str:
        if result.failure is not None:
            return f"✗ {label} {result.failure.code} {result.failure.detail}".rstrip()
        columns = task_of(self.phase).metrics
        told = [f"{use.key} {result.values[use.key]:.{use.digits}f}" for use in columns if use.key in result.values]
        return f"✓ {label}  {'  '.join(told)}"

    def _summary(self) -> str:
        asked = counted(len(self.sample.cases), "case")
        if self.failure is not None:
            return f"✗ 0 of {asked}: {self.failure.code} {self.failure.detail}".rstrip()
        scored = sum(one.failure is None for one in self.results.values())
        pace = self.seconds_a_case
        return f"{'✓' if self.good else '✗'} {scored} of {asked}" + ("" if pace is None else f", {pace:.1f} s a case")

    def document(self) -> dict[str, Any]:
        """The same for programs."""
        ran = self.rehearsed
        timed = (ran.driven.case_seconds if ran else None) or {}
        return {
            "good": self.good,
            "phase": self.phase.address,
            "sample": self.sample.address,
            "image": self.image.name,
            "config_digest": self.image.config_digest,
            "failure": None if self.failure is None else self.failure.model_dump(),
            "cases": [
                {
                    "case": label,
                    "output": self.sample.cases[label].output,
                    "values": result.values,
                    "failure": None if result.failure is None else result.failure.model_dump(),
                    "seconds": timed.get(result.case),
                }
                for label, result in self.results.items()
            ],
            "seconds": ran.driven.outcome.seconds if ran else None,
            "seconds_a_case": self.seconds_a_case,
            "peak_memory": ran.driven.outcome.peak_memory if ran else None,
            "estimate": {"cases": self.phase.cases, "seconds": self.estimate, "limit": self.phase.limits.time},
            "differences": list(self.differences),
            "docker_line": self.phase.docker_line,
            "scorer": catalogue().scorer,
            "log": ran.driven.outcome.log if ran else "",
        }


def _roughly(seconds: float) -> str:
    return duration(max(1, round(seconds))) if seconds < 7200 else f"{seconds / 3600:.1f} h"
