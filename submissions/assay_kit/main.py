"""The entry of the `assay` command: parses, runs one verb, and turns every end into an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from assay_kit import __version__
from assay_kit.commands import (
    account,
    board,
    challenge,
    challenge_file,
    dataset,
    dry_run,
    evaluator,
    phases,
    pictures,
    rank,
    rescore,
    score,
    status,
    submit,
)
from assay_kit.console import Output
from assay_kit.deadline import Deadline
from assay_kit.errors import ExitCode, Interrupted, KitError, WrongUsage
from assay_kit.session import Session
from assay_kit.verbs import hoist, new_app

#: the parser's own error, wherever this release of typer keeps it
_PARSER_ERROR: type[Exception] = typer.BadParameter.__mro__[2]

app = new_app()
for module in (account, phases, submit, status, board, score, rank):
    module.register(app)
pictures.register(dataset.app)
rescore.register(challenge.app)
app.add_typer(dataset.app, name="dataset")
challenge.app.add_typer(challenge_file.app)
challenge.app.add_typer(dry_run.app)
app.add_typer(challenge.app, name="challenge")
evaluator.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"assay {__version__}\n")
        raise typer.Exit


@app.callback(
    help="\b\nExamples:\n  assay login https://assay.example\n  assay phases --open\n"
    "  assay submit varnet:1 --phase cine-multicoil/test --wait\n  assay board cine-multicoil/test\n\n"
    "Containers in, fair rankings out: enter container images into medical-imaging challenges.",
    epilog="Data goes to stdout, the rest to stderr. Exit codes: 0 done, 1 the answer is no, 2 wrong usage, 4 sign in, "
    "5 not found, 6 refused by the rules, 7 the site's fault, 124 waited too long, 130 interrupted. "
    "Settings: flag, environment (ASSAY_SITE, ASSAY_TEAM, ASSAY_PHASE, ASSAY_IMAGE, ASSAY_METHOD, ASSAY_CARD), ./assay.toml, "
    "config.toml in the XDG config folder. Token: ASSAY_TOKEN, --token-stdin, or what `assay login` kept.",
)
def root(
    ctx: typer.Context,
    *,
    site: Annotated[str | None, typer.Option("--site", metavar="URL", help="The site; also ASSAY_SITE.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document; JSON lines with --watch.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Ids only, no progress.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Say what is asked of the site.")] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask; fail instead.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colour; also NO_COLOR.")] = False,
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", metavar="SECONDS", min=0.001, help="Give up after this long, with exit code 124."),
    ] = None,
    token_stdin: Annotated[bool, typer.Option("--token-stdin", help="Read the token from stdin.")] = False,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version.")
    ] = False,
) -> None:
    """Global options; they work before and after the verb."""
    del version
    current: Session = ctx.obj
    # the output was made before parsing, so that an error of the parser itself can be printed
    current.out = Output(json=json, quiet=quiet, verbose=verbose, color=not no_color and not os.environ.get("NO_COLOR"))
    current.site_flag = site
    current.no_input = no_input
    current.token_stdin = token_stdin
    current.deadline = Deadline(timeout)


def _usage(error: Exception) -> WrongUsage:
    context: Any = getattr(error, "ctx", None)
    message: Any = getattr(error, "format_message", lambda: str(error))()
    where = context.command_path if context is not None else "assay"
    return WrongUsage(str(message), next=f"{where} -h")


def execute(arguments: Sequence[str]) -> int:
    """Run the command as if typed with `arguments`; returns its exit code."""
    words = hoist(arguments)
    current = Session(out=Output(json="--json" in words, color=not os.environ.get("NO_COLOR")))
    command = typer.main.get_command(app)
    try:
        with current.closing:
            code = command.main(words or ["-h"], prog_name="assay", standalone_mode=False, obj=current)
            if code == ExitCode.INTERRUPTED:
                raise Interrupted("interrupted")
            return int(code or ExitCode.DONE)
    except KitError as error:
        current.out.error(error)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        current.out.error(Interrupted("interrupted"))
        return ExitCode.INTERRUPTED
    except OSError as error:
        # a folder that cannot be written, a full disk: the system's own words say which file
        current.out.error(WrongUsage(str(error), code="FILE"))
        return ExitCode.USAGE
    except _PARSER_ERROR as error:
        wrong = _usage(error)
        current.out.error(wrong)
        return wrong.exit_code


def run() -> None:
    """The console script."""
    sys.exit(execute(sys.argv[1:]))
