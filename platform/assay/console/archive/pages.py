"""The archive's pages: plain HTML from templates of their own, every link relative."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from assay.console.archive.gather import Board, Gathered
from assay.console.archive.links import relative_links
from assay.console.markdown import render_markdown
from assay.leaderboards.measured import memory_text, pace_text
from assay.leaderboards.page import arrow_of, column_note, metric_text, range_text, unit_text, verdict
from evaluators.contract.catalogue import catalogue
from evaluators.contract.pictures import ERROR_WINDOW


def pages_of_archive(gathered: Gathered) -> Iterator[tuple[str, str]]:
    """(file, HTML) of every page."""
    slug = gathered.challenge.slug
    known = {
        **{f"/c/{board.phase.address}/board/{board.name}": board.file for board in gathered.boards},
        f"/c/{slug}": "index.html",
        f"/c/{slug}/news": "index.html",
        **{f"/c/{slug}/pages/{page.kind}": f"{page.kind}.html" for page in gathered.pages},
    }

    def prose(text: str) -> str:
        return relative_links(render_markdown(text), known=known)

    news = [(one, prose(one.text)) for one in gathered.news]
    yield "index.html", _page("index", gathered, news=news)
    for page in gathered.pages:
        yield f"{page.kind}.html", _page("text", gathered, shown=page, html=prose(page.text))
    for board in gathered.boards:
        yield board.file, _page("board", gathered, up="../", **_board(board))
    yield "scoring.html", _page("scoring", gathered)
    yield "methods.html", _page("methods", gathered)
    yield "data-card.html", _page("data", gathered)
    labels = any(catalogue().kinds[part.spec.kind].labels for part in gathered.tasks)
    window = None if labels else round(100 * ERROR_WINDOW)
    yield "samples.html", _page("samples", gathered, window=window)


def style_sheet() -> str:
    """Colours and sizes of the site, and the few rules of the archive."""
    sheets = (finders.find("assay/tokens.css"), finders.find("assay/archive.css"))
    texts = []
    for sheet in sheets:
        if not isinstance(sheet, str):
            raise FileNotFoundError("the site's own style sheets are not among its static files")
        with open(sheet, encoding="utf-8") as file:  # noqa: PTH123 -- a path that Django gives as text
            texts.append(file.read())
    return "\n".join(texts)


def _page(name: str, gathered: Gathered, *, up: str = "", **context: Any) -> str:
    return render_to_string(f"console/archive/{name}.html", {"all": gathered, "up": up, **context})


def _board(board: Board) -> dict[str, Any]:
    table = board.told.board
    return {
        "board": board,
        "told": board.told,
        "table": table,
        "verdict": verdict(table),
        "columns": [
            {"column": each, "arrow": arrow_of(each), "unit": unit_text(each), "note": column_note(each)}
            for each in table.columns
        ],
        "rows": [
            {
                "row": row,
                "rank": "" if row.rank is None else f"{row.rank:g}",
                "range": range_text(row),
                "cells": [metric_text(row.metrics.get(each.key), column=each) for each in table.columns],
                "pace": pace_text(row.seconds_a_case),
                "memory": memory_text(row.peak_memory),
            }
            for row in table.rows
        ],
    }
