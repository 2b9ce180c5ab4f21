"""`manage.py worker_token NAME --hardware cpu`: registers a worker, or gives a known one a fresh token."""

from __future__ import annotations

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assay.evaluations import services

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,59}")
_HARDWARE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class Command(BaseCommand):
    help = "Print a fresh token for a worker. It is shown once; the worker's earlier token opens nothing any more."

    def add_arguments(self, parser: CommandParser) -> None:
        """NAME --hardware CLASS"""
        parser.add_argument("name", help="small letters, digits, dots and hyphens, such as gpu-3")
        parser.add_argument("--hardware", required=True, help="the class whose queue it serves, such as cpu or gpu-24g")

    def handle(self, *args: Any, name: str, hardware: str, **options: Any) -> None:  # noqa: ARG002
        """The token alone goes to standard output."""
        if not _NAME.fullmatch(name):
            raise CommandError(f"{name!r} is no worker's name: use small letters, digits, dots and hyphens")
        if not _HARDWARE.fullmatch(hardware):
            raise CommandError(f"{hardware!r} is no hardware class: use small letters, digits and hyphens")
        self.stdout.write(services.register_worker(name=name, hardware=hardware, now=timezone.now()))
