"""The method cards of everything that stands on a board: read with two queries more than the board, filtered, exported."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime

from assay.accounts.models import User
from assay.leaderboards.exports import safe_text
from assay.leaderboards.latex import latex_text
from assay.leaderboards.stored import BoardState, read_board
from assay.submissions.models import Submission
from evaluators.contract.cards import FIELDS, CardRowOut, CardsOut, answer_text, fields_out, recognised

#: what a challenge's overview paper tabulates
OVERVIEW = ("backbone", "loss", "preprocessing", "physics", "parameters", "training_data")


def cards_of(*, state: BoardState, viewer: User | None, now: datetime) -> CardsOut:
    """In the board's order. Raises BoardHidden: a card is seen when the board is."""
    board = read_board(state, viewer=viewer, now=now)
    cards = dict(
        Submission.objects.filter(phase=state.phase, code__in=[row.submission for row in board.rows]).values_list(
            "code", "card"
        )
    )
    return CardsOut(
        phase=board.phase,
        fields=fields_out(),
        rows=[
            CardRowOut(
                rank=row.rank,
                team=row.team,
                team_name=row.team_name,
                method=row.method,
                baseline=row.baseline,
                submission=row.submission,
                card=recognised(cards.get(row.submission, {})),
            )
            for row in board.rows
        ],
    )


def filtered(cards: CardsOut, *, find: str, baselines: bool) -> CardsOut:
    """Rows in which every word of `find` stands somewhere; baselines: whether they are among them."""
    words = find.casefold().split()

    def keep(row: CardRowOut) -> bool:
        text = " ".join((row.method, row.team_name, *row.card.values())).casefold()
        return (baselines or not row.baseline) and all(word in text for word in words)

    return cards.model_copy(update={"rows": [row for row in cards.rows if keep(row)]})


def cards_csv(cards: CardsOut) -> str:
    """A line a method, a column a question; what was not answered is empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["rank", "team", "method", "baseline", "submission", *(field.key for field in cards.fields)])
    for row in cards.rows:
        rank = "" if row.rank is None else f"{row.rank:g}"
        answers = [safe_text(row.card.get(field.key, "")) for field in cards.fields]
        head = [rank, safe_text(row.team), safe_text(row.method), str(row.baseline).lower(), row.submission]
        writer.writerow([*head, *answers])
    return text.getvalue()


def cards_latex(cards: CardsOut, *, fields: Sequence[str], caption: str) -> str:
    """A table of some fields for a paper; needs \\\\usepackage{booktabs,tabularx}."""
    titles = [field.title for field in FIELDS if field.key in fields]
    keys = [field.key for field in FIELDS if field.key in fields]
    lines = [
        r"% \usepackage{booktabs,tabularx}",
        r"\begin{table*}",
        r"\footnotesize",
        rf"\caption{{{latex_text(caption)}}}",
        rf"\begin{{tabularx}}{{\textwidth}}{{rl*{{{len(keys)}}}{{X}}}}",
        r"\toprule",
        " & ".join(["Rank", "Method", *map(latex_text, titles)]) + r" \\",
        r"\midrule",
    ]
    for row in cards.rows:
        rank = "--" if row.rank is None else f"{row.rank:g}"
        answers = [latex_text(answer_text(key, row.card[key])) if key in row.card else "--" for key in keys]
        lines.append(" & ".join([rank, latex_text(row.method), *answers]) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabularx}", r"\end{table*}", ""])
