"""Reads a page as a person does: its text, tables row by row, links and scripts."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
_SILENT = {"script", "style", "title", "noscript"}


@dataclass
class Element:
    """One start tag."""

    tag: str
    attrs: dict[str, str]


@dataclass
class Page(HTMLParser):
    """A parsed page."""

    elements: list[Element] = field(default_factory=list)
    inline_scripts: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    _words: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)
    _cell: list[str] | None = None

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"} and self._cell is not None:
            self.rows[-1].append(" ".join("".join(self._cell).split()))
            self._cell = None
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        inside = self._open[-1] if self._open else ""
        if inside == "script" and data.strip():
            script = next(element for element in reversed(self.elements) if element.tag == "script")
            if script.attrs.get("type") != "application/json":
                self.inline_scripts.append(data)
        if inside in _SILENT:
            return
        self._words.append(data)
        if self._cell is not None:
            self._cell.append(data + " ")

    @property
    def text(self) -> str:
        """Everything that is read, blanks squeezed."""
        return " ".join(" ".join(self._words).split())

    def all(self, tag: str) -> list[Element]:
        """Every element of this tag."""
        return [element for element in self.elements if element.tag == tag]

    def row(self, beginning: str) -> list[str]:
        """The first row one of whose first two cells begins so."""
        return next(row for row in self.rows if any(cell.startswith(beginning) for cell in row[:2]))

    def links(self) -> list[str]:
        """Where one can go from here."""
        return [link.attrs["href"] for link in self.all("a") if "href" in link.attrs]


def read(response: Any) -> Page:
    """Parse a test client's answer."""
    page = Page()
    page.feed(response.content.decode())
    return page
