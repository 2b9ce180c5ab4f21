"""What holds on every page: no inline script, landmarks, one heading, living links, a bounded number of queries."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.core.cache import cache

from tests.unit.assay.web.reading import read
from tests.unit.assay.web.world import World, add_scored

#: page -> queries for a reader without an account, and for a member of a team
QUERIES = {
    "/": (13, 15),
    "/boards": (7, 9),
    "/c/cine-demo": (15, 17),
    "/c/cine-demo/cine-multicoil": (10, 12),
    "{phase}": (5, 10),
    "{phase}/board": (6, 9),
    "{phase}/board?stratum=af%3D4&columns=all": (6, 9),
    "{phase}/board/compare": (8, 10),
    "{phase}/board/charts": (8, 12),
    "{phase}/board/cards?columns=all": (9, 12),
    "{scored}/card": (0, 7),
    "{phase}/sample": (5, 7),
    "{own}": (4, 8),
    "/submit": (5, 9),
    "/status": (6, 8),
    "/help": (3, 5),
    "/help/OOM_RAM": (3, 5),
    "/account/sign-in": (3, 2),
    "/account/sign-up": (3, 5),
    "/account/teams": (0, 9),
    "/account/tokens": (0, 6),
}


def address(page: str, world: World) -> str:
    return page.format(
        phase=f"/c/{world.address}",
        own=f"/s/{world.submissions['Cascade-12'].code}",
        scored=f"/s/{world.submissions['VarNet-XL with learned coil sensitivities'].code}",
    )


@pytest.fixture
def member_client(busy_world, as_role):
    return as_role(busy_world, "member")


@pytest.mark.parametrize("page", QUERIES)
def test_queries_are_counted(page, busy_world, client, member_client, django_assert_num_queries):
    anonymous, member = QUERIES[page]
    for reader, expected in ((client, anonymous), (member_client, member)):
        cache.clear()
        with django_assert_num_queries(expected):
            reader.get(address(page, busy_world))


def test_a_longer_board_costs_no_more_queries(busy_world, client, django_assert_num_queries):
    for number in range(10):
        add_scored(busy_world, f"Method {number}", team="leeds", ssim=0.9, at=busy_world.now)
    with django_assert_num_queries(QUERIES["{phase}/board"][0]):
        client.get(f"/c/{busy_world.address}/board")


@pytest.mark.parametrize("page", QUERIES)
def test_the_page_is_sound(page, busy_world, member_client):
    response = member_client.get(address(page, busy_world), follow=True)
    parsed = read(response)
    assert parsed.inline_scripts == []
    assert not [e for e in parsed.elements if any(name.startswith("on") for name in e.attrs)]
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert parsed.all("html")[0].attrs["lang"] == "en"
    assert (
        len(parsed.all("h1")) == len(parsed.all("main")) == len(parsed.all("header")) == len(parsed.all("footer")) == 1
    )
    assert any(link.attrs.get("href") == "#main" for link in parsed.all("a"))
    identities = [e.attrs["id"] for e in parsed.elements if "id" in e.attrs]
    assert len(identities) == len(set(identities))
    labelled = {e.attrs["for"] for e in parsed.all("label") if "for" in e.attrs}
    for box in parsed.all("input"):
        assert box.attrs["type"] in {"hidden", "checkbox"} or box.attrs["id"] in labelled
    for table in parsed.all("table"):
        assert len(parsed.all("caption")) >= 1, table
    for region in (e for e in parsed.elements if "scroller" in e.attrs.get("class", "")):
        assert region.attrs["tabindex"] == "0"
        assert "aria-label" in region.attrs or "aria-labelledby" in region.attrs


@pytest.mark.parametrize("role", ["anonymous", "member", "organiser"])
def test_no_link_on_any_page_is_dead(role, busy_world, as_role):
    client = as_role(busy_world, role)
    waiting, seen = ["/"], set()
    while waiting:
        here = waiting.pop()
        if here in seen or not here.startswith("/") or here.startswith(("/admin", "/static", "/account/sign-out")):
            continue
        seen.add(here)
        answer = client.get(here)
        assert answer.status_code in {200, 302}, here
        if answer.headers["Content-Type"].startswith("text/html") and answer.status_code == 200 and "?" not in here:
            waiting += [urlsplit(link)._replace(fragment="").geturl() for link in read(answer).links()]
    assert len(seen) > 60


def test_every_script_and_style_of_a_page_is_served_by_this_site(busy_world, member_client):
    for page in QUERIES:
        parsed = read(member_client.get(address(page, busy_world), follow=True))
        sources = [e.attrs["src"] for e in parsed.all("script") if "src" in e.attrs]
        sources += [e.attrs["href"] for e in parsed.all("link") if e.attrs.get("rel") in {"stylesheet", "icon"}]
        for source in sources:
            assert source.startswith("/static/")
            assert finders.find(source.removeprefix("/static/")), source
