"""`python -m assay_kit` is the `assay` command."""

from __future__ import annotations

from assay_kit.main import run

if __name__ == "__main__":
    run()
