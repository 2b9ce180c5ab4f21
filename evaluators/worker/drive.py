"""From a claimed job to a driven container: inputs laid out as the task's mode wants them, progress shown with each beat."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from evaluators.contract.jobs import Job, Progress
from evaluators.contract.tasks import RunMode
from evaluators.modes import batch, per_case
from evaluators.modes.driven import Driven
from evaluators.sandbox.interface import EngineFacts, ImageInfo, Observation, Owner, Sandbox
from evaluators.worker.cache import Cache
from evaluators.worker.gpu import choose_gpus
from evaluators.worker.lease import Lease
from evaluators.worker.settings import WorkerSettings
from evaluators.worker.site_client import SiteClient
from evaluators.worker.stage import staged_inputs, staged_tray


def drive(
    *,
    settings: WorkerSettings,
    sandbox: Sandbox,
    client: SiteClient,
    cache: Cache,
    facts: EngineFacts,
    lease: Lease,
    job: Job,
    owner: Owner,
    image: ImageInfo,
    store: Path,
    begin: Callable[[], None],
) -> Driven:
    """Run the image over every case in the mode of its task. begin: called once the inputs lie ready."""
    stage = settings.work_root / "stage"
    gpu_uuids = choose_gpus(available=facts.gpu_uuids, wanted=job.limits.gpus)
    expected = len(job.cases)

    def cancelled() -> bool:
        return lease.should_stop

    if job.task.mode is RunMode.PER_CASE:

        def told(seen: per_case.Answered) -> None:
            lease.show(
                Progress(files_present=seen.cases, files_expected=expected, seconds=seen.seconds, memory=seen.memory)
            )

        with staged_tray(cache=cache, client=client, job=job, root=stage) as (folder, tray):
            begin()
            return per_case.drive(
                sandbox=sandbox, owner=owner, job=job, image=image, input_folder=folder, lay_out=tray.lay_out,
                store=store, gpu_uuids=gpu_uuids, progress=told, cancelled=cancelled,
            )  # fmt: skip

    def observe(seen: Observation) -> None:
        lease.show(
            Progress(
                files_present=seen.usage.present, files_expected=expected, seconds=seen.seconds, memory=seen.memory
            )
        )

    with staged_inputs(cache=cache, client=client, job=job, root=stage) as folder:
        begin()
        return batch.drive(
            sandbox=sandbox, owner=owner, job=job, image=image, input_folder=folder, store=store, gpu_uuids=gpu_uuids,
            observe=observe, every=settings.observe_every, cancelled=cancelled,
        )  # fmt: skip
