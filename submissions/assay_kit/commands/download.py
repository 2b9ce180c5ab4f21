"""`assay dataset download`: the files of a public dataset on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay_kit.console import counted
from assay_kit.errors import ExitCode
from assay_kit.session import session
from assay_kit.verbs import verb


def register(app: typer.Typer) -> None:
    """Add the verb to `app`."""

    @verb(
        app,
        "download",
        examples=[
            "assay dataset download cine-sample --version 1 ./sample",
            "assay dataset download cine-sample --version 1 ./sample --inputs",
        ],
    )
    def download(
        ctx: typer.Context,
        *,
        name: Annotated[str, typer.Argument(metavar="NAME", help="A public dataset; `assay show PHASE` names it.")],
        folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where input/ and reference/ go.")],
        version: Annotated[int, typer.Option("--version", min=1, help="Which version.")],
        inputs: Annotated[bool, typer.Option("--inputs", help="Inputs alone.")] = False,
        references: Annotated[bool, typer.Option("--references", help="References alone.")] = False,
    ) -> ExitCode:
        """Write a public dataset below DIR: input/ is the tree that a container sees as /input, reference/ holds what it is
        scored against (.npy). Every file is checked by its SHA-256; one that is there already is kept, so after a break the same
        line goes on. A hidden dataset is refused with exit code 6."""
        from assay_kit.download import FOLDERS, public_files  # noqa: PLC0415 - httpx and pydantic take 0.5 s to load
        from assay_kit.download import download as fetch  # noqa: PLC0415

        current = session(ctx)
        roles = {role for role, asked in (("input", inputs), ("reference", references)) if asked} or set(FOLDERS)
        held = public_files(client=current.client, name=name, version=version)
        wanted = [file for file in held if file.role in roles]
        done = fetch(client=current.client, out=current.out, name=name, version=version, files=wanted, folder=folder)
        cases = len({file.case for file in wanted})
        current.out.say(
            f"{name}@{version}: {counted(cases, 'case')}, {counted(done.fetched, 'file')} fetched, {done.kept} were there"
        )
        if current.out.json:
            places = {role: str(folder / FOLDERS[role]) for role in sorted(roles)}
            current.out.document(
                {"dataset": f"{name}@{version}", "cases": cases, **places, "fetched": done.fetched, "kept": done.kept}
            )
        else:
            for role in sorted(roles):
                current.out.line(str(folder / FOLDERS[role]))
        return ExitCode.DONE
