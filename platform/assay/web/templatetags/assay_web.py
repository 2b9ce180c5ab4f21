"""How numbers, sizes and times are written, the same on every page."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assay.challenges.dates import AOE
from assay.config import text

register = template.Library()
register.filter("size", text.size)
register.filter("duration", text.duration)
register.filter("plain", text.plain)
register.filter("plural", text.plural)


@register.filter
def short(digest: str) -> str:
    """The first twelve digits of a digest."""
    return digest[:12]


@register.simple_tag
def moment(at: datetime | None, *, aoe: bool = False) -> SafeString | str:
    """A time in UTC, with AoE on request; the page's script adds the reader's own zone."""
    if at is None:
        return "–"
    utc = at.astimezone(UTC)
    shown = format_html(
        '<time class="nowrap" datetime="{}" data-local>{}</time>',
        f"{utc:%Y-%m-%dT%H:%M:%SZ}",
        f"{utc:%-d %b %Y %H:%M} UTC",
    )
    if aoe:
        return format_html('{} <span class="nowrap">= {}</span>', shown, f"{at.astimezone(AOE):%-d %b %H:%M} AoE")
    return shown


@register.simple_tag
def clock(at: datetime) -> SafeString:
    """Date, hours, minutes and seconds in UTC, for logs."""
    utc = at.astimezone(UTC)
    return format_html('<time class="nowrap" datetime="{}">{}</time>', utc.isoformat(), f"{utc:%-d %b %H:%M:%S}")


@register.filter
def words(line: str) -> list[str]:
    """A command's words, so that it breaks between them and nowhere else."""
    return line.split(" ")


@register.filter
def day(at: datetime) -> str:
    """The date in UTC."""
    return f"{at.astimezone(UTC):%-d %b %Y}"


@register.filter
def code_spans(line: str) -> SafeString:
    """Backquoted words as code; everything else is escaped."""
    pieces = [
        format_html("<code>{}</code>" if number % 2 else "{}", part)
        for number, part in enumerate(re.split(r"`([^`]+)`", line))
    ]
    return SafeString("".join(pieces))
