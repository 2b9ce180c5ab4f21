"""The console's own page, and what it links to: funnel as CSV, the challenge file, the audit trail."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from assay.config.pages import page, wants_json
from assay.console.access import organised
from assay.console.crumbs import console_crumbs
from assay.console.funnel import funnel_csv, funnel_of
from assay.console.models import Page
from assay.console.overview import overview
from assay.console.trail import trail_of

#: entries of the audit trail on one page
_SHOWN = 200


@require_safe
@never_cache
@page
def console(request: HttpRequest, challenge: str) -> HttpResponse:
    """What needs the organisers, and how far everybody is."""
    found, _ = organised(request, challenge)
    shown = overview(found, now=timezone.now())
    if wants_json(request):
        return JsonResponse(shown.document())
    context: dict[str, Any] = {
        "challenge": found,
        "shown": shown,
        "kinds": Page.Kind,
        "stale": {one.phase.pk for one in shown.awaiting if not one.begun},
        "crumbs": console_crumbs(found),
        "section": "boards",
        "twin": reverse("console-json", args=[challenge]),
    }
    return render(request, "console/console.html", context)


@require_safe
@never_cache
@page
def funnel(request: HttpRequest, challenge: str) -> HttpResponse:
    """One line a team."""
    found, _ = organised(request, challenge)
    return HttpResponse(
        funnel_csv(funnel_of(found)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{found.slug}-funnel.csv"'},
    )


@require_safe
@never_cache
@page
def file(request: HttpRequest, challenge: str) -> HttpResponse:
    """The challenge file as it was applied last."""
    found, _ = organised(request, challenge)
    return HttpResponse(found.source, content_type="text/plain; charset=utf-8")


@require_safe
@never_cache
@page
def audit(request: HttpRequest, challenge: str) -> HttpResponse:
    """Who did what."""
    found, _ = organised(request, challenge)
    entries = list(trail_of(found)[: _SHOWN + 1])
    shown = entries[:_SHOWN]
    if wants_json(request):
        told = [
            {
                "at": entry.at,
                "who": entry.actor.username if entry.actor else entry.agent,
                "deed": entry.tag,
                "on": entry.target,
                "detail": entry.detail,
            }
            for entry in shown
        ]
        return JsonResponse({"entries": told})
    context = {
        "challenge": found,
        "entries": shown,
        "more": len(entries) > _SHOWN,
        "crumbs": console_crumbs(found, "Audit"),
        "section": "boards",
        "twin": reverse("console-audit-json", args=[challenge]),
    }
    return render(request, "console/audit.html", context)
