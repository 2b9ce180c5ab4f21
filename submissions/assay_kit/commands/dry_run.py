"""`assay challenge dry-run`: three answers of ours through a phase's real scorer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from assay_kit.errors import ExitCode
from assay_kit.session import Session, session
from assay_kit.verbs import new_app, verb

if TYPE_CHECKING:
    from evaluators.contract.dry_runs import DryRunOut

#: seconds between two looks
EVERY = 2.0
#: joins `assay challenge`
app = new_app()


@verb(
    app,
    "dry-run",
    examples=[
        "assay challenge dry-run cmrxrecon-2023/cine-multicoil/test",
        "assay challenge dry-run cine-multicoil/test --timeout 600",
        "assay challenge dry-run cine-multicoil/test --latest --json",
    ],
)
def dry_run(
    ctx: typer.Context,
    *,
    phase: Annotated[str, typer.Argument(metavar="PHASE", help="challenge/task/phase, or a tail of it.")],
    latest: Annotated[bool, typer.Option("--latest", help="Begin none; tell what came of the latest.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Begin it and end.")] = False,
) -> ExitCode:
    """Try a phase's scorer before teams meet it: the references themselves must reach every metric's best value, nothing at all
    must be MISSING_FILE, files of no format must be refused. Counted nowhere. Exit code 0: green, 1: not."""
    from assay_kit.phases import find  # noqa: PLC0415

    current = session(ctx)
    client = current.signed_in
    address = find(client=client, text=phase).address
    report = client.latest_dry_run(address) if latest else client.begin_dry_run(address)
    if not no_wait and not report.ended:
        with current.out.waiting(f"{address}: dry run on {report.dataset}; Ctrl-C leaves it running") as waiting:
            while not report.ended:
                current.deadline.sleep(EVERY)
                report = client.latest_dry_run(address)
                ended = sum(answer.ended for answer in report.answers)
                waiting.update(f"{address}: {ended} of {len(report.answers)} answers came through")
    _tell(current, report)
    return ExitCode.DONE if report.green or (no_wait and not report.ended) else ExitCode.NO


def _tell(current: Session, report: DryRunOut) -> None:
    if current.out.json:
        current.out.document(report.model_dump(mode="json"))
        return
    if current.out.quiet:
        return
    for answer in report.answers:
        if not answer.ended:
            current.out.line(f"… {answer.name}: {answer.state}")
        elif not answer.faults:
            current.out.line(f"✓ {answer.name}: {answer.expected}")
        for fault in answer.faults:
            current.out.line(f"✗ {answer.name}: {fault}")
    if report.stale:
        current.out.line(f"! it says nothing of the phase as it is now: {report.stale}")
    elif report.ended:
        current.out.say(f"{'green' if report.green else 'not green'}, data {report.dataset}")
