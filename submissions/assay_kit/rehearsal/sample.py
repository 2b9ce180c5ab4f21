"""A phase's public sample as a job of a worker: the cases that are asked for, with names filled in."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod

from assay_kit.client import Client
from assay_kit.errors import SiteTrouble, WrongUsage
from evaluators.contract.api import PhaseOut, PublicCaseOut
from evaluators.contract.cases import JobCase
from evaluators.contract.catalogue import catalogue
from evaluators.contract.jobs import Job
from evaluators.contract.limits import Limits
from evaluators.contract.tasks import TaskSpec
from evaluators.worker.errors import SiteUnreachable

LARGEST = "largest"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The sample of a phase. `cases`: label -> case, in the order of the dataset."""

    client: Client
    name: str
    version: int
    cases: dict[str, JobCase]

    @property
    def address(self) -> str:
        """name@version"""
        return f"{self.name}@{self.version}"

    @contextmanager
    def blob(self, *, sha256: str) -> Iterator[Iterator[bytes]]:
        """Where a worker's stage finds its files. Raises SiteUnreachable, upon which that tries again."""
        try:
            with self.client.public_bytes(name=self.name, version=self.version, sha256=sha256) as chunks:
                yield chunks
        except SiteTrouble as error:
            raise SiteUnreachable(error.message) from error


def task_of(phase: PhaseOut) -> TaskSpec:
    """Raises WrongUsage where the site does not tell it."""
    if phase.task is None:
        raise WrongUsage(f"this site does not tell the task of {phase.address}", next="is it as new as your `assay`?")
    return phase.task


def sample_of(*, client: Client, phase: PhaseOut, case: str | None) -> Sample:
    """case: a number, a label, `largest`, or None for all. Raises WrongUsage without a sample or such a case."""
    if phase.sample is None:
        raise WrongUsage(
            f"{phase.address} has no public sample, and its hidden cases stay there",
            code="NO_SAMPLE",
            next="ask its organisers for one; until then run the docker line of `assay show` on data of your own",
        )
    name, _, version = phase.sample.partition("@")
    task = task_of(phase)
    told = client.public_cases(name=name, version=int(version))
    cases = {one.label: _job_case(one, index=index, task=task) for index, one in enumerate(told)}
    chosen = cases if case is None else {label: cases[label] for label in [_choose(case, told)]}
    return Sample(client=client, name=name, version=int(version), cases=chosen)


def _job_case(told: PublicCaseOut, *, index: int, task: TaskSpec) -> JobCase:
    return JobCase(
        index=index,
        strata=told.strata,
        inputs=told.inputs,
        references=told.references,
        shape=told.shape,
        affine=told.affine,
        answer=task.answer(told.inputs[0].path),
    )


def _choose(word: str, cases: Sequence[PublicCaseOut]) -> str:
    if word == LARGEST:
        return max(cases, key=lambda one: (prod(one.shape), sum(file.size for file in one.inputs))).label
    for one in cases:
        number = re.search(r"(\d+)$", one.label)
        if word == one.label or (word.isdecimal() and number is not None and int(number[1]) == int(word)):
            return one.label
    labels = [one.label for one in cases]
    raise WrongUsage(
        f"--case {word}: the sample has no such case",
        code="CASE_UNKNOWN",
        next=f"{labels[0]} to {labels[-1]} are there; write the number, or `{LARGEST}`",
    )


def job_of(*, phase: PhaseOut, limits: Limits, image: str, sample: Sample) -> Job:
    """What a worker would be given. image: the engine's id without `sha256:`."""
    return Job(
        evaluation=f"check-{secrets.token_hex(4)}",
        attempt=1,
        lease_seconds=0,
        image=image,
        limits=limits,
        task=task_of(phase),
        dataset=sample.address,
        cases=tuple(sample.cases.values()),
        reference_key=None,
        scorer=catalogue().scorer,
        output_digest=None,
    )
