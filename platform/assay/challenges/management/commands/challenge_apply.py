"""`manage.py challenge_apply FILE --actor USERNAME`: what `assay challenge apply` does, without a token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assay.accounts.selectors import user_called
from assay.challenges.services import apply_challenge
from assay.config.errors import Refused


class Command(BaseCommand):
    """Applies a challenge file."""

    help = "Make the site as the challenge file says, all of it or nothing; prints what changed."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, and who applies it."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--actor", required=True, metavar="USERNAME", help="an organiser of the challenge")
        parser.add_argument("--confirm", metavar="NAME", help="the challenge's name, where teams lose something by it")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print one line an address."""
        file: Path = options["file"]
        try:
            text = file.read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        try:
            actor = user_called(options["actor"])
            done = apply_challenge(
                text=text, filename=file.name, actor=actor, now=timezone.now(), confirm=options["confirm"]
            )
        except Refused as error:
            raise CommandError(f"{error.message}\n  next: {error.next}") from error
        for address, change in done.changes.items():
            self.stdout.write(f"{change.value:<8} {address}")
