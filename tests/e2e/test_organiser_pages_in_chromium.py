"""An organiser's pages in Chromium: no page is wider than its window, and a file is changed without JavaScript too."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from assay.accounts.models import User
from assay.challenges.models import Challenge
from tests.e2e.conftest import DESKTOP, PHONE, Visit
from tests.unit.assay.conftest import _own_folders, challenge, organiser, sample_dataset, sealed_dataset  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@dataclass(frozen=True)
class Ours:
    """Who may be visited."""

    people: dict[str, User]


@pytest.fixture
def ours(organiser: User, challenge: Challenge) -> Ours:  # noqa: F811
    """A challenge that was applied from its file, and its organiser."""
    return Ours(people={"organiser": organiser})


@pytest.mark.parametrize(("size", "dark"), [(DESKTOP, False), (PHONE, True)])
def test_no_page_of_an_organiser_is_wider_than_its_window(
    size: tuple[int, int], dark: bool, ours: Ours, visit: Visit
) -> None:
    visitor = visit(ours, role="organiser", size=size, dark=dark)
    pages = ["", "/new", "/data", "/data/cine-demo-test/1"]
    pages += [f"/c/cine-demo{below}" for below in ("", "/edit", "/clone", "/dry-run/cine-multicoil/test")]
    for address in pages:
        visitor.open(f"/organise{address}")
        assert visitor.overflow() <= 0, address
        # every field has a name that a screen reader says
        nameless = visitor.page.evaluate(
            "[...document.querySelectorAll('main input:not([type=hidden]), main select, main textarea')]"
            ".filter(field => !field.labels.length).map(field => field.name)"
        )
        assert nameless == [], address
    assert visitor.complaints == []


def test_a_mistake_is_named_and_mended_and_the_change_applied_without_javascript(ours: Ours, visit: Visit) -> None:
    page = visit(ours, role="organiser", javascript=False).open("/organise/c/cine-demo")
    page.get_by_label("Title").first.fill("Another title")
    page.get_by_label("Submissions").fill("many")
    page.get_by_role("button", name="See the difference").click()
    assert "1 mistake; nothing was changed" in page.locator(".state").inner_text()
    text = page.get_by_label("The file").input_value()
    line = text[: text.index("submissions: many")].count("\n") + 1
    assert page.get_by_role("row").nth(1).inner_text().startswith(f"{line}:")
    page.get_by_label("The file").fill(text.replace("submissions: many", "submissions: 100"))
    page.get_by_role("button", name="Look again").click()
    page.get_by_role("button", name="Apply").click()
    assert "Applied:" in page.locator("main").inner_text()
    assert Challenge.objects.get().title == "Another title"


def test_a_file_of_another_release_is_shown_as_text_with_its_mistakes(ours: Ours, visit: Visit) -> None:
    Challenge.objects.update(source="schema: 1\n")
    page = visit(ours, role="organiser").open("/organise/c/cine-demo")
    assert page.get_by_label("The file").input_value() == "schema: 1\n"
    assert '"challenge" is missing here' in page.locator("main").inner_text()
