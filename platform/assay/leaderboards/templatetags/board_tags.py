"""Links between views of one board, and `aria-sort`."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assay.leaderboards.query import BoardQuery

register = template.Library()


@register.simple_tag
def view_url(query: BoardQuery, **changes: object) -> str:
    """The address of the same view with some of it changed."""
    return query.changed(**changes)


@register.simple_tag
def aria_sort(order: str) -> SafeString | str:
    """The attribute on the column that sorts, nothing on the others."""
    return format_html(' aria-sort="{}"', order) if order else ""


@register.filter
def parts(text: str) -> list[str]:
    """`a|b` as its two parts, for heads that a template gives another."""
    return text.split("|")
