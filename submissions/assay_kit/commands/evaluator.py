"""`assay evaluator`: turns this machine into an evaluator of a site."""

from __future__ import annotations

import importlib
import os
import socket
from pathlib import Path
from typing import Annotated

import typer

from assay_kit.errors import ExitCode, SignInNeeded, WrongUsage
from assay_kit.session import session
from assay_kit.verbs import verb

#: packages that the extra brings
_EXTRA = frozenset({"celery", "kombu", "psutil", "sqlalchemy", "structlog"})


def _work_root() -> Path:
    base = os.environ.get("XDG_STATE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "state") / "assay" / "evaluator"


def register(app: typer.Typer) -> None:
    """Add the verb to `app`."""

    @verb(
        app,
        "evaluator",
        examples=[
            "assay evaluator --hardware cpu --token-stdin < worker-token.txt",
            "assay evaluator --poll --hardware gpu-24g",
            "assay evaluator --poll --once",
        ],
    )
    def evaluator(
        ctx: typer.Context,
        *,
        poll: Annotated[
            bool, typer.Option("--poll", help="Ask the site for work over HTTPS alone; no broker.")
        ] = False,
        once: Annotated[bool, typer.Option("--once", help="Stop when there is no more work.")] = False,
        hardware: Annotated[str, typer.Option("--hardware", metavar="CLASS", help="Which queue to serve.")] = "cpu",
        name: Annotated[str | None, typer.Option("--name", help="This worker's name; default the host's.")] = None,
        work_root: Annotated[
            Path | None,
            typer.Option("--work-root", metavar="DIR", envvar="ASSAY_WORK_ROOT", help="Cache, journal and outputs."),
        ] = None,
        broker: Annotated[
            str | None,
            typer.Option("--broker", metavar="URL", envvar="ASSAY_BROKER_URL", help="Where messages come from."),
        ] = None,
    ) -> ExitCode:
        """Run evaluations of a site on this machine. It needs a Docker Engine and a worker's token (ASSAY_TOKEN or --token-stdin),
        which opens the worker API alone. SIGTERM lets the current evaluation end first."""
        current = session(ctx)
        try:
            # by name: the worker is a part that a team's kit neither needs nor loads
            worker = importlib.import_module("evaluators.worker.main")
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in _EXTRA:
                raise
            raise WrongUsage(
                f"the evaluator needs {error.name}, which is not installed",
                code="MISSING_EXTRA",
                next="pip install 'assay-platform[evaluator]'",
            ) from error
        token = current.token_given()
        if token is None:
            raise SignInNeeded("an evaluator needs a worker's token", next="set ASSAY_TOKEN, or use --token-stdin")
        code: int = worker.run(
            site=current.site,
            token=token,
            name=name or socket.gethostname(),
            hardware=hardware,
            work_root=(work_root or _work_root()).resolve(),
            poll=poll,
            broker=None if poll else broker,
            once=once,
        )
        return ExitCode(code)
