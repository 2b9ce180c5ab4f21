"""Batch: one run over all cases, as CMRxRecon's containers expect. Progress is counted from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from evaluators.contract.jobs import Job
from evaluators.modes.driven import Driven
from evaluators.sandbox.failure import failure_of
from evaluators.sandbox.interface import (
    ImageInfo,
    Observation,
    Owner,
    RunRequest,
    Sandbox,
)


def drive(
    *,
    sandbox: Sandbox,
    owner: Owner,
    job: Job,
    image: ImageInfo,
    input_folder: Path,
    store: Path,
    gpu_uuids: Sequence[str],
    observe: Callable[[Observation], None],
    every: float,
    cancelled: Callable[[], bool],
    log_bytes: int = 0,
) -> Driven:
    """Run the container once over every case, destroy it, and archive what it wrote into `store`.

    log_bytes: how much of its log is kept, from the end; none of a hidden phase.
    """
    expected = [case.output for case in job.cases]
    with sandbox.output_volume(owner=owner, limits=job.limits) as output:
        outcome = sandbox.run(
            owner=owner,
            request=RunRequest(
                image=image,
                limits=job.limits,
                input_folder=input_folder,
                output=output,
                expected=expected,
                gpu_uuids=gpu_uuids,
                log_bytes=log_bytes,
            ),
            observe=observe,
            every=every,
            cancelled=cancelled,
        )
        failure = failure_of(outcome=outcome, limits=job.limits)
        if outcome.cancelled or failure is not None:
            return Driven(outcome=outcome, failure=failure, archive=None)
        archive = sandbox.archive(
            owner=owner, output=output, expected=expected, store=store, max_file_bytes=job.limits.output
        )
    return Driven(outcome=outcome, failure=None, archive=archive)
