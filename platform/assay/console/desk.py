"""Where organisers write: news and pages, each shown as it will look before it is published."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from assay.config.errors import Refused
from assay.config.pages import page
from assay.console import writing
from assay.console.access import organised
from assay.console.crumbs import console_crumbs
from assay.console.errors import PageUnknown
from assay.console.markdown import LONGEST, render_markdown
from assay.console.models import News, Page
from assay.console.reading import news_of, page_at


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page
def write_news(request: HttpRequest, challenge: str) -> HttpResponse:
    """A form; `preview` shows the text, `publish` puts it on the challenge's page."""
    found, viewer = organised(request, challenge)
    title, text = request.POST.get("title", ""), request.POST.get("text", "")
    refusal: Refused | None = None
    if request.POST.get("do") == "publish":
        try:
            writing.announce(actor=viewer, challenge=found, title=title, text=text, now=timezone.now())
        except Refused as error:
            refusal = error
        else:
            return redirect("news", found.slug)
    context: dict[str, Any] = {
        "challenge": found,
        "title": title,
        "text": text,
        "longest": LONGEST,
        "preview": render_markdown(text) if text else "",
        "refusal": refusal,
        "pieces": news_of(found),
        "crumbs": console_crumbs(found, "News"),
        "section": "boards",
    }
    return render(request, "console/write_news.html", context, status=422 if refusal else 200)


@require_POST
@page
def retract_news(request: HttpRequest, challenge: str, number: int) -> HttpResponse:
    """Off the page and out of the feed."""
    found, viewer = organised(request, challenge)
    news = News.objects.filter(challenge=found, pk=number).select_related("challenge").first()
    if news is None:
        raise PageUnknown("There is no such piece of news.", next="The console lists what stands.")
    writing.retract(actor=viewer, news=news, now=timezone.now())
    return redirect("console-news", found.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page
def write_page(request: HttpRequest, challenge: str, kind: str) -> HttpResponse:
    """A form with the page's history; `?version=2` takes an older text up again."""
    found, viewer = organised(request, challenge)
    if kind not in Page.Kind.values:
        raise PageUnknown
    versions = list(Page.objects.filter(challenge=found, kind=kind).select_related("written_by").defer("text"))
    text = request.POST.get("text", "")
    if request.method != "POST" and versions:
        wanted = request.GET.get("version", "")
        text = page_at(found, kind, int(wanted) if wanted.isdecimal() and len(wanted) < 9 else None).text
    refusal: Refused | None = None
    if request.POST.get("do") == "publish":
        try:
            writing.write_page(actor=viewer, challenge=found, slug=kind, text=text, now=timezone.now())
        except Refused as error:
            refusal = error
        else:
            return redirect("challenge-page", found.slug, kind)
    context: dict[str, Any] = {
        "challenge": found,
        "kind": Page.Kind(kind),
        "kinds": Page.Kind,
        "text": text,
        "longest": LONGEST,
        "preview": render_markdown(text) if text else "",
        "refusal": refusal,
        "versions": versions,
        "here": reverse("console-page", args=[found.slug, kind]),
        "crumbs": console_crumbs(found, f"Page: {Page.Kind(kind).label}"),
        "section": "boards",
    }
    return render(request, "console/write_page.html", context, status=422 if refusal else 200)
