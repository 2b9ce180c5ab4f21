"""Whether data that are about to be uploaded can be scored by a task of the site: asked before a byte is sent."""

from __future__ import annotations

from collections.abc import Sequence

from assay.challenges.fits import CaseFacts, misfits
from assay.challenges.plan import read_plan
from assay_kit.client import Client
from assay_kit.errors import AnswerIsNo, NotFound, WrongUsage
from assay_kit.suggest import did_you_mean
from evaluators.contract.datasets import DatasetManifest
from evaluators.contract.tasks import TaskSpec

#: misfits that are told one by one
_SHOWN = 20


def task_for(*, client: Client, address: str) -> TaskSpec:
    """The task at challenge/task, for its organisers. Raises WrongUsage, NotFound, SignInNeeded."""
    challenge, slash, task = address.partition("/")
    if not slash or "/" in task:
        raise WrongUsage(f"--for {address} is no task", next="write it as challenge/task")
    plan = read_plan(client.challenge_file(challenge).yaml)
    found = next((each for each in plan.tasks if each.slug == task), None)
    if found is None:
        near = did_you_mean(task, [each.slug for each in plan.tasks])
        raise NotFound(f"{challenge} has no task {task}", next=near)
    return found.spec


def check_fit(manifest: DatasetManifest, *, spec: TaskSpec, address: str) -> None:
    """Raises AnswerIsNo, one line a case that the task cannot score."""
    lines: Sequence[str] = []
    if manifest.layout != spec.layout:
        lines = [f"the layout is {manifest.layout}, the task's is {spec.layout}"]
    else:
        cases = (
            CaseFacts(
                label=case.label,
                strata=case.strata,
                shape=case.shape,
                affine=case.affine,
                inputs=tuple(file.path for file in case.inputs),
                references=tuple(file.path for file in case.references),
            )
            for case in manifest.cases
        )
        lines = [f"{each.message}, {each.fix}" for each in misfits(cases, spec=spec)]
    if lines:
        more = len(lines) - _SHOWN
        told = [*lines[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]
        raise AnswerIsNo(
            "\n".join(told), code="DATA_MISFIT", next=f"mend the data for {address} and import again: nothing was sent"
        )
