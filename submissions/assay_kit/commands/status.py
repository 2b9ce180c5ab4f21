"""`assay status` and `assay cancel`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from assay_kit.errors import ExitCode, Interrupted, WrongUsage
from assay_kit.session import Session, session
from assay_kit.verbs import verb

if TYPE_CHECKING:
    from evaluators.contract.api import SubmissionOut

#: how many of a team's submissions `status` lists
LAST = 10


def register(app: typer.Typer) -> None:
    """Add the verbs to `app`."""

    @verb(
        app,
        "status",
        examples=[
            "assay status",
            "assay status 4F7Q",
            "assay status 4F7Q --wait --timeout 3600",
            "assay status 4F7Q --watch --json",
        ],
    )
    def status(
        ctx: typer.Context,
        *,
        identity: Annotated[
            str | None, typer.Argument(metavar="ID", help="A submission; without it the team's last ten.")
        ] = None,
        watch: Annotated[bool, typer.Option("--watch", help="Print every change until it ends.")] = False,
        wait: Annotated[bool, typer.Option("--wait", help="Wait until it ends, then print it.")] = False,
        team: Annotated[str | None, typer.Option("--team", help="Whose list, where you are in several teams.")] = None,
    ) -> ExitCode:
        """Say how a submission stands. Exit code 1 when it failed or was cancelled, 7 when the site broke it. Ctrl-C stops
        the waiting alone; the run goes on."""
        current = session(ctx)
        if watch and wait:
            raise WrongUsage(
                "--watch and --wait exclude each other", next="--watch prints changes, --wait the end alone"
            )
        if identity is None:
            if watch or wait:
                raise WrongUsage("which submission?", next="assay status ID --wait; `assay status` lists them")
            return _list(current, team)
        found = current.signed_in.submission(identity)
        if watch or wait:
            return until_the_end(current, found, changes=watch)
        return conclude(current, found)

    @verb(app, "cancel", examples=["assay cancel 4F7Q"])
    def cancel(
        ctx: typer.Context, identity: Annotated[str, typer.Argument(metavar="ID", help="The submission to withdraw.")]
    ) -> ExitCode:
        """Withdraw a submission. A run that has begun is stopped at its worker's next sign of life; what had not begun is not
        counted."""
        current = session(ctx)
        found = current.signed_in.cancel(identity)
        _print(current, found)
        return ExitCode.DONE


def _list(current: Session, team: str | None) -> ExitCode:
    found = current.signed_in.submissions(team=current.team(team))[:LAST]
    if current.out.json:
        current.out.document([one.model_dump(mode="json") for one in found])
    elif current.out.quiet:
        for one in found:
            current.out.line(one.id)
    elif found:
        rows = [[one.id, one.state, one.method, one.phase, one.sentence] for one in found]
        current.out.table(header=["ID", "STATE", "METHOD", "PHASE", "NOW"], rows=rows)
    else:
        current.out.say("Nothing submitted yet; `assay submit -h` shows how.")
    return ExitCode.DONE


def _line(submission: SubmissionOut) -> str:
    return f"{submission.id}  {submission.state}  {submission.sentence}"


def _print(current: Session, submission: SubmissionOut) -> None:
    if current.out.json:
        current.out.document(submission.model_dump(mode="json"))
    else:
        current.out.line(submission.id if current.out.quiet else _line(submission))


def conclude(current: Session, submission: SubmissionOut) -> ExitCode:
    """Print a submission as it stands, explain a failure on stderr, and give its exit code."""
    from assay_kit.follow import answer  # noqa: PLC0415

    _print(current, submission)
    explain(current, submission)
    return answer(submission)


def explain(current: Session, submission: SubmissionOut) -> None:
    """What a typed failure means and what to do, as the help page of its code says."""
    from evaluators.contract.failures import HELP  # noqa: PLC0415

    if submission.failure is None:
        return
    known = HELP.get(submission.failure.code)
    current.out.notice(
        label=submission.state,
        code=submission.failure.code,
        message=" ".join(filter(None, [known.sentence if known else "", submission.failure.detail])),
        next=known.fix if known else "",
        help=submission.url,
    )


def until_the_end(current: Session, first: SubmissionOut, *, changes: bool) -> ExitCode:
    """Follow a submission; with `changes` every new sentence is printed, otherwise the last one alone."""
    from assay_kit.follow import follow  # noqa: PLC0415

    told = ""
    last = first
    try:
        with current.out.waiting(_line(first)) as waiting:
            for now in follow(client=current.signed_in, first=first, deadline=current.deadline):
                waiting.update(_line(now))
                if changes and _line(now) != told:
                    told = _line(now)
                    if current.out.json:
                        current.out.event(now.model_dump(mode="json"))
                    elif not current.out.quiet:
                        current.out.line(told)
                last = now
    except KeyboardInterrupt as error:
        raise Interrupted(f"{last.id} goes on", code="DETACHED", next=f"assay status {last.id} --wait") from error
    from assay_kit.follow import answer  # noqa: PLC0415

    if not changes or (current.out.quiet and not current.out.json):
        _print(current, last)
    explain(current, last)
    return answer(last)
