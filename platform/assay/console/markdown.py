"""Organisers' text as HTML: CommonMark and tables, no raw HTML, and whatever comes out passes a sanitiser."""

from __future__ import annotations

import re
from functools import cache

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

#: characters of one text
LONGEST = 40_000
_TAGS = {
    *(
        "p",
        "br",
        "hr",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "blockquote",
        "pre",
        "code",
        "em",
        "strong",
        "a",
    ),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_HEADINGS = {"h1": "h2", "h2": "h3", "h3": "h4", "h4": "h5", "h5": "h6", "h6": "h6"}


def render_markdown(text: str) -> SafeString:
    """Safe HTML. Headings go down one step: the page has its own first one. Links lead to http, https, mailto or this site."""
    tokens = _parser().parse(text[:LONGEST])
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = _HEADINGS[token.tag]
    html = _parser().renderer.render(tokens, _parser().options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags={"script", "style"},
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    )
    return SafeString(clean)


def plain_text(words: str) -> str:
    """Words that stand in Markdown as they are."""
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~&])", r"\\\1", words)


@cache
def _parser() -> MarkdownIt:
    # no HTML of the writer's own; deep nesting is cut off before it can exhaust anything
    return MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable("table").disable("image")
