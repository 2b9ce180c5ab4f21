"""The page on which a challenge file is looked at and applied: what is wrong or what would change, the text, and two buttons."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from assay.accounts.models import User
from assay.challenges import review
from assay.challenges.errors import ChallengeChanged, ChallengeFileRefused, ConfirmNeeded, PhaseStays
from assay.challenges.models import Challenge
from assay.challenges.services import apply_challenge
from assay.config.errors import Refused

FILENAME = "challenge.yaml"


def show_file(
    request: HttpRequest, *, actor: User, text: str, title: str, status: int = 200, refusal: Refused | None = None
) -> HttpResponse:
    """The text with its mistakes, or with what applying it would change. Nothing is changed."""
    context: dict[str, Any] = {"text": text, "heading": title, "refusal": refusal, "section": "boards"}
    try:
        found = review.diff(text=text, filename=FILENAME, actor=actor, now=timezone.now())
    except ChallengeFileRefused as error:
        context["problems"] = error.problems
        # a page that only shows what stands is there, whatever is wrong with it
        status = max(status, error.status) if request.method == "POST" else status
    else:
        context["review"] = found
    return render(request, "challenges/file.html", context, status=status)


def apply_file(request: HttpRequest, *, actor: User, text: str, title: str) -> HttpResponse:
    """Apply what was looked at; what stands in the way is told on the same page, with the text as it was typed."""
    try:
        done = apply_challenge(
            text=text,
            filename=FILENAME,
            actor=actor,
            now=timezone.now(),
            base=request.POST.get("base", ""),
            confirm=request.POST.get("confirm") or None,
        )
    except ChallengeFileRefused:
        return show_file(request, actor=actor, text=text, title=title)
    except (ChallengeChanged, ConfirmNeeded, PhaseStays) as refused:
        return show_file(request, actor=actor, text=text, title=title, status=refused.status, refusal=refused)
    changed = [f"{address} {change.value}" for address, change in done.changes.items() if change.value != "same"]
    messages.success(request, f"Applied: {', '.join(changed) or 'nothing but comments changed'}.", extra_tags="done")
    return redirect("organise-challenge", done.challenge.slug)


def standing(challenge: Challenge, *, base: str) -> str:
    """The file that stands, if it is still the one that was looked at. Raises ChallengeChanged."""
    if base != review.version_of(challenge):
        raise ChallengeChanged
    return challenge.source
