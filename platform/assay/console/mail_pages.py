"""Writing to a list of people that one has seen, and leaving that list."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assay.challenges.models import Challenge
from assay.config.errors import NotFound, Refused
from assay.config.pages import page, wants_json
from assay.console import mailing
from assay.console.access import organised
from assay.console.audience import AUDIENCES, Recipients, recipients_of
from assay.console.crumbs import console_crumbs
from assay.console.models import Mailing


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page
def mail(request: HttpRequest, challenge: str) -> HttpResponse:
    """A form; `preview` shows the exact list and text, `send` writes to that very list."""
    found, viewer = organised(request, challenge)
    asked = {name: request.POST.get(name, "") for name in ("audience", "subject", "text")}
    refusal: Refused | None = None
    if request.POST.get("do") == "send":
        try:
            sent = mailing.send(
                actor=viewer, challenge=found, seen=request.POST.get("seen", ""), now=timezone.now(), **asked
            )
        except Refused as error:
            refusal = error
        else:
            return redirect("console-mailing", found.slug, sent.pk)
    shown: Recipients | None = None
    body = ""
    if request.method == "POST":
        try:
            shown = recipients_of(found, asked["audience"])
            _, text = mailing.checked_mail(asked["subject"], asked["text"])
            body = mailing.letter_text(challenge=found, text=text, user=0)
        except Refused as error:
            refusal = refusal or error
    context: dict[str, Any] = {
        "challenge": found,
        **asked,
        "audiences": AUDIENCES,
        "shown": shown,
        "body": body,
        "refusal": refusal,
        "mailings": Mailing.objects.filter(challenge=found).select_related("written_by")[:20],
        "crumbs": console_crumbs(found, "Mail"),
        "section": "boards",
    }
    return render(request, "console/mail.html", context, status=refusal.status if refusal else 200)


@require_safe
@never_cache
@page
def one_mailing(request: HttpRequest, challenge: str, number: int) -> HttpResponse:
    """To whom it went, and who has it."""
    found, _ = organised(request, challenge)
    shown = _mailing(found, number)
    letters = list(shown.letters.select_related("user"))
    if wants_json(request):
        told = [
            {"person": one.user.username, "state": one.state, "at": one.at, "problem": one.problem} for one in letters
        ]
        return JsonResponse({"subject": shown.subject, "audience": shown.audience, "at": shown.at, "letters": told})
    context = {
        "challenge": found,
        "mailing": shown,
        "letters": letters,
        "counts": Counter(one.state for one in letters),
        "audience": AUDIENCES.get(shown.audience, shown.audience),
        "crumbs": console_crumbs(found, "Mail"),
        "section": "boards",
        "twin": reverse("console-mailing-json", args=[challenge, number]),
    }
    return render(request, "console/mailing.html", context)


@require_POST
@page
def retry_mailing(request: HttpRequest, challenge: str, number: int) -> HttpResponse:
    """What the mail server refused is tried again."""
    found, viewer = organised(request, challenge)
    mailing.try_again(actor=viewer, mailing=_mailing(found, number), now=timezone.now())
    return redirect("console-mailing", found.slug, number)


@csrf_exempt  # mail programs post here by themselves; the signed address says who it is
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A look changes nothing: programs that fetch every link of a mail take nobody off the list."""
    challenge, user = mailing.who_unsubscribes(token)
    if request.method == "POST":
        mailing.unsubscribe(challenge=challenge, user=user, now=timezone.now())
    return render(request, "console/unsubscribe.html", {"challenge": challenge, "done": request.method == "POST"})


def _mailing(challenge: Challenge, number: int) -> Mailing:
    found = Mailing.objects.filter(challenge=challenge, pk=number).select_related("challenge", "written_by").first()
    if found is None:
        raise NotFound("There is no such mail of this challenge.", next="The console lists every one.")
    return found
