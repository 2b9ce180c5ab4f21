"""`manage.py challenge_archive NAME DIR`: what `assay challenge archive` does, without a token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assay.challenges.selectors import challenge_by_slug
from assay.config.errors import Refused
from assay.console.archive.gather import gather
from assay.console.archive.write import write_folder


class Command(BaseCommand):
    """Writes a finished challenge as plain pages."""

    help = "Write a finished challenge into DIR: pages that open without network or script, one JSON, one CSV, a data card."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which challenge, and where to."""
        parser.add_argument("name")
        parser.add_argument("dir", type=Path)
        parser.add_argument("--licence", default="", help="of the data, in words")
        parser.add_argument("--unfinished", action="store_true", help="also while a phase is open")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print how many files there are."""
        try:
            gathered = gather(
                challenge_by_slug(options["name"]),
                now=timezone.now(),
                licence=options["licence"],
                unfinished=options["unfinished"],
            )
            count = write_folder(gathered, folder=options["dir"])
        except Refused as error:
            raise CommandError(f"{error.message}\n  next: {error.next}") from error
        self.stdout.write(f"{count} files in {options['dir']}; begin with index.html")
