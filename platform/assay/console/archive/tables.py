"""The archive for programs: one JSON document, and one table with every row of every board."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from assay.console.archive.gather import Board, Gathered, without_addresses
from assay.leaderboards.exports import safe_text

#: columns of the table
HEAD = ["board", "snapshot", "rank", "rank_low", "rank_high", "group", "team", "method", "baseline", "submission",
         "metric", "stratum", "value", "cases", "of", "seconds_a_case", "peak_memory"]  # fmt: skip


def challenge_json(gathered: Gathered) -> str:
    """Everything that the pages show."""
    document: dict[str, Any] = {
        "challenge": gathered.challenge.slug,
        "title": gathered.challenge.title,
        "summary": gathered.challenge.summary,
        "organisers": list(gathered.organisers),
        "archived_at": gathered.at,
        "licence": gathered.licence,
        "tasks": [
            {
                "task": part.task.slug,
                "title": part.task.title,
                "version": part.task.version,
                "rule": part.explained.rule,
                "specification": part.task.spec,
                "phases": [
                    {"phase": phase.slug, "title": phase.title, "state": sentence, "limits": phase.limits}
                    for phase, sentence in part.phases
                ],
            }
            for part in gathered.tasks
        ],
        "boards": [
            {
                "address": board.phase.address,
                "snapshot": board.name,
                "sha256": board.sha256,
                "document": board.told.model_dump(mode="json"),
            }
            for board in gathered.boards
        ],
        "methods": [
            {
                "submission": card.submission,
                "method": card.method,
                "team": card.team,
                "baseline": card.baseline,
                "image": card.image,
                "card": dict(card.answers),
            }
            for card in gathered.cards
        ],
        "data": [
            {
                "dataset": one.name,
                "public": one.public,
                "sha256": one.sha256,
                "cases": one.cases,
                "units": one.units,
                "unit": one.unit,
                "strata": [{"property": name, "value": value, "cases": count} for name, value, count in one.strata],
                "used_by": list(one.used_by),
            }
            for one in gathered.data
        ],
        "news": [{"title": one.title, "at": one.at, "text": without_addresses(one.text)} for one in gathered.news],
        "pages": [{"page": one.kind, "version": one.version, "at": one.at, "text": one.text} for one in gathered.pages],
    }
    return json.dumps(document, indent=1, ensure_ascii=False, cls=DjangoJSONEncoder) + "\n"


def boards_csv(gathered: Gathered) -> str:
    """One line a value: board, row, metric, stratum (empty: all cases). Numbers unrounded, missing is empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEAD)
    for board in gathered.boards:
        for line in lines_of(board):
            writer.writerow(
                ["" if cell is None else safe_text(cell) if isinstance(cell, str) else cell for cell in line]
            )
    return text.getvalue()


def lines_of(board: Board) -> list[list[str | float | None]]:
    """Of every row, metric and stratum, in the order of HEAD."""
    found: list[list[str | float | None]] = []
    for row in board.told.board.rows:
        head: list[str | float | None] = [
            board.phase.address, board.name, row.rank, row.rank_low, row.rank_high, row.group, row.team, row.method,
            str(row.baseline).lower(), row.submission,
        ]  # fmt: skip
        tail: list[str | float | None] = [row.cases, board.told.board.cases, row.seconds_a_case, row.peak_memory]
        for stratum, means in {"": row.metrics, **row.strata}.items():
            found += [[*head, key, stratum, value, *tail] for key, value in means.items()]
    return found
