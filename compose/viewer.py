"""What a track's methods make of the public samples, drawn for the site's viewer: each by `assay check`, once an entry."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping

from compose.door import Door
from compose.native import StackError
from compose.tracks import Track

#: entry -> the submission that was drawn
NOTED = "drawn.json"


def draw(track: Track, *, door: Door, codes: Mapping[tuple[str, str], str], fresh: bool) -> list[str]:
    """Draw what is not there yet, as long as the track's seconds last. codes: (method, phase) -> submission.

    Returns a sentence for every method whose check is red; who is left out for want of time is told on stderr.
    """
    noted = track.out / NOTED
    known: dict[str, str] = json.loads(noted.read_text(encoding="utf-8")) if noted.exists() else {}
    over = time.monotonic() + track.drawn_within
    problems: list[str] = []
    for phase, methods in track.drawn.items():
        for method in methods:
            # the same submission is the same image: it would answer as it did
            code, at = codes.get((method.title, phase)), f"{phase} {method.title}"
            if code is None or (known.get(at) == code and not fresh):
                continue
            left = over - time.monotonic()
            try:
                if left <= 0 or not door.draw(method, phase=phase, within=left):
                    told = f"{method.title} on {phase} is not drawn: {track.drawn_within} s are over"
                    print(f"demo: {told}", file=sys.stderr, flush=True)
                    continue
            except StackError as error:
                problems.append(str(error))
                continue
            known[at] = code
            noted.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    return problems
