"""The colours of tokens.css, as computed contrast."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders

TEXTS = ("text", "muted", "link", "baseline", "done", "fail", "ours")
GROUNDS = ("ground", "raised", "own-tint", "rank-tint")
NAMES = {"light": ":root {", "dark": '[data-bs-theme="dark"] {', "system dark": ":root:not([data-bs-theme]) {"}


def tokens(theme: str) -> dict[str, str]:
    """The hex colours of one theme; dark ones override light ones."""
    path = finders.find("assay/tokens.css")
    assert isinstance(path, str)
    with open(path) as file:  # noqa: PTH123 -- finders give text
        css = file.read()
    found: dict[str, str] = {}
    for name in dict.fromkeys(("light", theme)):
        block = css.split(NAMES[name], 1)[1].split("}", 1)[0]
        found |= dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", block))
    return found


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    channels = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", NAMES)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", TEXTS)
def test_every_text_colour_is_readable_on_every_ground(text, ground, theme):
    colours = tokens(theme)
    assert contrast(colours[text], colours[ground]) >= 5.2


@pytest.mark.parametrize("theme", NAMES)
def test_notices_and_buttons_are_readable(theme):
    colours = tokens(theme)
    for text, ground in (
        ("text", "fail-tint"),
        ("text", "ours-tint"),
        ("link", "fail-tint"),
        ("link", "ours-tint"),
        ("muted", "fail-tint"),
        ("on-link", "link"),
    ):
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lines_of_a_figure_stand_out_from_the_ground(theme):
    path = finders.find("assay/tokens.css")
    assert isinstance(path, str)
    with open(path) as file:  # noqa: PTH123
        series = re.findall(r"--series: ([^;]+);", file.read())[0].split()
    assert len(set(series)) == 7
    for colour in [*series, tokens(theme)["baseline"], tokens(theme)["link"], tokens(theme)["tie"]]:
        assert contrast(colour, tokens(theme)["ground"]) >= 3


def test_dark_by_choice_and_dark_by_system_are_the_same():
    assert tokens("dark") == tokens("system dark")
