"""A board's ranks with their ranges as a figure for a paper: SVG written by hand, readable without colour or script."""

from __future__ import annotations

import unicodedata
from html import escape

from assay.leaderboards.exported import Exported, best_group
from evaluators.contract.boards import BoardRow

#: px; rows that a page of a paper takes
_WIDTH, _ROW, _NAMES, _LETTERS, _TOP, _FOOT = 720, 22, 250, 60, 64, 56
_MOST = 40
_LETTERS_OF_A_NAME = 34
_INK, _GREY, _LINE = "#1c2127", "#59636e", "#0072B2"


def board_svg(told: Exported) -> str:
    """Method names, a point at the rank, a line over its range, group letters; the first 40 ranked rows."""
    ranked = [row for row in told.board.rows if row.rank is not None]
    rows = ranked[:_MOST]
    height = _TOP + _ROW * max(1, len(rows)) + _FOOT
    last = max([1.0, *(float(end) for row in rows for end in (row.rank, row.rank_high) if end is not None)])
    title = f"{told.heading}: ranks"
    left = f" The first {len(rows)} of {len(ranked)} ranked methods." if len(rows) < len(ranked) else ""
    size = f'width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}"'
    font = 'font-family="Helvetica, Arial, sans-serif" font-size="13"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {font}>',
        f"<title>{_words(title)}</title>",
        f"<desc>{_words(told.state + '.' + left)} {_words(told.url)}</desc>",
        f'<text x="0" y="18" font-size="15" fill="{_INK}">{_words(title)}</text>',
        *_axis(last, rows=len(rows)),
    ]
    best = best_group(told.board.rows)
    for place, row in enumerate(rows):
        parts += _row(row, y=_TOP + _ROW * place + _ROW / 2, last=last, bold=row.submission in best)
    if not rows:
        parts.append(f'<text x="0" y="{_TOP + 15}" fill="{_GREY}">No method has a rank.</text>')
    ranges = (
        "Lines: 95 % of the resamples. Letters: methods that share one are not told apart. " if _judged(told) else ""
    )
    parts += [
        f'<text x="0" y="{height - 26}" font-size="11" fill="{_GREY}">{ranges}◆ baseline.{_words(left)}</text>',
        f'<text x="0" y="{height - 10}" font-size="11" fill="{_GREY}">{_words(told.state)}; data {_words(told.board.dataset)}</text>',
        "</svg>",
        "",
    ]
    return "\n".join(parts)


def _judged(told: Exported) -> bool:
    return told.board.certainty.state == "ready"


def _axis(last: float, *, rows: int) -> list[str]:
    bottom = _TOP + _ROW * max(1, rows)
    step = next(size for size in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000) if last / size <= 12)
    lines = []
    for rank in [1, *range(step, int(last) + 1, step)] if step > 1 else range(1, int(last) + 1):
        x = _x(rank, last=last)
        lines.append(f'<line x1="{x:.1f}" y1="{_TOP - 6}" x2="{x:.1f}" y2="{bottom}" stroke="#d5dade"/>')
        lines.append(f'<text x="{x:.1f}" y="{_TOP - 12}" text-anchor="middle" fill="{_GREY}">{rank}</text>')
    return lines


def _row(row: BoardRow, *, y: float, last: float, bold: bool) -> list[str]:
    name = row.method if len(row.method) <= _LETTERS_OF_A_NAME else row.method[: _LETTERS_OF_A_NAME - 1] + "…"
    weight = ' font-weight="bold"' if bold else ""
    sign = "◆ " if row.baseline else ""
    assert row.rank is not None  # noqa: S101 -- ranked rows alone are drawn
    x = _x(row.rank, last=last)
    parts = [f'<text x="0" y="{y + 4:.1f}" fill="{_INK}"{weight}>{sign}{_words(name)}</text>']
    if row.rank_low is not None and row.rank_high is not None:
        low, high = _x(row.rank_low, last=last), _x(row.rank_high, last=last)
        parts.append(
            f'<line x1="{low:.1f}" y1="{y:.1f}" x2="{high:.1f}" y2="{y:.1f}" stroke="{_LINE}" stroke-width="2"/>'
        )
    if row.baseline:
        d = f"M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z"
        parts.append(f'<path d="{d}" fill="{_INK}"/>')
    else:
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{_LINE}"/>')
    if row.group:
        parts.append(f'<text x="{_WIDTH}" y="{y + 4:.1f}" text-anchor="end" fill="{_INK}">{_words(row.group)}</text>')
    return parts


def _x(rank: float, *, last: float) -> float:
    room = _WIDTH - _NAMES - _LETTERS - 16
    return _NAMES + 8 + (room * (rank - 1) / (last - 1) if last > 1 else 0)


def _words(text: str) -> str:
    """Text in XML, without the signs that XML forbids or that turn the direction of writing."""
    return escape("".join(sign for sign in text if not unicodedata.category(sign).startswith("C")))
