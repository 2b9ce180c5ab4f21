"""`assay login`, `logout`, `whoami`."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from assay_kit.errors import ExitCode, SignInNeeded, WrongUsage
from assay_kit.session import Session, session
from assay_kit.settings import normalised_site, travels_in_clear
from assay_kit.verbs import verb


def _asked(current: Session, site: str) -> str:
    if current.no_input or not sys.stdin.isatty():
        raise WrongUsage("no token given", next="assay login --token-stdin < token.txt, or set ASSAY_TOKEN")
    import getpass  # noqa: PLC0415

    current.out.say(f"Make a token on your account page at {site} and paste it here; it is not shown.")
    token = getpass.getpass("Token: ", stream=sys.stderr).strip()
    if not token:
        raise WrongUsage("no token given")
    return token


def register(app: typer.Typer) -> None:
    """Add the verbs to `app`."""

    @verb(app, "login", examples=["assay login https://assay.example", "assay login --token-stdin < token.txt"])
    def login(
        ctx: typer.Context,
        *,
        site: Annotated[str | None, typer.Argument(metavar="SITE", help="Address of the site.")] = None,
    ) -> ExitCode:
        """Sign in: try the token and keep it for this site. The file is readable by you alone; the token is asked for, or comes
        from --token-stdin or ASSAY_TOKEN, never from an argument."""
        current = session(ctx)
        address = normalised_site(site) if site else current.site
        from_stdin = current.token_stdin
        token = current.token_from_stdin if from_stdin else current.token_given() or _asked(current, address)
        if travels_in_clear(address):
            current.out.say(f"warning: {address} is not encrypted, so the token can be read on its way")
        me = current.connect(site=address, token=token).me()
        current.store.keep(site=address, token=token)
        if from_stdin and os.environ.get("ASSAY_TOKEN"):
            current.out.say("note: ASSAY_TOKEN is set and goes before the token that was kept now")
        if current.out.json:
            current.out.document({"site": address, **me.model_dump(mode="json")})
        elif current.out.quiet:
            current.out.line(me.name)
        else:
            current.out.line(f"Signed in at {address} as {me.name}, {_teams(me.teams)}, token {me.token!r}")
        return ExitCode.DONE

    @verb(app, "logout", examples=["assay logout", "assay logout --site https://assay.example"])
    def logout(ctx: typer.Context) -> ExitCode:
        """Forget the token kept for the site. The token itself stays valid until you revoke it on your account page."""
        current = session(ctx)
        forgotten = current.store.forget(current.site)
        if current.out.json:
            current.out.document({"site": current.site, "forgotten": forgotten})
        else:
            current.out.say(f"{'Forgot the token' if forgotten else 'There was no token kept'} for {current.site}")
        return ExitCode.DONE

    @verb(app, "whoami", examples=["assay whoami", "assay whoami --json"])
    def whoami(ctx: typer.Context) -> ExitCode:
        """Say who the token belongs to. Exit code 4 when nobody is signed in."""
        current = session(ctx)
        try:
            me = current.signed_in.me()
        except SignInNeeded as error:
            error.next = error.next or f"assay login {current.site}"
            raise
        if current.out.json:
            current.out.document({"site": current.site, **me.model_dump(mode="json")})
        elif current.out.quiet:
            current.out.line(me.name)
        else:
            current.out.line(
                f"{me.name} at {current.site}, {_teams(me.teams)}, token {me.token!r} ({', '.join(me.scopes)})"
            )
        return ExitCode.DONE


def _teams(teams: list[str]) -> str:
    if not teams:
        return "in no team"
    return f"team {teams[0]}" if len(teams) == 1 else f"teams {', '.join(teams)}"
