"""The answer that cannot be better: the reference itself, as the task asks for it."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from evaluators.contract.cases import JobCase, OutputSpec
from evaluators.contract.tasks import TaskSpec
from evaluators.tasks import KINDS
from evaluators.tasks.reconstruction import scan_of
from evaluators.tasks.regions import cut


def perfect_answer(reference: NDArray[Any], *, case: JobCase, task: TaskSpec) -> tuple[OutputSpec, NDArray[Any]]:
    """What a reader must find, and the array that gives every metric its best value; axes as the task names them.

    reference: the case's first one. Of tasks whose files hold the ranked part alone, that part. Raises TaskProblem.
    """
    kind = KINDS[task.kind]
    (wanted,) = kind.expects(case=case, task=task)
    if task.output.shape == "ranked":
        reference = cut(reference, region=kind.offer.ranked["region"], scan=scan_of(case))
    return wanted, reference
