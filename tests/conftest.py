"""For every test: Ctrl-C reaches the processes that tests start, no generated example fails for being slow, one browser for all."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from tests.browser import FLAGS

# an ignored SIGINT would be inherited by every command that a test interrupts; a handler is reset on exec
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# hypothesis would call an example that takes 0.2 s a failure: on a busy machine that says nothing of the code
settings.register_profile("assay", deadline=None)
settings.load_profile("assay")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or where there is none Playwright's own, with an empty profile; it has no WebGL."""
    # Playwright keeps an event loop in this thread; the test's own database calls are synchronous all the same
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()
