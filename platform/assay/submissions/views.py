"""Pages of entering: a phase with its limits and docker line, and the list of what one has submitted."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from assay.accounts.reader import signed_in, viewer_of
from assay.accounts.selectors import teams_of
from assay.challenges.crumbs import crumbs_to
from assay.challenges.selectors import all_phases, phase_by_address
from assay.config.pages import json_twin, page, wants_json
from assay.submissions import selectors, services
from assay.submissions.phase_page import latest_run, limit_rows, own_submissions, sights, team_quotas


@require_safe
@page
def phase(request: HttpRequest, challenge: str, task: str, phase: str) -> HttpResponse:
    """Limits, the docker line, quota, dates, who sees what, and how to submit."""
    now = timezone.now()
    found = phase_by_address(f"{challenge}/{task}/{phase}")
    viewer = viewer_of(request)
    if wants_json(request):
        return json_twin(selectors.describe_phase(found, team=None, now=now))
    mine = own_submissions(viewer=viewer, phase=found, now=now) if viewer else []
    last = latest_run(mine)
    context: dict[str, Any] = {
        "phase": found,
        "told": selectors.describe_phase(found, team=None, now=now),
        "limits": limit_rows(found, last=last),
        "last": last,
        "quotas": team_quotas(viewer=viewer, phase=found, now=now) if viewer else [],
        "sights": sights(found),
        "mine": selectors.describe_all(mine),
        "crumbs": crumbs_to(found),
        "section": "boards",
        "twin": reverse("phase-json", args=[challenge, task, phase]),
        "now": now,
    }
    return render(request, "submissions/phase.html", context)


@require_safe
@page
def submit(request: HttpRequest) -> HttpResponse:
    """Where and how to enter, and what one has entered so far."""
    now = timezone.now()
    viewer = viewer_of(request)
    mine = own_submissions(viewer=viewer, phase=None, now=now) if viewer else []
    phases = selectors.describe_phases(all_phases(), team=None, now=now)
    context = {
        "phases": [each for each in phases if each.is_open],
        "mine": selectors.describe_all(mine),
        "has_team": viewer is not None and teams_of(viewer).exists(),
        "section": "submit",
    }
    return render(request, "submissions/submit.html", context)


@require_POST
@page
def cancel(request: HttpRequest, code: str) -> HttpResponse:
    """Stop a submission from its own page."""
    viewer = signed_in(request)
    now = timezone.now()
    found = selectors.submission_for(viewer=viewer, code=code, now=now)
    services.cancel(actor=viewer, submission=found, now=now)
    return redirect("submission", code)


@require_POST
@page
def refund(request: HttpRequest, code: str) -> HttpResponse:
    """An organiser gives a submission back, from its own page."""
    viewer = signed_in(request)
    now = timezone.now()
    found = selectors.submission_for(viewer=viewer, code=code, now=now)
    services.refund(actor=viewer, submission=found, reason=request.POST.get("reason", ""), now=now)
    return redirect("submission", code)
