"""A site of its own with one large board, for bench_board.py: `python -m tests.benchmarks.board_site fill|compute|judge`.

Runs apart from the benchmark, which imports nothing of Django; ASSAY_VAR says where the site lies.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "season/cine/test"
METHODS, SUBJECTS, FACTORS, VIEWS = 2006, 50, ("4", "8", "10"), ("sax", "lax")
KEYS = ("ssim", "psnr", "nmse")


def main(verb: str) -> None:
    """One verb; `compute` and `judge` print their seconds."""
    sys.path.insert(0, str(ROOT / "platform"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assay.config.settings")
    import django

    django.setup()
    {"fill": fill, "compute": compute, "judge": judge}[verb]()


def fill() -> None:
    """2,006 methods of as many teams on 300 cases of 50 subjects, three metrics; values drawn, none is a result."""
    from django.core.management import call_command

    from tests.benchmarks.board_rows import write_board

    call_command("migrate", "--noinput", verbosity=0)
    call_command("collectstatic", "--noinput", verbosity=0)
    write_board(methods=METHODS, subjects=SUBJECTS, factors=FACTORS, views=VIEWS, keys=KEYS, address=ADDRESS)


def compute() -> None:
    """Means, ranks and intervals from stored scores; nothing is read that was computed before."""
    from assay.challenges.selectors import phase_by_address
    from assay.leaderboards.cases import read_scored
    from assay.leaderboards.certainty import Known
    from assay.leaderboards.ranking.bootstrap import stability
    from assay.leaderboards.selectors import board_of
    from evaluators.contract.boards import BoardCertainty

    phase = phase_by_address(ADDRESS)
    start = perf_counter()
    scored = read_scored(phase)
    ready = scored.ready(scored.cases.chosen(None))
    assert ready is not None
    intervals = stability(ready).intervals
    board = board_of(phase=phase, scored=scored, known=Known(told=BoardCertainty(), intervals=intervals))
    seconds = perf_counter() - start
    assert len(board.rows) == METHODS
    sys.stdout.write(f"{seconds}\n")


def judge() -> None:
    """What the site's worker does when scores have arrived."""
    from django.utils import timezone

    from assay.leaderboards.services import judge_changed

    start = perf_counter()
    judge_changed(now=timezone.now())
    sys.stdout.write(f"{perf_counter() - start}\n")


if __name__ == "__main__":
    main(sys.argv[1])
