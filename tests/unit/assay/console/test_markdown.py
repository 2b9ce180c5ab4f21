"""Organisers' text: what Markdown gives, and that nothing in it acts."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from assay.console.markdown import LONGEST, plain_text, render_markdown


class Elements(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.depth = self.deepest = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.depth += tag not in {"br", "hr"}
        self.deepest = max(self.depth, self.deepest)

    def handle_endtag(self, tag: str) -> None:
        self.depth -= 1


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg onload=alert(1)>",
    "<a href='javascript:alert(1)' onclick='alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox)",
    "![x](https://elsewhere.example/pixel.png)",
    "<iframe src='https://elsewhere.example'></iframe>",
    "<style>body { display: none }</style>",
    "<p style='position: fixed; inset: 0'>over everything</p>",
    "<form action='https://elsewhere.example'><input name=password></form>",
    "<meta http-equiv=refresh content='0;url=https://elsewhere.example'>",
    "<!-- --!><img src=x onerror=alert(1)>",
    "`<script>`\n\n```\n</code></pre><script>alert(1)</script>\n```",
    '[x](https://example.org "\\" onmouseover=alert(1) x=\\"")',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_it_acts(text: str) -> None:
    for tag, attributes in Elements(render_markdown(text)).found:
        assert tag in {"p", "a", "code", "pre", "br", "em", "strong"}
        assert set(attributes) <= {"href", "title", "rel"}
        assert (attributes.get("href") or "https:").startswith(("https:", "http:", "mailto:", "/", "#"))


@pytest.mark.parametrize("piece", [">", "- ", "1. ", "[", "*", "![", "`", "|-|\n", "<b>", "**a"])
def test_huge_nesting_ends_and_stays_shallow(piece: str) -> None:
    html = render_markdown(piece * (LONGEST // len(piece)))
    assert Elements(html).deepest <= 60


def test_headings_tables_lists_and_links_are_served() -> None:
    html = render_markdown(
        "# One\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n1. *x*\n\n[site](/help) [far](https://example.org)"
    )
    tags = [tag for tag, _ in Elements(html).found]
    assert tags[0] == "h2"  # the page has its own first heading
    assert {"table", "td", "ol", "em"} <= set(tags)
    links = [attributes for tag, attributes in Elements(html).found if tag == "a"]
    assert [link["href"] for link in links] == ["/help", "https://example.org"]
    assert all(link["rel"] == "nofollow noopener" for link in links)


@pytest.mark.parametrize("words", ["[x](https://elsewhere.example)", "**bold** <b>", "1. first", "# head", "a_b_c & d"])
def test_a_note_stands_in_the_news_as_it_was_typed(words: str) -> None:
    html = render_markdown(plain_text(words))
    assert [tag for tag, _ in Elements(html).found] == ["p"]
