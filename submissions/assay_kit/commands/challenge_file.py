"""`assay challenge lint`, `diff`, `apply`, `clone` and `schema`: a challenge as one file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay_kit.errors import AnswerIsNo, ExitCode, KitError, RefusedByRules, WrongUsage
from assay_kit.session import Session, session
from assay_kit.verbs import new_app, verb

if TYPE_CHECKING:
    from evaluators.contract.challenge_files import DiffOut, FileProblem

#: joins `assay challenge`
app = new_app()

_File = Annotated[str, typer.Argument(metavar="FILE", help="The challenge file; - is stdin.")]


@verb(app, "lint", examples=["assay challenge lint cmrxrecon-2023.yaml", "assay challenge lint - < challenge.yaml"])
def lint(ctx: typer.Context, *, file: _File) -> ExitCode:
    """Tell every mistake of a challenge file with line, column and fix, and change nothing. Exit code 1 when there is one.
    Without a token the file alone is looked at; accounts, datasets, dates and workers are the site's to check."""
    from assay_kit.challenge_file import problems_in  # noqa: PLC0415 - pydantic and the catalogue take 0.4 s to load

    current = session(ctx)
    text, name = _read(current, file)
    problems = problems_in(text)
    if not problems:
        try:
            problems = current.signed_in.lint_challenge(yaml=text, filename=name).problems
        except KitError as error:
            current.out.say(f"warning: the site was not asked: {error.message}")
    grave = [each for each in problems if not each.warning]
    if current.out.json:
        current.out.document({"problems": [each.model_dump() for each in problems]})
    else:
        for each in grave if current.out.quiet else problems:
            current.out.line(each.told(name))
        if not problems:
            current.out.say(f"{name}: nothing is wrong")
    return ExitCode.NO if grave else ExitCode.DONE


@verb(app, "diff", examples=["assay challenge diff cmrxrecon-2023.yaml"])
def diff(ctx: typer.Context, *, file: _File) -> ExitCode:
    """Show by key what applying a file would change, and what teams that take part would lose by it. Exit code 0: the same, 1: it
    differs, 2 and more: trouble, also a file with mistakes."""
    current = session(ctx)
    text, name = _read(current, file)
    found = current.signed_in.diff_challenge(yaml=text, filename=name)
    if current.out.json:
        current.out.document(found.model_dump(mode="json"))
    elif not current.out.quiet:
        for line in _lines(found, name=name):
            current.out.line(line)
        if found.only_layout:
            current.out.say("only comments or layout differ")
    return ExitCode.NO if found.differences else ExitCode.DONE


@verb(
    app,
    "apply",
    examples=[
        "assay challenge apply cmrxrecon-2023.yaml",
        "assay challenge apply cmrxrecon-2023.yaml --yes",
        "assay challenge apply cmrxrecon-2023.yaml --yes --confirm cmrxrecon-2023",
        "assay challenge apply - < challenge.yaml",
    ],
)
def apply(
    ctx: typer.Context,
    *,
    file: _File,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; without a terminal nothing is asked anyway.")] = False,
    confirm: Annotated[
        str | None,
        typer.Option(
            "--confirm", metavar="NAME", help="The challenge's name, where teams that take part lose something."
        ),
    ] = None,
) -> ExitCode:
    """Show the difference, ask, and make a challenge be as its file says: all of it or nothing. Applying the same file twice
    changes nothing; a file with a mistake changes nothing either, and the mistake is named with its line. Exit code 1 then, 6 when
    somebody else changed the challenge meanwhile or --confirm is missing."""
    current = session(ctx)
    text, name = _read(current, file)
    client = current.signed_in
    with _mistakes_are_answers():
        found = client.diff_challenge(yaml=text, filename=name)
    for line in _lines(found, name=name):
        current.out.say(line)
    if found.losses and confirm != found.challenge:
        raise RefusedByRules(
            "teams that take part lose something by this, and nothing was applied",
            code="CONFIRM_NEEDED",
            next=f"if it is meant, say the challenge's name: --confirm {found.challenge}",
        )
    if not yes and file != "-" and sys.stdin.isatty():
        _ask(current, f"Apply {file} at {current.site}?")
    with _mistakes_are_answers():
        done = client.apply_challenge(yaml=text, filename=name, base=found.base, confirm=confirm)
    if current.out.json:
        current.out.document(done.model_dump(mode="json"))
    elif current.out.quiet:
        current.out.line(done.challenge)
    else:
        current.out.pairs(done.changes)
        current.out.say(done.url)
    return ExitCode.DONE


@verb(
    app,
    "clone",
    examples=[
        "assay challenge clone cmrxrecon-2023 --as cmrxrecon-2024 --start 2027-05-03 > cmrxrecon-2024.yaml",
        "assay challenge clone cmrxrecon-2023.yaml --as cmrxrecon-2024 --start 2027-05-03 --out cmrxrecon-2024.yaml",
    ],
)
def clone(
    ctx: typer.Context,
    *,
    source: Annotated[str, typer.Argument(metavar="FILE|NAME", help="A challenge file, or a challenge of the site.")],
    name: Annotated[str, typer.Option("--as", metavar="NAME", help="Address of the new challenge.")],
    start: Annotated[
        str | None,
        typer.Option("--start", metavar="DATE", help="The day on which its first phase opens; all dates move along."),
    ] = None,
    title: Annotated[str, typer.Option("--title", help="In place of the earlier title.")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write here; a file is not replaced.")
    ] = None,
) -> ExitCode:
    """Make this year's file from last year's: a new name, all dates shifted by the same number of days, words and comments kept.
    Datasets are named as before and marked with REPLACE. Nothing is sent; `lint` and `apply` come next."""
    from assay_kit.challenge_file import cloned  # noqa: PLC0415

    current = session(ctx)
    day = _day(current, start)
    if Path(source).is_file():
        text, _ = _read(current, source)
    else:
        text = current.signed_in.challenge_file(source).yaml
    made = cloned(text, name=name, start=day, title=title, site=current.site_if_named)
    if out is None:
        sys.stdout.write(made)
        return ExitCode.DONE
    try:
        with out.open("x", encoding="utf-8") as target:
            target.write(made)
    except OSError as error:
        raise WrongUsage(f"{out} cannot be written: {error.strerror}", next="choose another --out") from error
    current.out.line(str(out))
    current.out.say(f"next: put this year's datasets where REPLACE stands, then assay challenge lint {out}")
    return ExitCode.DONE


@verb(app, "schema", examples=["assay challenge schema > challenge-1.json"])
def schema(ctx: typer.Context) -> ExitCode:
    """Print the JSON Schema of challenge files, which editors complete and check by. The site serves the same at
    /schema/challenge-1.json."""
    from assay.challenges.json_schema import challenge_schema  # noqa: PLC0415

    current = session(ctx)
    current.out.document(challenge_schema(site=current.site_if_named))
    return ExitCode.DONE


def _read(current: Session, file: str) -> tuple[str, str]:
    """The text, and the name by which mistakes are told."""
    if file == "-" and current.token_stdin:
        raise WrongUsage("both the token and the file want stdin", next="set ASSAY_TOKEN, or name the file")
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise WrongUsage(f"there is no file {file}") from error
    except OSError as error:
        raise WrongUsage(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise WrongUsage(f"{file} is not UTF-8 text: {error}") from error
    return text, "challenge.yaml" if file == "-" else Path(file).name


@contextmanager
def _mistakes_are_answers() -> Iterator[None]:
    """The command was right; what is in the file is not."""
    try:
        yield
    except WrongUsage as error:
        raise AnswerIsNo(error.message, code=error.code, next=error.next, help=error.help) from error


def _lines(found: DiffOut, *, name: str) -> Iterator[str]:
    for each in found.differences:
        if each.before is None:
            yield f"+ {each.path}: {each.after}"
        elif each.after is None:
            yield f"- {each.path}: {each.before}"
        else:
            yield f"~ {each.path}: {each.before} -> {each.after}"
    for loss in found.losses:
        yield f"! {loss}"
    yield from _warnings(found.warnings, name=name)


def _warnings(warnings: list[FileProblem], *, name: str) -> Iterator[str]:
    for each in warnings:
        yield each.told(name)


def _day(current: Session, text: str | None) -> date | None:
    if text is None and sys.stdin.isatty() and not current.no_input:
        text = typer.prompt("The first phase opens on (YYYY-MM-DD)", err=True)
    if text is None:
        raise WrongUsage("when does the first phase open?", next="say it with --start 2027-05-03")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WrongUsage(f"--start {text} is no day; write it like 2027-05-03") from error


def _ask(current: Session, question: str) -> None:
    if current.no_input:
        raise WrongUsage("nothing may be asked", next="say --yes")
    if not typer.confirm(question, err=True):
        raise AnswerIsNo("nothing was applied", code="DECLINED")
