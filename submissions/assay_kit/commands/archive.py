"""`assay challenge archive`."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from assay_kit.errors import ExitCode, SiteTrouble, WrongUsage
from assay_kit.session import session
from assay_kit.verbs import verb


def register(app: typer.Typer) -> None:
    """Below `assay challenge`."""

    @verb(
        app,
        "archive",
        examples=[
            "assay challenge archive cmrxrecon-2023 archive-of-2023",
            "assay challenge archive cmrxrecon-2023 archive-of-2023 --licence 'CC BY-NC 4.0' --unfinished",
        ],
    )
    def archive(
        ctx: typer.Context,
        *,
        name: Annotated[str, typer.Argument(metavar="NAME", help="The challenge's address.")],
        folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
        licence: Annotated[str, typer.Option("--licence", metavar="TEXT", help="Of the data, for the data card.")] = "",
        unfinished: Annotated[bool, typer.Option("--unfinished", help="Also while a phase is open.")] = False,
    ) -> ExitCode:
        """Fetch a finished challenge as plain pages: published boards, scoring, method cards, sample pictures, news and a data
        card, one JSON and one CSV. They open from a disk, without network or script, and hold nothing that is hidden."""
        current = session(ctx)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise WrongUsage(f"{folder} is not an empty folder", next="name a new one")
        packed = current.signed_in.challenge_archive(name, licence=licence, unfinished=unfinished)
        files = _unpacked(packed)
        for place, content in files.items():
            path = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        index = folder / "index.html"
        if current.out.json:
            current.out.document({"folder": str(folder), "files": sorted(files)})
        else:
            current.out.line(str(index))
            current.out.say(f"{len(files)} files; open {index} in a browser")
        return ExitCode.DONE


def _unpacked(packed: bytes) -> dict[str, bytes]:
    """Path below the archive's one folder -> content. Raises SiteTrouble for anything else than such a ZIP."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as file:
            places = {info: PurePosixPath(info.filename) for info in file.infolist()}
            if any(".." in place.parts or place.is_absolute() or len(place.parts) < 2 for place in places.values()):
                raise SiteTrouble("the archive names a place outside its folder", code="CONTRACT")
            return {str(PurePosixPath(*place.parts[1:])): file.read(info) for info, place in places.items()}
    except zipfile.BadZipFile as error:
        raise SiteTrouble("what came is no ZIP", code="CONTRACT", next="ask again") from error
