"""Links between views of one board, `aria-sort`, and the answers of method cards."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django import template
from django.template import Context
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from assay.leaderboards.page import Row
from assay.leaderboards.query import BoardQuery
from assay.leaderboards.rows import write_rows
from evaluators.contract.cards import answer_text, title_of

register = template.Library()
#: what an answer may link to; an address ends before the full stop of its sentence
_ADDRESS = re.compile(
    r"https?://[^\s<>\"']*[^\s<>\"'.,;:)]|arXiv:\d{4}\.\d{4,5}|doi:10\.\d{4,9}/[^\s<>\"']*[^\s<>\"'.,;:)]", re.I
)


@register.simple_tag
def view_url(query: BoardQuery, **changes: object) -> str:
    """The address of the same view with some of it changed."""
    return query.changed(**changes)


@register.simple_tag
def aria_sort(order: str) -> SafeString | str:
    """The attribute on the column that sorts, nothing on the others."""
    return format_html(' aria-sort="{}"', order) if order else ""


@register.simple_tag(takes_context=True)
def board_rows(context: Context, rows: Sequence[Row]) -> SafeString:
    """Rows of the table that `context` is of."""
    return write_rows(
        rows,
        page=context["page"],
        judged=context["judged"],
        since=bool(context["table"].since),
        linked=bool(context.get("linked")),
        open_all=bool(context.get("may_open_all")),
    )


@register.filter
def parts(text: str) -> list[str]:
    """`a|b` as its two parts, for heads that a template gives another."""
    return text.split("|")


@register.simple_tag
def question(key: str) -> str:
    """The question of a method card's field."""
    return title_of(key)


@register.simple_tag
def answer(key: str, text: str) -> SafeString:
    """An answer of a method card: numbers as people read them, addresses, DOI and arXiv numbers as links."""
    written = answer_text(key, text)
    pieces, last = [], 0
    for found in _ADDRESS.finditer(written):
        pieces += [escape(written[last : found.start()]), _link(found[0])]
        last = found.end()
    return SafeString("".join([*pieces, escape(written[last:])]))


def _link(address: str) -> SafeString:
    lower = address.casefold()
    if lower.startswith("arxiv:"):
        url = f"https://arxiv.org/abs/{address[6:]}"
    elif lower.startswith("doi:"):
        url = f"https://doi.org/{address[4:]}"
    else:
        url = address
    return format_html('<a href="{}" rel="nofollow ugc noopener">{}</a>', url, address)
