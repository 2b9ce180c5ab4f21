"""The table of method cards beside a board, and what other programs take of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from assay.accounts.reader import viewer_of
from assay.accounts.selectors import teams_of
from assay.challenges.models import Phase
from assay.config.pages import json_twin, page, wants_json
from assay.leaderboards.cards import OVERVIEW, cards_csv, cards_latex, cards_of, filtered
from assay.leaderboards.crumbs import board_crumbs
from assay.leaderboards.kept_pages import handed
from assay.leaderboards.query import BoardQuery
from assay.leaderboards.stored import board_state
from evaluators.contract.cards import FIELDS, CardsOut


@require_safe
@page
def cards(request: HttpRequest, challenge: str, task: str, phase: str) -> HttpResponse:
    """Every method of the board with its card; search, columns and baselines live in the address."""
    address = [challenge, task, phase]
    found, query, every, shown = _read(request, "/".join(address))
    if wants_json(request):
        return handed(request, json_twin(shown))
    viewer = viewer_of(request)
    fields = [field for field in FIELDS if query.all_columns or field.key in OVERVIEW]
    context: dict[str, Any] = {
        "phase": found,
        "query": query,
        "every": every,
        "cards": shown,
        "fields": fields,
        "rows": [(row, [(field, row.card.get(field.key, "")) for field in fields]) for row in shown.rows],
        "answered": sum(bool(row.card) for row in every.rows),
        "mine": set(teams_of(viewer).values_list("slug", flat=True)) if viewer else set(),
        "crumbs": board_crumbs(found, "Cards"),
        "section": "boards",
        "twin": reverse("board-cards-json", args=address) + query.url().rstrip("?"),
        "exports": [
            (title, reverse(f"board-cards-{name}", args=address) + query.url().rstrip("?"))
            for title, name in (("CSV", "csv"), ("LaTeX", "tex"), ("JSON", "json"))
        ],
    }
    return handed(request, render(request, "leaderboards/cards.html", context))


@require_safe
@page
def cards_as_csv(request: HttpRequest, challenge: str, task: str, phase: str) -> HttpResponse:
    """The table that the address shows, every question."""
    _, _, _, shown = _read(request, f"{challenge}/{task}/{phase}")
    return _file(request, cards_csv(shown), kind="text/csv", name=f"{challenge}-{task}-{phase}-cards.csv")


@require_safe
@page
def cards_as_latex(request: HttpRequest, challenge: str, task: str, phase: str) -> HttpResponse:
    """The table that the address shows, with the questions that it shows."""
    found, query, _, shown = _read(request, f"{challenge}/{task}/{phase}")
    fields = [field.key for field in FIELDS if query.all_columns or field.key in OVERVIEW]
    caption = f"Methods on the board of {found.task.title} / {found.title}."
    return _file(
        request,
        cards_latex(shown, fields=fields, caption=caption),
        kind="application/x-tex",
        name=f"{challenge}-{task}-{phase}-cards.tex",
    )


def _read(request: HttpRequest, address: str) -> tuple[Phase, BoardQuery, CardsOut, CardsOut]:
    """The phase, what the address asks for, every card and those that it shows."""
    state = board_state(address)
    query = BoardQuery.read(request.GET)
    viewer = viewer_of(request)
    every = cards_of(state=state, viewer=viewer, now=timezone.now())
    return state.phase, query, every, filtered(every, find=query.find, baselines=query.baselines)


def _file(request: HttpRequest, text: str, *, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse(
        text,
        content_type=f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    return handed(request, answer)
