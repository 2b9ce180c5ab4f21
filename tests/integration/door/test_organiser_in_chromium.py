"""An organiser's way from last year's challenge to an open phase: pages in Chromium, the command, and the real scorer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.integration.door.conftest import SIZE, Door

pytestmark = [pytest.mark.engine, pytest.mark.browser]
_SESSION = """
from django.contrib.auth import SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from assay.accounts.models import User
user = User.objects.get(username="organiser")
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(session.session_key)
"""


@pytest.fixture
def page(door: Door, chromium: Browser) -> Iterator[Page]:
    """The organiser's browser, signed in."""
    key = door.stack.manage("shell", "-v", "0", "-c", _SESSION).strip().splitlines()[-1]
    context = chromium.new_context()
    context.add_cookies([{"name": "sessionid", "value": key, "url": door.stack.url}])
    yield context.new_page()
    context.close()


def test_from_last_years_challenge_to_an_open_phase(door: Door, page: Page) -> None:
    # last year's file under a new name, its phases in the future
    page.goto(f"{door.stack.url}/organise")
    page.get_by_role("link", name="Clone door", exact=True).click()
    page.get_by_label("Address").fill("door-next")
    page.get_by_label("Title").fill("Through the next door")
    page.get_by_label("Its first phase opens on").fill("2031-05-05")
    page.get_by_role("button", name="See the file").click()
    text = page.get_by_label("The file").input_value()
    assert text.count("# REPLACE: data of door") == 2
    text = text.replace("door-test@1", "door-next-test@1").replace("   # REPLACE: data of door", "")
    page.get_by_label("The file").fill(text)
    page.get_by_role("button", name="Look again").click()
    line = text[: text.index("door-next-test@1")].count("\n") + 1
    assert re.search(rf"{line}:\d+\s+there is no dataset door-next-test@1", page.locator("main").inner_text())

    # the command tells the same, and nothing of it was made
    file = door.folder / "next.yaml"
    file.write_text(text)
    told = door.assay("challenge", "lint", str(file), codes=(1,))
    assert f"next.yaml:{line}:" in told
    door.assay("challenge", "diff", str(file), codes=(2,))
    assert page.goto(f"{door.stack.url}/c/door-next").status == 404  # type: ignore[union-attr]

    # this year's data
    size = "x".join(map(str, SIZE))
    door.assay(
        "dataset", "phantom", "--name", "door-next-test", "--version", "1", "--subjects", "1", "--size", size,
        "--set", "TestSet", "--seed-file", "-", stdin=door.stack.manage("dataset", "seed", "door-next-test@1"),
    )  # fmt: skip
    page.goto(f"{door.stack.url}/organise/data")
    page.get_by_role("link", name="door-next-test@1").click()
    assert "Workers alone read it" in page.locator(".state").inner_text()
    assert "Every case has what this task needs" in page.locator("main").inner_text()

    # looked at, then applied
    page.goto(f"{door.stack.url}/organise/new")
    page.get_by_label("A file of yours").set_input_files(str(file))
    page.get_by_role("button", name="Look at it").click()
    page.get_by_role("button", name="Apply").click()
    assert "door-next created" in page.locator("main").inner_text()

    # the scorer is tried before the phase opens
    page.get_by_role("link", name="Try the scorer of cine/test").click()
    assert "Nobody has tried" in page.locator(".state").inner_text()
    page.get_by_role("button", name="Begin a dry run").click()
    # the page asks again by itself until all three have come through
    page.get_by_role("button", name="Run it again").wait_for(timeout=180_000)
    assert "Green" in page.locator(".state").inner_text(), page.locator("main").inner_text()
    assert page.locator("main").inner_text().count("✓ as it must") == 3

    # and opens, by a form
    assert door.get("phases/door-next/cine/test")["is_open"] is False
    page.goto(f"{door.stack.url}/organise/c/door-next")
    page.locator("#id_tasks-0-phases-0-open-from").fill("")
    page.get_by_role("button", name="See the difference").click()
    rows = page.get_by_role("row")
    assert "tasks[cine].phases[test].open.from" in rows.nth(1).inner_text()
    assert "cine" not in page.locator(".notice.ours").inner_text()
    page.get_by_role("button", name="Apply").click()
    assert "door-next/cine/test changed" in page.locator("main").inner_text()
    assert door.get("phases/door-next/cine/test")["is_open"] is True
