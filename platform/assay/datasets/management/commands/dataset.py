"""`manage.py dataset seed NAME@VERSION`: the hidden seed, which never leaves the server otherwise."""

from __future__ import annotations

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assay.datasets.keys import hidden_seed


class Command(BaseCommand):
    """Prints the seed of a hidden dataset."""

    help = "seed NAME@VERSION prints the seed of hidden simulated data: an HMAC under the site's secret, in hex."

    def add_arguments(self, parser: CommandParser) -> None:
        """The verb and the address."""
        parser.add_argument("verb", choices=["seed"])
        parser.add_argument("address", metavar="NAME@VERSION")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print it, and nothing else."""
        found = re.fullmatch(r"([a-z0-9]+(?:-[a-z0-9]+)*)@([1-9]\d*)", options["address"])
        if found is None:
            raise CommandError(f"{options['address']!r} is no address of a dataset; write it like cine-test@1")
        self.stdout.write(hidden_seed(name=found[1], version=int(found[2])))
