"""One call of the command: its options, settings and output, and the connections that are opened when first needed."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from assay_kit import credentials
from assay_kit.console import Output
from assay_kit.deadline import Deadline
from assay_kit.errors import SignInNeeded, WrongUsage
from assay_kit.settings import Settings

if TYPE_CHECKING:
    from assay_kit.client import Client
    from assay_kit.images import Engine


@dataclass(kw_only=True)
class Session:
    """What every verb receives as `ctx.obj`."""

    out: Output
    site_flag: str | None = None
    token_stdin: bool = False
    no_input: bool = False
    deadline: Deadline = field(default_factory=lambda: Deadline(None))
    closing: ExitStack = field(default_factory=ExitStack)

    @cached_property
    def settings(self) -> Settings:
        """Environment, ./assay.toml and the person's own files."""
        return Settings.load(environment=os.environ, folder=Path.cwd())

    @cached_property
    def site(self) -> str:
        """Raises WrongUsage when none is named."""
        return self.settings.site(self.site_flag)

    @property
    def site_if_named(self) -> str:
        """The site, or nothing where no layer names one: for what works without."""
        try:
            return self.site
        except WrongUsage:
            return ""

    @cached_property
    def store(self) -> credentials.Store:
        """Tokens on this machine."""
        return credentials.Store(credentials.folder(os.environ))

    def token_given(self) -> str | None:
        """The token of this call alone: ASSAY_TOKEN, else the first line of stdin with --token-stdin."""
        if token := os.environ.get("ASSAY_TOKEN", "").strip():
            return token
        return self.token_from_stdin if self.token_stdin else None

    @cached_property
    def token_from_stdin(self) -> str:
        token = sys.stdin.readline().strip()
        if not token:
            raise WrongUsage("--token-stdin: no token came on stdin")
        return token

    @cached_property
    def token(self) -> str | None:
        """The token for this site, wherever it comes from."""
        return self.token_given() or self.store.token(self.site)

    @cached_property
    def client(self) -> Client:
        """The site, with a token where there is one: boards and phases are public."""
        return self.connect(site=self.site, token=self.token)

    @cached_property
    def signed_in(self) -> Client:
        """The site, for what needs a token. Raises SignInNeeded."""
        if self.token is None:
            raise SignInNeeded(f"not signed in at {self.site}", next=f"assay login {self.site}, or set ASSAY_TOKEN")
        return self.client

    def connect(self, *, site: str, token: str | None) -> Client:
        """A client that is closed when the command ends."""
        from assay_kit.client import Client  # noqa: PLC0415 - httpx and pydantic take 0.5 s to load, help needs neither

        return self.closing.enter_context(
            Client(site=site, token=token, deadline=self.deadline, detail=self.out.detail)
        )

    def engine(self) -> Engine:
        """The team's container engine. Raises EngineMissing."""
        from assay_kit.images import Engine  # noqa: PLC0415 - the docker SDK takes 0.4 s to load

        engine = Engine()
        self.closing.callback(engine.close)
        return engine

    def team(self, flag: str | None) -> str:
        """The named team, or the only one. Raises WrongUsage when that does not decide."""
        if named := self.settings.get("team", flag):
            return named
        teams = self.signed_in.me().teams
        if len(teams) == 1:
            return teams[0]
        if not teams:
            raise WrongUsage("you are in no team", code="NO_TEAM", next=f"make or join one at {self.site}")
        raise WrongUsage(f"you are in {len(teams)} teams: {', '.join(teams)}", next="say which with --team")


def session(ctx: typer.Context) -> Session:
    """The session of this call."""
    found = ctx.obj
    if not isinstance(found, Session):
        raise TypeError("the root callback did not run")
    return found
