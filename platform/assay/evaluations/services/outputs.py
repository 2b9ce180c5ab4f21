"""All current results of an evaluation come from one container run, named by its output digest."""

from __future__ import annotations

from assay.evaluations.models import Evaluation
from evaluators.contract.scores import RunFacts


def adopt_run(*, evaluation: Evaluation, output_digest: str, run: RunFacts | None) -> None:
    """Make this run the current one; a run other than the current supersedes every earlier result.

    The caller holds the row (see leases.hold) inside one transaction.
    """
    changed = []
    if evaluation.output_digest != output_digest:
        discard_results(evaluation)
        evaluation.output_digest = output_digest
        changed.append("output_digest")
    if run is not None:
        evaluation.run = run.model_dump(mode="json")
        changed.append("run")
    if changed:
        evaluation.save(update_fields=changed)


def discard_results(evaluation: Evaluation) -> None:
    """Forget every value and outcome, and the run that they came from."""
    evaluation.scores.all().delete()
    evaluation.outcomes = [None] * len(evaluation.outcomes)
    evaluation.output_digest = ""
    evaluation.run = None
    evaluation.save(update_fields=["outcomes", "output_digest", "run"])
