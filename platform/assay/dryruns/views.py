"""The page of a phase's dry run: the button, what was expected and what came."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from assay.accounts.reader import signed_in
from assay.challenges.crumbs import crumbs_to
from assay.challenges.selectors import check_organiser, phase_by_address
from assay.config.pages import json_twin, page, wants_json
from assay.dryruns import selectors, services
from assay.dryruns.errors import NoDryRun


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page
def dry_run(request: HttpRequest, challenge: str, task: str, phase: str) -> HttpResponse:
    """POST begins one."""
    viewer = signed_in(request)
    found = phase_by_address(f"{challenge}/{task}/{phase}")
    check_organiser(user=viewer, challenge=found.task.challenge)
    address = [challenge, task, phase]
    if request.method == "POST":
        services.begin(actor=viewer, phase=found, now=timezone.now())
        return redirect("dry-run", *address)
    run = selectors.latest(found)
    if wants_json(request):
        if run is None:
            raise NoDryRun
        return json_twin(selectors.report(run))
    context = {
        "phase": found,
        "report": None if run is None else selectors.report(run),
        "command": f"assay challenge dry-run {found.address}",
        "crumbs": crumbs_to(found, beyond="Dry run"),
        "section": "boards",
        "twin": reverse("dry-run-json", args=address) if run else "",
    }
    return render(request, "dryruns/dry_run.html", context)
