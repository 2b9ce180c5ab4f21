"""`assay challenge apply`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from assay_kit.commands.rescore import publish_rescore
from assay_kit.errors import AnswerIsNo, ExitCode, WrongUsage
from assay_kit.session import Session, session
from assay_kit.verbs import new_app, verb

app = new_app(help="Describe challenges (for organisers).")


@verb(
    app,
    "apply",
    examples=[
        "assay challenge apply cmrxrecon-2023.yaml",
        "assay challenge apply cmrxrecon-2023.yaml --yes",
        "assay challenge apply - < challenge.yaml",
    ],
)
def apply(
    ctx: typer.Context,
    *,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The challenge file; - is stdin.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; without a terminal nothing is asked anyway.")] = False,
) -> ExitCode:
    """Make a challenge be as its file says. Applying the same file twice changes nothing; a file with a mistake changes nothing
    either, and the mistake is named with its line. Exit code 1 then."""
    current = session(ctx)
    if file == "-" and current.token_stdin:
        raise WrongUsage("both the token and the file want stdin", next="set ASSAY_TOKEN, or name the file")
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise WrongUsage(f"there is no file {file}") from error
    except UnicodeDecodeError as error:
        raise WrongUsage(f"{file} is not UTF-8 text: {error}") from error
    client = current.signed_in
    if not yes and file != "-" and sys.stdin.isatty():
        _ask(current, f"Apply {file} at {current.site}?")
    try:
        done = client.apply_challenge(yaml=text, filename="challenge.yaml" if file == "-" else Path(file).name)
    except WrongUsage as error:
        # the command was right; what is in the file is not
        raise AnswerIsNo(error.message, code=error.code, next=error.next, help=error.help) from error
    if current.out.json:
        current.out.document(done.model_dump(mode="json"))
    elif current.out.quiet:
        current.out.line(done.challenge)
    else:
        current.out.pairs(done.changes)
        current.out.say(done.url)
    return ExitCode.DONE


@verb(
    app,
    "publish",
    examples=[
        "assay challenge publish cine-multicoil/test",
        "assay challenge publish cine-multicoil/test --confirm cmrxrecon-2023 --note 'SSIM of the cropped image was wrong'",
    ],
)
def publish(
    ctx: typer.Context,
    *,
    phase: Annotated[str, typer.Argument(metavar="PHASE", help="challenge/task/phase, or a tail of it.")],
    confirm: Annotated[
        str | None, typer.Option("--confirm", metavar="NAME", help="Publish the re-score of this challenge.")
    ] = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why it was scored again.")] = "",
) -> ExitCode:
    """Keep the board of a phase as it is now: a dated snapshot with an address of its own that never changes. The same board
    twice is one snapshot. With --confirm the phase's open re-score takes the place of the old scores first, all rows at once, and
    both boards are kept."""
    from assay_kit.phases import find  # noqa: PLC0415

    current = session(ctx)
    client = current.signed_in
    if confirm is not None:
        return publish_rescore(current, address=find(client=client, text=phase).address, name=confirm, note=note)
    done = client.publish_board(find(client=client, text=phase).address)
    if current.out.json:
        current.out.document(done.model_dump(mode="json"))
    elif current.out.quiet:
        current.out.line(done.name)
    else:
        current.out.line(f"{done.name}  {done.url}")
        current.out.say(f"{done.url}.json has sha256:{done.sha256}")
    return ExitCode.DONE


def _ask(current: Session, question: str) -> None:
    if current.no_input:
        raise WrongUsage("nothing may be asked", next="say --yes")
    if not typer.confirm(question, err=True):
        raise AnswerIsNo("nothing was applied", code="DECLINED")
