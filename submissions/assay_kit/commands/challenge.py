"""`assay challenge publish`; what is done with the file is in `challenge_file.py`."""

from __future__ import annotations

from typing import Annotated

import typer

from assay_kit.commands.rescore import publish_rescore
from assay_kit.errors import ExitCode
from assay_kit.session import session
from assay_kit.verbs import new_app, verb

app = new_app(help="Describe challenges (for organisers).")


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
