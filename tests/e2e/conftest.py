"""A real Chromium against a live server, on the world of the page tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import FLAGS
from tests.unit.assay.web.world import World, add_every_state, build_world

#: WebGL drawn by the processor
WEBGL = [flag for flag in FLAGS if flag not in {"--disable-gpu", "--disable-3d-apis"}] + [
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
DESKTOP, PHONE = (1280, 900), (390, 844)


@pytest.fixture
def chromium_with_webgl(chromium: Browser) -> Iterator[Browser]:
    """A second one, which draws volumes."""
    browser = chromium.browser_type.launch(executable_path=shutil.which("chromium"), args=WEBGL)
    yield browser
    browser.close()


@pytest.fixture(autouse=True)
def _quick(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def world(transactional_db: None) -> World:
    """Six methods on the board, and one submission in every other state."""
    made = build_world()
    add_every_state(made)
    return made


@dataclass
class Visitor:
    """One person's browser. What the console complains of is kept."""

    context: BrowserContext
    page: Page
    site: str
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str) -> Page:
        """Go there and wait until it has settled."""
        self.page.goto(self.site + address)
        self.page.wait_for_load_state("networkidle")
        return self.page

    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(chromium: Browser, live_server: Any) -> Iterator[Visit]:
    """Open a browser: `visit(world, role="captain", size=PHONE, dark=True, javascript=False)`."""
    with _visits(chromium, site=live_server.url) as start:
        yield start


@pytest.fixture
def visit_with_webgl(chromium_with_webgl: Browser, live_server: Any) -> Iterator[Visit]:
    """As `visit`, in a browser that draws volumes."""
    with _visits(chromium_with_webgl, site=live_server.url) as start:
        yield start


@contextmanager
def _visits(browser: Browser, *, site: str) -> Iterator[Visit]:
    contexts: list[BrowserContext] = []

    def start(
        world: World | None = None,
        *,
        role: str = "",
        size: tuple[int, int] = DESKTOP,
        dark: bool = False,
        javascript: bool = True,
    ) -> Visitor:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        contexts.append(context)
        if world is not None and role:
            client = Client()
            client.force_login(world.people[role])
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site}])
        visitor = Visitor(context=context, page=context.new_page(), site=site)
        visitor.page.on(
            "console",
            lambda message: visitor.complaints.append(message.text) if message.type in {"error", "warning"} else None,
        )
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        return visitor

    yield start
    for context in contexts:
        context.close()
