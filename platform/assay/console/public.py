"""What everybody reads: news with its feed, and the challenge's pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from assay.challenges.crumbs import Crumb, crumbs_to
from assay.challenges.models import Challenge
from assay.challenges.selectors import challenge_by_slug
from assay.config.pages import page, wants_json
from assay.config.site import absolute
from assay.console.markdown import render_markdown
from assay.console.models import News
from assay.console.reading import news_of, page_at, pages_of

#: pieces of news in one feed
_FED = 50


@require_safe
@page
def news(request: HttpRequest, challenge: str) -> HttpResponse:
    """Every piece of news, newest first."""
    found = challenge_by_slug(challenge)
    pieces = list(news_of(found))
    if wants_json(request):
        told = [
            {"title": one.title, "at": one.at, "text": one.text, "html": render_markdown(one.text)} for one in pieces
        ]
        return JsonResponse({"challenge": found.slug, "news": told})
    context: dict[str, Any] = {
        "challenge": found,
        "pieces": [(one, render_markdown(one.text)) for one in pieces],
        "crumbs": crumbs_to(found, beyond="News"),
        "section": "boards",
        "twin": reverse("news-json", args=[challenge]),
    }
    return render(request, "console/news.html", context)


@require_safe
@page
def feed(request: HttpRequest, challenge: str) -> HttpResponse:  # noqa: ARG001 -- a view's signature
    """The same as Atom."""
    found = challenge_by_slug(challenge)
    atom = Atom1Feed(
        title=f"News of {found.title}",
        link=absolute(reverse("news", args=[challenge])),
        description=found.summary,
        feed_url=absolute(reverse("news-feed", args=[challenge])),
        author_name=found.title,
    )
    for one in news_of(found)[:_FED]:
        atom.add_item(
            title=one.title,
            link=absolute(_place(found, one)),
            description=render_markdown(one.text),
            pubdate=one.at,
            updateddate=one.at,
            unique_id=absolute(_place(found, one)),
        )
    return HttpResponse(atom.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


@require_safe
@page
def challenge_page(request: HttpRequest, challenge: str, kind: str) -> HttpResponse:
    """One of about, rules, data and cite, as it stands."""
    found = challenge_by_slug(challenge)
    shown = page_at(found, kind)
    if wants_json(request):
        return JsonResponse({"page": shown.kind, "version": shown.version, "at": shown.at, "text": shown.text})
    context = {
        "challenge": found,
        "shown": shown,
        "html": render_markdown(shown.text),
        "others": pages_of(found),
        "crumbs": [*crumbs_to(found)[:-1], Crumb(shown.get_kind_display())],
        "section": "boards",
        "twin": reverse("challenge-page-json", args=[challenge, kind]),
    }
    return render(request, "console/page.html", context)


def _place(challenge: Challenge, one: News) -> str:
    return f"{reverse('news', args=[challenge.slug])}#news-{one.pk}"
