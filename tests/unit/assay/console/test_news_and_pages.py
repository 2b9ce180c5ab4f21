"""What organisers write for everybody: previewed, published, fed, kept in versions."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from django.test import Client

from assay.audit.models import Entry
from assay.console.models import News, Page
from tests.unit.assay.web.conftest import _fresh_health, as_role, world  # noqa: F401 -- fixtures
from tests.unit.assay.web.reading import read
from tests.unit.assay.web.world import World

DESK = "/c/cine-demo/console"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def organiser(world: World, as_role) -> Client:  # noqa: F811
    client: Client = as_role(world, "organiser")
    return client


def test_news_is_previewed_then_stands_on_the_challenges_page_and_in_the_feed(organiser, client):
    told = {"title": "The test phase opens", "text": "On **Monday**. <script>alert(1)</script>"}
    preview = organiser.post(f"{DESK}/news", {**told, "do": "preview"})
    assert "<strong>Monday</strong>" in preview.content.decode()
    assert not News.objects.exists()
    organiser.post(f"{DESK}/news", {**told, "do": "publish"})
    assert "The test phase opens" in read(client.get("/c/cine-demo")).text
    page = client.get("/c/cine-demo/news")
    assert "<strong>Monday</strong>" in page.content.decode()
    assert read(page).inline_scripts == []
    feed = ET.fromstring(client.get("/c/cine-demo/news.atom").content)
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "The test phase opens"
    assert (entry.findtext(f"{ATOM}id") or "").endswith(f"/c/cine-demo/news#news-{News.objects.get().pk}")
    assert client.get("/c/cine-demo/news.json").json()["news"][0]["text"].startswith("On **Monday**")


def test_retracted_news_is_gone_for_readers_and_stays_in_the_record(organiser, client):
    organiser.post(f"{DESK}/news", {"title": "Wrong", "text": "Wrong.", "do": "publish"})
    organiser.post(f"{DESK}/news/{News.objects.get().pk}/retract")
    assert "Wrong" not in read(client.get("/c/cine-demo/news")).text
    assert "Wrong" not in client.get("/c/cine-demo/news.atom").content.decode()
    assert set(Entry.objects.values_list("tag", flat=True)) == {"organiser:news:announce", "organiser:news:retract"}


@pytest.mark.parametrize(
    ("title", "text"), [("", "text"), ("x" * 121, "text"), ("a\x07b", "text"), ("title", ""), ("title", "x" * 40_001)]
)
def test_what_cannot_be_published_is_said_beside_the_text_that_was_typed(title, text, organiser):
    answer = organiser.post(f"{DESK}/news", {"title": title, "text": text, "do": "publish"})
    assert answer.status_code == 422
    assert not News.objects.exists()


def test_every_version_of_a_page_is_kept_and_the_newest_is_read(organiser, client):
    assert client.get("/c/cine-demo/pages/rules").status_code == 404
    for text in ("One entry a day.", "One entry a day.", "Two entries a day."):
        organiser.post(f"{DESK}/pages/rules", {"text": text, "do": "publish"})
    assert list(Page.objects.values_list("version", "text")) == [(2, "Two entries a day."), (1, "One entry a day.")]
    shown = read(client.get("/c/cine-demo/pages/rules"))
    assert "Two entries a day." in shown.text
    assert "version 2" in shown.text
    assert "/c/cine-demo/pages/rules" in read(client.get("/c/cine-demo")).links()
    # an older text can be taken up again
    assert "One entry a day." in organiser.get(f"{DESK}/pages/rules?version=1").content.decode()
    assert client.get("/c/cine-demo/pages/rules.json").json()["version"] == 2


@pytest.mark.parametrize("page", ["/news", "/pages/rules"])
def test_only_organisers_write(page, world, as_role):  # noqa: F811
    for role, expected in (("anonymous", 302), ("captain", 403), ("organiser", 200)):
        assert as_role(world, role).get(f"{DESK}{page}").status_code == expected
    assert (
        as_role(world, "captain").post(f"{DESK}{page}", {"title": "x", "text": "x", "do": "publish"}).status_code == 403
    )
    assert not News.objects.exists()
    assert not Page.objects.exists()


def test_there_is_no_page_of_another_name(organiser, client):
    assert client.get("/c/cine-demo/pages/secret").status_code == 404
    assert organiser.get(f"{DESK}/pages/secret").status_code == 404
    assert organiser.get(f"{DESK}/pages/rules?version=9").status_code == 200
