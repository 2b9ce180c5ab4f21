"""`python -m compose.results TRACK`: from a track's leaderboards.json to its page below docs/results. No number there is typed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from compose.tracks import ROOT, Track, asked

PAGES = ROOT / "docs" / "results"


def page(track: Track, *, document: Mapping[str, Any], measured: datetime) -> str:
    """Markdown: every board as it is ranked, one column by stratum, and where the minutes went."""
    return (
        "\n".join(
            (*_head(track, document=document, measured=measured), *_boards(track, document["boards"]), *_time(document))
        )
        + "\n"
    )


def _head(track: Track, *, document: Mapping[str, Any], measured: datetime) -> Iterator[str]:
    yield f"# {track.title}: measured"
    yield ""
    yield f"<!-- written by `python -m compose.results {track.name}` from {_of(track)}, not by hand -->"
    yield ""
    minutes = sum(document["steps"].values()) / 60
    yield (
        f"`make demo-full TRACK={track.name}` on {document['cores']} shared cores without a GPU, {measured:%d %B %Y}: "
        f"{len(track.methods)} methods with their committed weights, {len(track.entries)} containers on {len(track.phases)} boards "
        f"of simulated and hidden data, {minutes:.0f} minutes. A board so small ranks; it does not tell methods apart that are near."
    )


def _boards(track: Track, boards: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for board in boards:
        rows = board["rows"]
        keys = list(dict.fromkeys(key for row in rows for key in row["metrics"]))
        timed = ["s a case"] if any(row.get("seconds_a_case") is not None for row in rows) else []
        yield from ("", f"## {board['phase']}", "")
        yield from _table(
            ["rank", "method", *keys, *timed, "cases", "failures"],
            (
                [
                    "–" if row["rank"] is None else f"{row['rank']:g}",
                    row["method"],
                    *(_number(row["metrics"].get(key)) for key in keys),
                    *(_number(row.get("seconds_a_case")) for _ in timed),
                    str(row["cases"]),
                    str(sum(row["failures"].values())),
                ]
                for row in rows
            ),
        )
        strata = list(dict.fromkeys(stratum for row in rows for stratum in row["strata"]))
        yield from ("", f"`{track.strata_of}` by stratum:", "")
        yield from _table(
            ["method", *strata],
            (
                [row["method"], *(_number(row["strata"].get(at, {}).get(track.strata_of)) for at in strata)]
                for row in rows
            ),
        )


def _time(document: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", "## Where the minutes went", "")
    yield from _table(["step", "s"], ([name, f"{seconds:.0f}"] for name, seconds in document["steps"].items()))
    containers: Sequence[Mapping[str, Any]] = document["containers"]
    phases = list(dict.fromkeys(one["phase"] for one in containers))
    seconds = {(one["method"], one["phase"]): one["seconds"] for one in containers}
    yield from ("", "Seconds of each container, start to end:", "")
    yield from _table(
        ["method", *("/".join(phase.split("/")[:2]) for phase in phases)],
        (
            [method, *("–" if (found := seconds.get((method, phase))) is None else f"{found:.0f}" for phase in phases)]
            for method in dict.fromkeys(one["method"] for one in containers)
        ),
    )


def _table(headings: Sequence[str], rows: Iterator[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield "|" + "---|" * len(headings)
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _of(track: Track) -> Path:
    return (track.out / "leaderboards.json").relative_to(ROOT)


def main() -> int:
    """Write the page of the track that is asked for. 1: it has not been run."""
    track = asked()
    source = ROOT / _of(track)
    if not source.is_file():
        print(f"error: there is no {_of(track)}; run `make demo-full TRACK={track.name}` first", file=sys.stderr)
        return 1
    measured = datetime.fromtimestamp(source.stat().st_mtime, tz=UTC)
    PAGES.mkdir(parents=True, exist_ok=True)
    target = PAGES / f"{track.name}.md"
    document = json.loads(source.read_text(encoding="utf-8"))
    target.write_text(page(track, document=document, measured=measured), encoding="utf-8")
    print(f"written: {target.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
