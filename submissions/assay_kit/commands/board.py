"""`assay board`: a phase's leaderboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay_kit.console import counted
from assay_kit.errors import ExitCode, NotFound, WrongUsage
from assay_kit.session import Session, session
from assay_kit.verbs import verb

if TYPE_CHECKING:
    from evaluators.contract.boards import BoardColumn, BoardOut, BoardRow

MISSING = "–"


def register(app: typer.Typer) -> None:
    """Add the verb to `app`."""

    @verb(
        app,
        "board",
        examples=[
            "assay board cine-multicoil/test",
            "assay board test --stratum AF=10",
            "assay board test --csv > board.csv",
            "assay board test --snapshot 2026-10-01-1 --latex > board.tex",
            "assay board test --snapshot 2026-10-01-1",
        ],
    )
    def board(
        ctx: typer.Context,
        *,
        phase: Annotated[str, typer.Argument(metavar="PHASE", help="challenge/task/phase, or a tail of it.")],
        stratum: Annotated[
            str | None, typer.Option("--stratum", metavar="NAME=VALUE", help="Rank over these cases alone.")
        ] = None,
        snapshot: Annotated[
            str | None, typer.Option("--snapshot", metavar="NAME", help="As it was published, such as 2026-10-01-1.")
        ] = None,
        as_csv: Annotated[
            bool, typer.Option("--csv", help="Comma-separated, numbers in full: the site's own file.")
        ] = False,
        as_latex: Annotated[bool, typer.Option("--latex", help="A table for a paper: the site's own file.")] = False,
    ) -> ExitCode:
        """Print the leaderboard of a phase: rank, method, team and the mean of every metric. Baselines are marked with ◆, a mean
        without any case with –."""
        from assay_kit.phases import find  # noqa: PLC0415

        current = session(ctx)
        if snapshot is not None and stratum is not None:
            raise WrongUsage("a snapshot is of all cases", next="leave out --stratum or --snapshot")
        if as_csv and as_latex:
            raise WrongUsage("one form at a time", next="leave out --csv or --latex")
        address = find(client=current.client, text=phase).address
        found = (
            current.client.board(address) if snapshot is None else current.client.snapshot(address, name=snapshot).board
        )
        chosen = None if stratum is None else _stratum(found, stratum)
        if (as_csv or as_latex) and not current.out.json:
            ending = "csv" if as_csv else "tex"
            current.out.raw(current.client.board_file(address, ending=ending, stratum=chosen, snapshot=snapshot))
            return ExitCode.DONE
        if chosen is not None:
            found = current.client.board(address, stratum=chosen)
        if current.out.json:
            current.out.document(document(found))
        elif current.out.quiet:
            for row in found.rows:
                current.out.line(row.submission)
        else:
            _table(current, found, chosen)
        return ExitCode.DONE


def _stratum(board: BoardOut, text: str) -> str:
    from assay_kit.suggest import did_you_mean  # noqa: PLC0415

    known = sorted({key for row in board.rows for key in row.strata})
    wanted = "".join(text.split()).lower()
    for key in known:
        if key.lower() == wanted:
            return key
    if not known:
        # an empty board says nothing of its strata; the site knows them
        return wanted
    hint = did_you_mean(wanted, known) or f"it has {', '.join(known)}"
    raise NotFound(f"{board.phase} has no stratum {text!r}", code="STRATUM_UNKNOWN", next=hint)


def _rank(rank: float | None) -> float | int | None:
    return int(rank) if rank is not None and rank == int(rank) else rank


def document(board: BoardOut) -> dict[str, Any]:
    """The board as `--json` and var/demo/leaderboard.json have it."""
    rows = [
        {
            "rank": _rank(row.rank),
            "rank_low": _rank(row.rank_low),
            "rank_high": _rank(row.rank_high),
            "group": row.group,
            "change": _rank(row.change),
            "team": row.team,
            "method": row.method,
            "baseline": row.baseline,
            "metrics": row.metrics,
            "strata": row.strata,
            "cases": row.cases,
            "failures": row.failures,
            "seconds_a_case": row.seconds_a_case,
            "peak_memory": row.peak_memory,
            "predictions": row.predictions,
            "note": row.note,
        }
        for row in board.rows
    ]
    return {
        "phase": board.phase,
        "dataset": board.dataset,
        "cases": board.cases,
        "units": board.units,
        "rule": board.rule,
        "gate": board.gate,
        "since": board.since,
        "certainty": board.certainty.model_dump(),
        "columns": [column.model_dump(include={"key", "title", "unit", "better", "ranks"}) for column in board.columns],
        "rows": rows,
    }


def _title(column: BoardColumn, *, among: list[BoardColumn]) -> str:
    """Title, direction and unit; the key where another column has the same title."""
    arrow = {"higher": " ↑", "lower": " ↓"}.get(column.better, "")
    unit = f" {column.unit}" if column.unit not in {"", "1"} else ""
    title = column.title if [one.title for one in among].count(column.title) == 1 else column.key
    return f"{title}{arrow}{unit}"


def _table(current: Session, board: BoardOut, stratum: str | None) -> None:
    where = f", {stratum}" if stratum else ""
    current.out.say(
        f"{board.title}{where}: {counted(board.cases, 'case')} of {counted(board.units, 'subject')}, {board.dataset}\n"
        f"{board.rule}{f' {board.gate}' if board.gate else ''}"
    )
    if not board.rows:
        current.out.say("Nobody stands here yet.")
    judged = board.certainty.state == "ready"
    header = [
        "RANK",
        *(["RANGE", "GROUP"] if judged else []),
        *(["CHANGE"] if board.since else []),
        "METHOD",
        "TEAM",
        *(_title(column, among=board.columns) for column in board.columns),
        "CASES",
        "S/CASE",
        "GiB",
    ]
    rows = [_cells(board, row) for row in board.rows]
    numbers = frozenset({0, *range(header.index("TEAM") + 1, len(header))})
    current.out.table(header=header, rows=rows, right=numbers)
    _say_how_sure(current, board)
    if board.since:
        current.out.say(f"CHANGE: places won since the snapshot {board.since}.")
    for row in board.rows:
        if row.note:
            current.out.line(f"no rank: {row.method}: {row.note}")
        if row.failures:
            told = ", ".join(f"{code} {count}" for code, count in sorted(row.failures.items()))
            current.out.line(f"† {row.method}: {told}")
    for out in board.not_ranked:
        current.out.line(f"not ranked: {out.get('method', '?')}, {out.get('team', '?')}: {out.get('reason', '?')}")


def _say_how_sure(current: Session, board: BoardOut) -> None:
    certain = board.certainty
    if certain.state == "ready":
        current.out.say(f"RANGE: {certain.intervals}\nGROUP: {certain.groups} {certain.note}".rstrip())
    elif certain.state == "waiting":
        current.out.say("Ranges of ranks and groups are being computed for these scores; ask again in a minute.")
    elif certain.reason:
        current.out.say(certain.reason)


def _range(row: BoardRow) -> str:
    """`1-3`, or `2` where every resample agrees."""
    low, high = _rank(row.rank_low), _rank(row.rank_high)
    if low is None or high is None:
        return MISSING
    return f"{low:g}" if low == high else f"{low:g}-{high:g}"


def _change(row: BoardRow) -> str:
    """Places won since the snapshot that the board names."""
    if row.new:
        return "new"
    return MISSING if row.change is None else f"{row.change:+g}" if row.change else "="


def _pace(row: BoardRow) -> str:
    if row.predictions:
        return "result files"
    return MISSING if row.seconds_a_case is None else f"{row.seconds_a_case:.2f}"


def _cells(board: BoardOut, row: BoardRow) -> list[str]:
    values = row.metrics
    means = [
        MISSING if (value := values.get(column.key)) is None else f"{value:.{column.digits}f}"
        for column in board.columns
    ]
    rank = _rank(row.rank)
    failed = sum(row.failures.values())
    return [
        MISSING if rank is None else f"{rank:g}",
        *([_range(row), row.group or MISSING] if board.certainty.state == "ready" else []),
        *([_change(row)] if board.since else []),
        f"{'◆ ' if row.baseline else ''}{row.method}{' †' if failed else ''}",
        row.team,
        *means,
        f"{row.cases}/{board.cases}",
        _pace(row),
        MISSING if row.peak_memory is None else f"{row.peak_memory / 2**30:.2f}",
    ]
