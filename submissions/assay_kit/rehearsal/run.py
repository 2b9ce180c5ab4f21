"""One rehearsal: inputs staged, the container driven in its task's mode, its files read and scored, all by the worker's own parts."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from assay_kit.rehearsal.errors import CheckBroken
from assay_kit.rehearsal.sample import Sample
from evaluators.contract.failures import FailureNote
from evaluators.contract.jobs import Job
from evaluators.contract.scorer import ScorerJob, ScorerLine
from evaluators.contract.scores import CaseResult
from evaluators.contract.tasks import RunMode
from evaluators.modes import batch, per_case
from evaluators.modes.driven import Driven
from evaluators.sandbox.docker_sandbox import DockerSandbox
from evaluators.sandbox.interface import ImageInfo, Observation, Owner
from evaluators.worker.cache import Cache
from evaluators.worker.stage import staged_inputs, staged_references, staged_tray

#: what our own objects in the engine are labelled with
WORKER = "assay-check"
#: seconds that may pass after the wall limit before another check clears up
_SLACK = 3600
_LOG = 64 * 2**10
_LOOK_EVERY = 1.0


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What a rehearsal works with. root: a folder in the cache's file system. told: hears a sentence while it runs."""

    sandbox: DockerSandbox
    cache: Cache
    root: Path
    told: Callable[[str], None]
    over: Callable[[], bool]


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """What came of it. `failure`: the whole run's; then there are no results."""

    driven: Driven
    results: dict[int, CaseResult] = field(default_factory=dict)

    @property
    def failure(self) -> FailureNote | None:
        """The whole run's."""
        return self.driven.failure


def rehearse(
    *, bench: Bench, job: Job, sample: Sample, image: ImageInfo, gpu_uuids: tuple[str, ...], keep: Path | None
) -> Rehearsed:
    """Run and score. keep: where copies of the asked files go. Nothing of ours stays in the engine, whatever happens.

    Raises EngineFailure, PlatformFault, CheckBroken.
    """
    owner = Owner(
        worker=WORKER, evaluation=job.evaluation, attempt=1, deadline=int(time.time()) + job.limits.time + _SLACK
    )
    with _cleared(bench.sandbox, owner), TemporaryDirectory(dir=bench.root, prefix=f"{job.evaluation}-") as folder:
        store = Path(folder, "output")
        store.mkdir()
        driven = _drive(bench=bench, job=job, sample=sample, image=image, gpu_uuids=gpu_uuids, owner=owner, store=store)
        if driven.archive is None:
            return Rehearsed(driven=driven)
        if keep is not None:
            for path, file in driven.archive.files.items():
                target = keep / path
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(store / file.sha256, target)
        bench.told("reading and scoring")
        return Rehearsed(driven=driven, results=_score(bench=bench, job=job, sample=sample, driven=driven, store=store))


@contextmanager
def _cleared(sandbox: DockerSandbox, owner: Owner) -> Iterator[None]:
    """Objects of this rehearsal, and of killed ones past their deadline, are gone in the end: also after Ctrl-C at any point."""
    try:
        yield
    finally:
        now = time.time()
        sandbox.remove(
            objects=[
                thing
                for thing in sandbox.owned(worker=owner.worker)
                if thing.owner.evaluation == owner.evaluation or now > thing.owner.deadline
            ]
        )


def _drive(
    *, bench: Bench, job: Job, sample: Sample, image: ImageInfo, gpu_uuids: tuple[str, ...], owner: Owner, store: Path
) -> Driven:
    expected = len(job.cases)
    if job.task.mode is RunMode.PER_CASE:

        def answered(seen: per_case.Answered) -> None:
            bench.told(f"running: {seen.cases} of {expected} cases, {seen.seconds:.0f} s")

        with staged_tray(cache=bench.cache, client=sample, job=job, root=bench.root) as (folder, tray):
            return per_case.drive(
                sandbox=bench.sandbox, owner=owner, job=job, image=image, input_folder=folder, lay_out=tray.lay_out,
                store=store, gpu_uuids=gpu_uuids, progress=answered, cancelled=bench.over, log_bytes=_LOG,
            )  # fmt: skip

    def observe(seen: Observation) -> None:
        bench.told(f"running: {seen.usage.present} of {expected} files, {seen.seconds:.0f} s")

    with staged_inputs(cache=bench.cache, client=sample, job=job, root=bench.root) as folder:
        return batch.drive(
            sandbox=bench.sandbox, owner=owner, job=job, image=image, input_folder=folder, store=store,
            gpu_uuids=gpu_uuids, observe=observe, every=_LOOK_EVERY, cancelled=bench.over, log_bytes=_LOG,
        )  # fmt: skip


def _score(*, bench: Bench, job: Job, sample: Sample, driven: Driven, store: Path) -> dict[int, CaseResult]:
    """In this process: the files are this machine's own, and here nobody else's data can be reached by a reader."""
    from evaluators.scoring.errors import DatasetFault  # noqa: PLC0415 - numba takes a second to load
    from evaluators.scoring.run import run_job  # noqa: PLC0415
    from evaluators.tasks.registry import TaskProblem  # noqa: PLC0415

    if driven.archive is None:
        return {}
    results: dict[int, CaseResult] = {}

    def take(line: ScorerLine) -> None:
        if line.result is not None:
            results[line.result.case] = line.result

    work = ScorerJob(
        task=job.task, cases=job.cases, key=None, manifest={**driven.archive.files, **driven.archive.failures}
    )
    try:
        with staged_references(
            cache=bench.cache, client=sample, job=job, cases=job.cases, root=bench.root
        ) as references:
            run_job(job=work, outputs=store, references=references, tell=take)
    except DatasetFault as error:
        raise CheckBroken(
            f"the sample itself cannot be used: {error}", code="DATA", next="tell the organisers"
        ) from error
    except TaskProblem as error:
        raise CheckBroken(
            f"this `assay` cannot score the task: {error}", code="SCORER", next="is it as new as the site?"
        ) from error
    return results
