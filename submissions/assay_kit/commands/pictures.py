"""`assay dataset pictures`: what a method made of a public sample, drawn for the site's viewer."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay_kit.console import counted
from assay_kit.errors import ExitCode, WrongUsage
from assay_kit.session import Session, session
from assay_kit.verbs import verb

if TYPE_CHECKING:
    from evaluators.contract.pictures import PictureIn
    from evaluators.contract.tasks import TaskSpec
    from evaluators.contract.volumes import VolumeIn


def register(app: typer.Typer) -> None:
    """Add the verb to `app`."""

    @verb(
        app,
        "pictures",
        examples=[
            "assay dataset pictures cine-sample --version 1 --method E2E-VarNet --outputs ./output",
            "assay dataset pictures vessels --version 1 --method U-Net --outputs ./output --phase topology/pictures/test",
        ],
    )
    def pictures(
        ctx: typer.Context,
        *,
        name: Annotated[str, typer.Argument(metavar="NAME", help="A public dataset of yours at the site.")],
        version: Annotated[int, typer.Option("--version", min=1, help="Which version.")],
        method: Annotated[str, typer.Option("--method", help="Whose images these are, as the board calls it.")],
        outputs: Annotated[
            Path, typer.Option("--outputs", metavar="DIR", help="What its container wrote to /output on this sample.")
        ],
        variable: Annotated[str, typer.Option("--variable", help="The variable of .mat files.")] = "img4ranking",
        phase: Annotated[
            str | None,
            typer.Option(
                "--phase", help="Of label maps: the phase whose task names files, classes and topology metrics."
            ),
        ] = None,
    ) -> ExitCode:
        """Draw the images or label maps of a method on a public sample, and their errors, for the site's viewer. Only pictures
        leave this machine. Reference, zero-filled image or input were drawn when the sample was uploaded. A hidden dataset is
        refused."""
        from assay_kit.pictures import of_method  # noqa: PLC0415

        current = session(ctx)
        drawn = of_method(
            client=current.signed_in,
            name=name,
            version=version,
            method=method,
            outputs=outputs,
            variable=variable,
            task=None if phase is None else _task(current, phase),
        )
        count = send_pictures(current, name, version, drawn)
        if current.out.json:
            current.out.document({"dataset": f"{name}@{version}", "method": method, **count})
        return ExitCode.DONE


def _task(current: Session, phase: str) -> TaskSpec:
    """Raises NotFound, and WrongUsage where the site does not tell tasks."""
    from assay_kit.phases import find, whole  # noqa: PLC0415

    found = whole(client=current.signed_in, phase=find(client=current.signed_in, text=phase))
    if found.task is None:
        raise WrongUsage(
            f"this site does not tell the task of {found.address}", next="leave --phase out, or update the site"
        )
    return found.task


def send_pictures(current: Session, name: str, version: int, drawn: Iterable[PictureIn | VolumeIn]) -> dict[str, int]:
    """What was sent: pictures and, where there are any, volumes."""
    from evaluators.contract.pictures import PictureIn  # noqa: PLC0415

    count = {"pictures": 0, "volumes": 0}
    for one in drawn:
        if isinstance(one, PictureIn):
            current.signed_in.send_picture(name=name, version=version, picture=one)
            count["pictures"] += 1
        else:
            current.signed_in.send_volume(name=name, version=version, volume=one)
            count["volumes"] += 1
    told = counted(count["pictures"], "picture")
    if count["volumes"]:
        told += f" and {counted(count['volumes'], 'volume')}"
    current.out.say(f"{name}@{version}: {told} for the viewer")
    return count
