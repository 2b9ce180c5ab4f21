"""What organisers write for everybody: news, and the pages about, rules, data and cite. The only writers of both."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from assay.accounts.models import User
from assay.audit.services import record
from assay.challenges.models import Challenge
from assay.console.access import check_organiser
from assay.console.errors import BadText, PageUnknown
from assay.console.markdown import LONGEST
from assay.console.models import News, Page

TITLE_LONGEST = 120


@transaction.atomic
def announce(*, actor: User, challenge: Challenge, title: str, text: str, now: datetime) -> News:
    """Put one piece of news on the challenge's page and into its feed. Raises ConsoleForOrganisers, BadText."""
    check_organiser(actor, challenge)
    title = " ".join(title.split())
    if not title or len(title) > TITLE_LONGEST or not title.isprintable():
        raise BadText(f"A title has 1 to {TITLE_LONGEST} printable characters.")
    news = News.objects.create(challenge=challenge, title=title, text=checked(text), written_by=actor, at=now)
    record(tag="organiser:news:announce", target=challenge, at=now, actor=actor, detail={"title": title})
    return news


@transaction.atomic
def retract(*, actor: User, news: News, now: datetime) -> None:
    """Take it off the page and out of the feed; it stays in the record. Raises ConsoleForOrganisers."""
    check_organiser(actor, news.challenge)
    News.objects.filter(pk=news.pk, retracted_at=None).update(retracted_at=now)
    record(tag="organiser:news:retract", target=news.challenge, at=now, actor=actor, detail={"title": news.title})


@transaction.atomic
def write_page(*, actor: User, challenge: Challenge, slug: str, text: str, now: datetime) -> Page:
    """The next version of a page; the same text again is the version that is there. Raises ConsoleForOrganisers, PageUnknown, BadText."""
    check_organiser(actor, challenge)
    if slug not in Page.Kind.values:
        raise PageUnknown
    text = checked(text)
    Challenge.objects.select_for_update().get(pk=challenge.pk)
    newest = Page.objects.filter(challenge=challenge, kind=slug).first()
    if newest is not None and newest.text == text:
        return newest
    last = Page.objects.filter(challenge=challenge, kind=slug).aggregate(last=Max("version"))["last"] or 0
    page = Page.objects.create(challenge=challenge, kind=slug, version=last + 1, text=text, written_by=actor, at=now)
    record(
        tag="organiser:page:write",
        target=challenge,
        at=now,
        actor=actor,
        detail={"page": slug, "version": page.version},
    )
    return page


def checked(text: str) -> str:
    """Lines end in one way. Raises BadText for an empty or too long text."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()
    if not text or len(text) > LONGEST:
        raise BadText(f"A text has 1 to {LONGEST} characters; this one has {len(text)}.")
    return text
