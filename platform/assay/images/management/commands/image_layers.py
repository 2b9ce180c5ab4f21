"""`manage.py image_layers usage | sweep | give-out FILE`: what images keep on the disk, for who runs the site."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assay.config.errors import Refused
from assay.images.bases import give_out_base
from assay.images.sweep import sweep, usage

_CHUNK = 2**20


class Command(BaseCommand):
    help = (
        "usage: what is kept, and what whole archives would take. sweep: removes what no image refers to, a day after it came. "
        "give-out: makes the layers of a `docker save` archive public, so that teams build on them without sending them; "
        "anybody can then read all that they hold, so never give out an image with a secret in any layer."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The verb, and the archive."""
        parser.add_argument("verb", choices=["usage", "sweep", "give-out"])
        parser.add_argument("archive", nargs="?", metavar="FILE", help="of give-out; - reads from standard input")

    def handle(self, *_: Any, verb: str, archive: str | None, **options: Any) -> None:  # noqa: ARG002
        """One sentence each."""
        if (verb == "give-out") != (archive is not None):
            raise CommandError("give-out takes the archive of a base image, the other verbs take nothing")
        if verb == "usage":
            found = usage()
            self.stdout.write(
                f"{found.files} layers and configs, {found.bytes} bytes; {found.references} references to layers; "
                f"whole archives would take {found.archives} bytes"
            )
        elif verb == "sweep":
            files, size = sweep()
            self.stdout.write(f"removed {files} layers and configs, {size} bytes")
        else:
            self._give_out(str(archive))

    def _give_out(self, archive: str) -> None:
        try:
            with sys.stdin.buffer if archive == "-" else Path(archive).open("rb") as file:
                base = give_out_base(_chunks(file))
        except OSError as error:
            raise CommandError(f"{archive}: {error.strerror}") from error
        except Refused as refused:
            raise CommandError(f"{refused.message} {refused.next}".strip()) from refused
        self.stdout.write(f"sha256:{base.config_digest}: {len(base.layers)} layers are public now")


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
