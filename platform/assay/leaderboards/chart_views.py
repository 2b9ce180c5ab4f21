"""The charts of a board: a page that is complete by itself, which the board's own page loads after its table, and their JSON."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from assay.accounts.reader import viewer_of
from assay.accounts.selectors import teams_of
from assay.config.pages import json_twin, page, wants_json
from assay.leaderboards.charts.page import charts_page
from assay.leaderboards.charts.read import charts_of
from assay.leaderboards.crumbs import board_crumbs
from assay.leaderboards.kept_pages import handed
from assay.leaderboards.page import stratum_title
from assay.leaderboards.query import BoardQuery
from assay.leaderboards.stored import board_state


@require_safe
@page
def charts(request: HttpRequest, challenge: str, task: str, phase: str) -> HttpResponse:
    """Rank stability, one metric case by case, and that metric against time and memory; metric and stratum live in the address."""
    query = BoardQuery.read(request.GET)
    state = board_state(f"{challenge}/{task}/{phase}", stratum=query.stratum)
    viewer = viewer_of(request)
    mine = set(teams_of(viewer).values_list("slug", flat=True)) if viewer else set()
    board, told = charts_of(
        state=state,
        viewer=viewer,
        now=timezone.now(),
        mine=mine,
        pins=query.pins,
        metric=query.chart,
    )
    if wants_json(request):
        return handed(request, json_twin(told))
    address, found = [challenge, task, phase], state.phase
    own = [row.submission for row in board.rows if row.team in mine]
    context: dict[str, Any] = {
        "phase": found,
        "charts": told,
        "payload": told.model_dump(mode="json"),
        "own": own,
        "shown": charts_page(told, board=board, own=own, query=query),
        "cases": board.cases,
        "stratum": stratum_title(found.task.parsed(), query.stratum),
        "crumbs": board_crumbs(found, "Charts"),
        "section": "boards",
        "twin": f"{reverse('board-charts-json', args=address)}?{request.GET.urlencode()}".rstrip("?"),
    }
    return handed(request, render(request, "leaderboards/charts.html", context))
