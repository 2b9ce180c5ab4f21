#!/usr/bin/env python3
"""Django's entry. Puts platform/ on the path: it is a source root, never a package."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> None:
    """Run a management command."""
    root = Path(__file__).resolve().parent
    sys.path[:0] = [str(root / "platform"), str(root)]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assay.config.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415 -- after the path is set

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
