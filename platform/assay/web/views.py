"""Pages that span apps: front, boards, challenge, status, help."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from assay.challenges.crumbs import Crumb, crumbs_to
from assay.challenges.selectors import phase_by_address, task_by_address
from assay.config.errors import NotFound
from assay.config.pages import page, wants_json
from assay.config.reader import THEME_COOKIE
from assay.console.reading import news_of, pages_of
from assay.leaderboards.scoring_words import explain
from assay.web.context import THEMES
from assay.web.help import all_codes
from assay.web.sample_page import sample_page
from assay.web.selectors import read_queue_health
from assay.web.shelf import ChallengeCard, shelf
from assay.web.standing import standings
from assay.web.task_page import talk_of, trees_of, worked_example
from evaluators.contract.catalogue import catalogue

_A_YEAR = 365 * 86400


@require_safe
@page
def front(request: HttpRequest) -> HttpResponse:
    """What this site is, what is open, and how to enter."""
    now = timezone.now()
    cards = shelf(now=now)
    opened = [card for card in cards if card.is_open]
    return render(
        request,
        "web/front.html",
        {
            "open": opened,
            "glance": standings(opened[0], viewer=None, now=now)[0] if opened else None,
            "closed": [card for card in cards if not card.is_open],
            "example": _first_open_address(cards),
            "twin": reverse("boards-json"),
        },
    )


@require_safe
@page
def boards(request: HttpRequest) -> HttpResponse:
    """Every board there is."""
    cards = shelf(now=timezone.now())
    if wants_json(request):
        return JsonResponse({"challenges": [_card_as_json(card) for card in cards]})
    context = {"cards": cards, "section": "boards", "twin": reverse("boards-json")}
    return render(request, "web/boards.html", context)


@require_safe
@page
def challenge(request: HttpRequest, challenge: str) -> HttpResponse:
    """One challenge: its tasks, their phases, and who leads."""
    now = timezone.now()
    card = next(iter(shelf(now=now, slug=challenge)), None)
    if card is None:
        raise NotFound("There is no challenge at this address.", next="All challenges are listed under Boards.")
    if wants_json(request):
        return JsonResponse(_card_as_json(card))
    context: dict[str, Any] = {
        "card": card,
        "challenge": card.challenge,
        "rows": standings(card, viewer=request.user, now=now),
        "organisers": (organisers := list(card.challenge.organisers.order_by("username"))),
        "news": news_of(card.challenge)[:3],
        "pages": pages_of(card.challenge),
        "may_organise": request.user in organisers or getattr(request.user, "is_superuser", False),
        "crumbs": crumbs_to(card.challenge),
        "section": "boards",
        "twin": reverse("challenge-json", args=[challenge]),
    }
    return render(request, "web/challenge.html", context)


@require_safe
@page
def task(request: HttpRequest, challenge: str, task: str) -> HttpResponse:
    """What goes in, what must come out, how it is scored and ranked."""
    found = task_by_address(challenge=challenge, task=task)
    spec = found.parsed()
    if wants_json(request):
        return JsonResponse(
            {"task": f"{challenge}/{task}", "title": found.title, "version": found.version, **found.spec}
        )
    now = timezone.now()
    card = next(iter(shelf(now=now, slug=challenge)))
    phases = next(each.phases for each in card.tasks if each.task.pk == found.pk)
    context: dict[str, Any] = {
        "task": found,
        "spec": spec,
        "kind": catalogue().kinds[spec.kind],
        "phases": phases,
        "talk": talk_of(found, phases=[each.phase for each in phases]),
        "trees": trees_of(found, phases=[each.phase for each in phases]),
        "explained": explain(spec),
        "example": worked_example(spec),
        "crumbs": crumbs_to(found),
        "section": "boards",
        "twin": reverse("task-json", args=[challenge, task]),
    }
    return render(request, "web/task.html", context)


@require_safe
@page
def sample(request: HttpRequest, challenge: str, task: str, phase: str) -> HttpResponse:
    """Public sample cases as pictures: reference, an image beside it, the error. What is shown lives in the address."""
    found = phase_by_address(f"{challenge}/{task}/{phase}")
    asked = {
        name: request.GET.get(word, "")
        for name, word in (("case", "case"), ("method", "method"), ("of_class", "class"))
    }
    shown = sample_page(found, **asked)
    if wants_json(request):
        return JsonResponse(shown.document() if shown else {"dataset": None, "pictures": []})
    context = {
        "phase": found,
        "shown": shown,
        "crumbs": crumbs_to(found, beyond="Sample"),
        "section": "boards",
        "twin": reverse("sample-json", args=[challenge, task, phase]),
    }
    return render(request, "web/sample.html", context)


@require_safe
@never_cache
@page
def status(request: HttpRequest) -> HttpResponse:
    """Who works, what waits, since when."""
    health = read_queue_health(now=timezone.now())
    if wants_json(request):
        classes = [{**asdict(each), "stalled": each.stalled} for each in health.classes]
        return JsonResponse(
            {
                "sentence": health.sentence,
                "at": health.at,
                "stalled": health.stalled,
                "classes": classes,
                "last_result_at": health.last_result_at,
            }
        )
    context = {"health": health, "twin": reverse("status-json"), "crumbs": [Crumb("Status")]}
    return render(request, "web/status.html", context)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- a view's signature
    """200 when the site answers and reaches its database; nothing about workers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@page
def help_index(request: HttpRequest) -> HttpResponse:
    """Two doors and every code."""
    codes = list(all_codes().values())
    context = {
        "failures": [code for code in codes if not code.ours and code.concerns != "a request"],
        "ours": [code for code in codes if code.ours],
        "refusals": [code for code in codes if code.concerns == "a request"],
        "section": "help",
    }
    return render(request, "web/help.html", context)


@require_safe
@page
def help_code(request: HttpRequest, code: str) -> HttpResponse:
    """One code: meaning, usual causes, fix, whether it counts."""
    known = all_codes().get(code)
    if known is None:
        if (upper := code.upper().replace("-", "_")) in all_codes():
            return redirect("help-code", upper)
        raise NotFound(f"There is no code {code[:40]!r}.", next="Every code is listed on the help page, A to Z.")
    context = {"code": known, "crumbs": [Crumb("Help", reverse("help")), Crumb(known.code)], "section": "help"}
    return render(request, "web/help_code.html", context)


@csrf_exempt  # a preference: the worst that a forged form does is a dark page, and readers need no cookie
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep light, dark or the system's choice in a cookie, so that the first paint is right."""
    wanted, after = request.POST.get("theme", ""), request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(after, allowed_hosts={request.get_host()}):
        after = "/"
    response = redirect(after)
    if wanted in THEMES[1:]:
        response.set_cookie(
            THEME_COOKIE, wanted, max_age=_A_YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response


def _first_open_address(cards: list[ChallengeCard]) -> str:
    return next(
        (each.phase.address for card in cards for task in card.tasks for each in task.phases if each.is_open),
        "challenge/task/phase",
    )


def _card_as_json(card: ChallengeCard) -> dict[str, Any]:
    return {
        "challenge": card.challenge.slug,
        "title": card.challenge.title,
        "summary": card.challenge.summary,
        "tasks": [
            {
                "task": task.task.slug,
                "title": task.task.title,
                "version": task.task.version,
                "phases": [
                    {
                        "address": each.phase.address,
                        "title": each.phase.title,
                        "state": each.sentence,
                        "is_open": each.is_open,
                        "methods": each.methods,
                    }
                    for each in task.phases
                ],
            }
            for task in card.tasks
        ],
    }
