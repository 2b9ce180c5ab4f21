"""A board as a table for a paper, and the reference to it. Every word that somebody chose is text there, never a command."""

from __future__ import annotations

import re
import unicodedata

from assay.leaderboards.exported import Exported, best_group, ranking_columns
from assay.leaderboards.page import metric_text, range_text, unit_text
from evaluators.contract.boards import BoardRow
from evaluators.contract.metrics import Better

_UP, _DOWN = r"$\uparrow$", r"$\downarrow$"
_ESCAPED = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    **{sign: f"\\{sign}" for sign in "{}%&$#_"},
}


def board_latex(told: Exported) -> str:
    """A `table` with rank, range, method, team and the means that rank; needs booktabs. The best group is bold, a dagger marks
    methods with missing cases, a diamond baselines.
    """
    board, columns = told.board, ranking_columns(told.board)
    judged = board.certainty.state == "ready"
    best = best_group(board.rows)
    heads = ["Rank", *(["Range"] if judged else []), "Method", "Team"]
    heads += [
        f"{latex_text(column.title)} {_UP if column.better == Better.HIGHER else _DOWN}"
        + (f" ({latex_text(unit_text(column))})" if unit_text(column) else "")
        for column in columns
    ]
    lines = [
        r"% \usepackage{booktabs}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{_caption(told, judged=judged)}}}",
        rf"\label{{tab:{_key(told)}}}",
        rf"\begin{{tabular}}{{r{'r' if judged else ''}ll{'r' * len(columns)}}}",
        r"\toprule",
        " & ".join(heads) + r" \\",
        r"\midrule",
    ]
    for row in board.rows:
        numbers = [metric_text(row.metrics.get(column.key), column=column) for column in columns]
        cells = [_number("" if row.rank is None else f"{row.rank:g}")]
        cells += [_number(range_text(row).replace("–", "--"))] if judged else []
        cells += [_name(row, bold=row.submission in best), latex_text(row.team_name)]
        cells += [rf"\textbf{{{_number(text)}}}" if row.submission in best else _number(text) for text in numbers]
        lines.append(" & ".join(cells) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{table}", ""])


def board_bibtex(told: Exported) -> str:
    """A `misc` entry with the address, the day and the hash of the file."""
    at = told.taken_at
    fields = {
        "title": f"{{{latex_text(f'{told.heading}, leaderboard')}}}",
        "howpublished": rf"\url{{{told.url}}}",
        **({"year": f"{at:%Y}", "month": f"{at:%b}".lower(), "day": str(at.day)} if at else {}),
        "note": f"{latex_text(told.state)}; data {latex_text(told.board.dataset)}",
    }
    # a month is a word of BibTeX's own
    lines = [f"  {name} = " + (value if name == "month" else f"{{{value}}}") + "," for name, value in fields.items()]
    return "\n".join([f"@misc{{{_key(told)},", *lines, "}", ""])


def latex_text(words: str) -> str:
    """Words as LaTeX prints them, on one line; signs that print nothing are left out."""
    seen = "".join(sign for sign in words if not unicodedata.category(sign).startswith("C") or sign.isspace())
    return re.sub(r'[\\{}%&$#_~^<>|"`]', lambda found: _ESCAPED[found[0]], " ".join(seen.split()))


def _name(row: BoardRow, *, bold: bool) -> str:
    text = latex_text(row.method)
    marks = (r" $\diamond$" if row.baseline else "") + (r" $\dagger$" if row.failures else "")
    return (rf"\textbf{{{text}}}" if bold else text) + marks


def _number(text: str) -> str:
    return "--" if text in {"", "–"} else text


def _caption(told: Exported, *, judged: bool) -> str:
    board = told.board
    parts = [f"{told.heading}. {board.cases} cases of {board.units} independent units."]
    if judged:
        parts.append("Bold: not told apart from the first. Range: of ranks, 95 % of the resamples.")
    parts.append(f"{told.state}; data {board.dataset}.")
    text = latex_text(" ".join(parts))
    if any(row.baseline for row in board.rows):
        text += r" $\diamond$: baseline."
    if any(row.failures for row in board.rows):
        text += r" $\dagger$: cases are missing, ranked as the rule says; means are over the others."
    return text


def _key(told: Exported) -> str:
    """Letters, digits and hyphens alone."""
    words = f"{told.board.phase}-{told.name or 'live'}"
    return re.sub(r"[^A-Za-z0-9]+", "-", words)
