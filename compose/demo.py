"""`make demo` and `make demo-full TRACK=x`: from nothing to ranked methods, each a container submitted as a team would.

Nothing here reaches around the door: data, challenges and submissions go through the `assay` command. Only accounts,
the hidden seed and the worker's token come from manage.py, as they would on the site's own machine. What is run is a
track's file (compose/tracks): another track is another file.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from compose import tables
from compose.door import Door
from compose.native import ROOT, Stack, StackError
from compose.steps import Steps
from compose.tracks import DEMO, Track, TrackError, read_track
from compose.viewer import draw

TEAM = "assay-baselines"
STEPS = "steps.tsv"


def main() -> int:
    """Run a track. 0: every method stands on every board that it enters, ranked or with the reason why not; 1: not so; 2: it cannot be run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--track", default=DEMO, help="a file of compose/tracks, without .yaml")
    parser.add_argument("--fresh", action="store_true", help="evaluate again what stands on the boards already")
    arguments = parser.parse_args()
    try:
        track = read_track(arguments.track)
        track.out.mkdir(parents=True, exist_ok=True)
        steps = Steps(track.out / STEPS)
        with Stack(port=int(os.environ.get("PORT", "8000"))) as stack:
            return run(track, stack=stack, steps=steps, fresh=arguments.fresh)
    except TrackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def run(track: Track, *, stack: Stack, steps: Steps, fresh: bool) -> int:
    """Bring up the site, bring data and challenges, enter every method, draw what it makes of the samples, tell the boards. Raises StackError."""
    with steps.step("site"):
        stack.prepare()
        token = stack.manage(
            "assay_user", "--username", "organiser", "--email", "organiser@assay.example", "--organiser",
            "--team", TEAM, "--team-name", "Assay baselines", "--token-name", "demo",
        )  # fmt: skip
        stack.start_site()
    door = Door(stack=stack, token=token, team=TEAM)
    with steps.step("data"):
        for dataset in track.datasets:
            door.bring(dataset)
    with steps.step("challenge" if len(track.challenges) == 1 else "challenges"):
        for challenge in track.challenges:
            door.apply(challenge)
    stack.start_evaluator()
    with steps.step("submissions"):
        codes = {
            (method.title, phase): door.submit(method, phase=phase, fresh=fresh) for method, phase in track.entries
        }
    with steps.step("evaluations"):
        ended = {at: door.wait(code) for at, code in codes.items()}
    problems: list[str] = []
    if track.drawn:
        # behind the evaluations: they are timed
        with steps.step("sample pictures"):
            problems += draw(track, door=door, codes=codes, fresh=fresh)
    boards = [door.board(phase) for phase in track.phases]
    written = write(track, boards=boards, steps=steps, ended=ended)
    tables.tell(track, boards=boards, steps=steps, ended=ended)
    print(f"site and worker together: at most {stack.peak_memory / 2**20:.0f} MiB resident")
    largest = max((one["peak_memory"] or 0 for one in ended.values()), default=0)
    print(f"largest of the containers: {largest / 2**20:.0f} MiB, files in memory included")
    print(f"written: {written.relative_to(ROOT)} · `make serve` shows the same boards at {stack.url}")
    problems += unranked(track, boards=boards)
    for problem in problems:
        print(f"error: {problem}; logs in {stack.logs}", file=sys.stderr)
    return 1 if problems else 0


def unranked(track: Track, *, boards: list[dict[str, Any]]) -> list[str]:
    """One sentence for every method that stands without a rank somewhere, unless it was timed and the gate of a board of speed is why."""
    found = []
    for board in boards:
        placed = {
            row["method"]
            for row in board["rows"]
            if row["rank"] is not None or (row.get("note") and row.get("seconds_a_case") is not None)
        }
        found += [
            f"{method.title} is not ranked on {board['phase']}"
            for method in track.entrants[board["phase"]]
            if method.title not in placed
        ]
    return found


def write(
    track: Track, *, boards: list[dict[str, Any]], steps: Steps, ended: dict[tuple[str, str], dict[str, Any]]
) -> Path:
    """leaderboard.json of a track with one board: that board; else leaderboards.json: all of them, and where time went."""
    if len(boards) == 1:
        path, document = track.out / "leaderboard.json", boards[0]
    else:
        containers = [
            {"method": title, "phase": phase, "seconds": one["seconds"]} for (title, phase), one in ended.items()
        ]
        path = track.out / "leaderboards.json"
        document = {
            "track": track.name,
            "steps": steps.seconds,
            "containers": containers,
            "cores": os.cpu_count(),
            "boards": boards,
        }
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main())
