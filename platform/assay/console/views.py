"""Pages of the console: a challenge's re-scores."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from assay.challenges.selectors import phase_by_address
from assay.config.errors import NotFound
from assay.config.pages import json_twin, page, wants_json
from assay.console import rescoring
from assay.console.access import organised
from assay.console.crumbs import console_crumbs
from assay.console.message import describe
from assay.console.ranks import compare_ranks
from assay.console.rows import count_rows, stand_of, why
from assay.console.selectors import rescore_in


@require_POST
@page
def begin_rescore(request: HttpRequest, challenge: str) -> HttpResponse:
    """Score again what the runs of a phase left, and show how far that is."""
    found, viewer = organised(request, challenge)
    phase = phase_by_address(f"{found.slug}/{request.POST.get('phase', '')}")
    begun = rescoring.begin(
        actor=viewer,
        phase=phase,
        everything=request.POST.get("everything") == "yes",
        note=request.POST.get("note", ""),
        now=timezone.now(),
    )
    return redirect("console-rescore", found.slug, begun.pk)


@require_safe
@never_cache
@page
def rescore(request: HttpRequest, challenge: str, number: int) -> HttpResponse:
    """Old and new ranks side by side, what failed, and the button that publishes."""
    found, _ = organised(request, challenge)
    shown = rescore_in(found, number)
    if wants_json(request):
        return json_twin(describe(shown))
    rows = list(shown.rows.select_related("submission__team", "after"))
    counts = count_rows(rows)
    compared = compare_ranks(shown)
    context: dict[str, Any] = {
        "challenge": found,
        "rescore": shown,
        "counts": counts,
        "compared": compared,
        "titles": [title for title, _, _ in compared.moved[0].metrics] if compared.moved else [],
        "rows": [{"row": row, "stand": stand_of(row).value, "why": why(row)} for row in rows],
        "live": shown.is_open and counts.waiting > 0,
        "crumbs": console_crumbs(found, f"Re-score of {shown.phase.task.title} / {shown.phase.title}"),
        "section": "boards",
        "twin": reverse("console-rescore-json", args=[challenge, number]),
    }
    return render(request, "console/rescore.html", context)


@require_POST
@page
def change_rescore(request: HttpRequest, challenge: str, number: int, verb: str) -> HttpResponse:
    """Try again, leave out, drop or publish, and show what came of it."""
    found, viewer = organised(request, challenge)
    shown = rescore_in(found, number)
    now = timezone.now()
    match verb:
        case "retry":
            rescoring.try_again(actor=viewer, rescore=shown, now=now)
        case "leave-out":
            rescoring.leave_out(actor=viewer, rescore=shown, now=now)
        case "drop":
            rescoring.drop(actor=viewer, rescore=shown, now=now)
        case "publish":
            typed, note = request.POST.get("name", ""), request.POST.get("note", "")
            rescoring.publish(actor=viewer, rescore=shown, typed=typed, note=note, now=now)
        case _:
            raise NotFound
    return redirect("console-rescore", found.slug, number)
