"""The form of a submission's method card."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from assay.accounts.errors import NotYourTeam
from assay.accounts.reader import signed_in
from assay.challenges.crumbs import Crumb, crumbs_to
from assay.config.errors import Invalid
from assay.config.pages import page
from assay.submissions import selectors
from assay.submissions.cards import edit_card, may_edit_card
from assay.submissions.forms import CardForm
from evaluators.contract.cards import recognised


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page
def card(request: HttpRequest, code: str) -> HttpResponse:
    """The card's questions with today's answers; sent, they take the place of those that stood."""
    viewer = signed_in(request)
    now = timezone.now()
    found = selectors.submission_for(viewer=viewer, code=code, now=now)
    if not may_edit_card(viewer=viewer, submission=found):
        raise NotYourTeam
    form = CardForm(request.POST or None, card=recognised(found.card), required=found.phase.task.card_required)
    if request.method == "POST" and form.is_valid():
        try:
            edit_card(actor=viewer, submission=found, answers=form.cleaned_data, now=now)
        except Invalid as error:
            form.add_error(None, f"{error.message} {error.next}".strip())
        else:
            return redirect("submission", found.code)
    context: dict[str, Any] = {
        "submission": found,
        "form": form,
        "crumbs": crumbs_to(found.phase, beyond=[Crumb(found.code, f"/s/{found.code}"), Crumb("Card")]),
        "section": "submit",
    }
    return render(request, "submissions/card.html", context, status=422 if form.is_bound and form.errors else 200)
