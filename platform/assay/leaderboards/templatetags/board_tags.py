"""Links between views of one board, and `aria-sort`."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assay.leaderboards.page import Row
from assay.leaderboards.query import BoardQuery
from assay.leaderboards.rows import write_rows

register = template.Library()


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
