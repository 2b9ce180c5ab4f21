"""The rows of a board's table as HTML: a template takes milliseconds a row, and a page has a hundred."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from assay.leaderboards.page import BoardPage, Row

_DASH = '<span class="missing">–</span>'


def write_rows(
    rows: Sequence[Row], *, page: BoardPage, judged: bool, since: bool, linked: bool, open_all: bool
) -> SafeString:
    """One `tr` a row. judged: there are ranges and groups. since: there is a snapshot to count changes from. linked: baselines
    lead to their entry. open_all: so does every row. Every word that a team or an organiser chose is escaped.
    """
    pace = "number from" + (" more" if page.pace is None or not page.pace.current else "")
    pace += " ranks" if page.pace is not None else ""
    return mark_safe(  # noqa: S308 -- every part below is escaped or ours
        "\n".join(_row(row, judged=judged, since=since, link=_leads(row, linked, open_all), pace=pace) for row in rows)
    )


def _leads(row: Row, linked: bool, open_all: bool) -> bool:
    return (linked and row.row.baseline) or row.own or open_all


def _row(each: Row, *, judged: bool, since: bool, link: bool, pace: str) -> str:
    row = each.row
    cells = [
        f'<td class="rank{" tie" if each.tied else ""}">{each.rank or _DASH}</td>',
        f'<th scope="row" class="name">{_name(each, link=link)}</th>',
        f'<td class="more">{conditional_escape(row.team_name)}</td>',
    ]
    if judged:
        cells.append(f'<td class="more num">{each.range or _DASH}</td><td class="more">{row.group or _DASH}</td>')
    if since:
        cells.append(
            f'<td class="more num"><span aria-hidden="true">{each.change}</span>'
            f'<span class="visually-hidden">{each.change_words}</span></td>'
        )
    for cell in each.cells:
        kind = f"number{' ranks' if cell.ranks else ''}{'' if cell.picked else ' more'}"
        text = f'{_DASH}<span class="note">{cell.missing}</span>' if cell.missing else cell.text
        cells.append(f'<td class="{kind}">{text}</td>')
    told = '<span class="missing">result files</span>' if row.predictions else each.pace or "–"
    cells += [
        f'<td class="{pace}">{told}</td>',
        f'<td class="number more">{each.memory or "–"}</td>',
        f'<td class="number more">{row.cases}/{each.total}</td>',
    ]
    opened = '<tr class="own">' if each.own else "<tr>"
    return f"  {opened}\n    " + "\n    ".join(cells) + "\n  </tr>"


def _name(each: Row, *, link: bool) -> str:
    row = each.row
    method = conditional_escape(row.method)
    parts = ['<span class="base" aria-hidden="true">◆</span> ' if row.baseline else ""]
    if link:
        parts.append(f'<a href="{reverse("submission", args=[row.submission])}">{method}</a>')
    else:
        parts.append(f'<strong class="fw-semibold">{method}</strong>')
    parts += [
        ' <span class="base small">baseline</span>' if row.baseline else "",
        ' <span class="you small">you</span>' if each.own else "",
        f' <a class="dagger" href="#missing" aria-label="{each.lost} missing cases">†</a>' if each.lost else "",
        format_html('<span class="note reason">{}</span>', row.note) if row.note else "",
        _pin(each),
        '<span class="note team-note">',
        conditional_escape(row.team_name),
        f" · rank {each.range}" if each.range else "",
        f", group {row.group}" if row.group else "",
        "</span>",
    ]
    return "".join(parts)


def _pin(each: Row) -> str:
    if not each.pin_url:
        return ""
    what = "Unpin" if each.pinned else "Pin"
    return format_html(
        ' <a class="pin small" href="{}" aria-label="{} {}">{}</a>', each.pin_url, what, each.row.method, what.lower()
    )
