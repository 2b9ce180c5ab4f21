"""`assay challenge rescore`, and what `assay challenge publish` does with one."""

from __future__ import annotations

from typing import Annotated

import typer

from assay_kit.errors import AnswerIsNo, ExitCode, NotFound, WrongUsage
from assay_kit.session import Session, session
from assay_kit.verbs import verb
from evaluators.contract.rescores import RescoreIn, RescoreOut, RescorePublishIn

_EVERY = 5.0
_VERBS = ("retry", "run-again", "leave-out", "drop")


def register(app: typer.Typer) -> None:
    """Below `assay challenge`."""

    @verb(
        app,
        "rescore",
        examples=[
            "assay challenge rescore cine-multicoil/test",
            "assay challenge rescore cine-multicoil/test --all --note 'new references' --wait",
            "assay challenge rescore cine-multicoil/test --do leave-out",
        ],
    )
    def rescore(
        ctx: typer.Context,
        *,
        phase: Annotated[str, typer.Argument(metavar="PHASE", help="challenge/task/phase, or a tail of it.")],
        everything: Annotated[
            bool, typer.Option("--all", help="Every entry, also those whose scores are of these very versions.")
        ] = False,
        note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; told with the news.")] = "",
        wait: Annotated[bool, typer.Option("--wait", help="Until every entry is scored or has failed.")] = False,
        do: Annotated[
            str, typer.Option("--do", metavar="|".join(_VERBS), help="What becomes of failed entries, or of it all.")
        ] = "",
    ) -> ExitCode:
        """Score again what the runs of a phase left, without running a container, or show how far that is: old and new ranks
        side by side. The board stays as it is until `assay challenge publish PHASE --confirm NAME`. Exit code 1 where an entry
        has failed: it blocks publishing until `--do retry`, `--do run-again` (its container, outside every quota) or `--do leave-out`."""
        from assay_kit.phases import find  # noqa: PLC0415

        current = session(ctx)
        if do and do not in _VERBS:
            raise WrongUsage(f"--do takes one of {', '.join(_VERBS)}")
        client = current.signed_in
        address = find(client=client, text=phase).address
        try:
            standing = client.rescore_of(address)
        except NotFound:
            standing = None
        if do:
            if standing is None or standing.state != "open":
                raise AnswerIsNo("no re-score of this phase is under way", code="RESCORE_UNKNOWN")
            standing = client.change_rescore(standing.id, do)
        elif standing is None or standing.state != "open":
            standing = client.begin_rescore(RescoreIn(phase=address, everything=everything, note=note))
        while wait and standing.state == "open" and any(row.stand == "waiting" for row in standing.rows):
            current.deadline.sleep(_EVERY)
            current.deadline.check(doing="the re-score", next=f"it goes on: assay challenge rescore {address} --wait")
            standing = client.rescore_of(address)
        return _tell(current, standing)


def publish_rescore(current: Session, *, address: str, name: str, note: str) -> ExitCode:
    """Swap old scores for new ones."""
    client = current.signed_in
    standing = client.rescore_of(address)
    return _tell(current, client.publish_rescore(standing.id, RescorePublishIn(name=name, note=note)))


def _tell(current: Session, told: RescoreOut) -> ExitCode:
    failed = [row for row in told.rows if row.stand == "failed"]
    if current.out.json:
        current.out.document(told.model_dump(mode="json"))
    elif current.out.quiet:
        current.out.line(str(told.id))
    else:
        if told.moved:
            titles = [title for title, _, _ in told.moved[0].metrics]
            current.out.table(
                header=["old", "new", "method", "team", *titles],
                rows=[
                    [one.old_rank or "-", one.new_rank or "-", one.method, one.team]
                    + [f"{old} -> {new}" for _, old, new in one.metrics]
                    for one in told.moved
                ],
            )
        for row in failed:
            current.out.line(f"{row.submission} {row.method}: {row.why}")
        same = f"{told.unchanged} {'method is' if told.unchanged == 1 else 'methods are'} as before."
        current.out.say(f"{told.state}: {told.sentence} {same}")
        current.out.say(told.url)
    return ExitCode.NO if failed and told.state == "open" else ExitCode.DONE
