"""What the kit's test site answers to organisers, beside `site.py`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from evaluators.contract.boards import BoardOut, PublishedOut
from evaluators.contract.challenge_files import ChallengeFileOut, ChallengeIn, ChallengeOut, DiffOut, LintOut
from evaluators.contract.dry_runs import DryRunOut
from evaluators.contract.jobs import Refusal
from evaluators.contract.rescores import MovedOut, RescoreIn, RescoreOut, RescorePublishIn, RescoreRowOut

if TYPE_CHECKING:
    from tests.unit.assay_kit.site import Server

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


class Refused(Exception):
    def __init__(self, status: int, error: str, message: str, **more: str) -> None:
        super().__init__(message)
        self.status = status
        self.refusal = Refusal(error=error, message=message, **more)


def rescore(*, stand: str, why: str = "", state: str = "open") -> RescoreOut:
    """Of one entry that stands so."""
    return RescoreOut(
        id=7, phase="demo/cine-multicoil/test", state=state, sentence="1 entry.", publishable=stand == "ready", note="",
        asked_at=NOW, unchanged=4, before="", after="", url="https://assay.example/c/cine-demo/console/rescore/7",
        rows=[RescoreRowOut(submission="4F7Q", team="alpha", method="VarNet", stand=stand, why=why)],
        moved=[
            MovedOut(
                submission="4F7Q", team="alpha", method="VarNet", old_rank="2", new_rank="1", metrics=[("SSIM", "0.95", "0.96")]
            )
        ],
    )  # fmt: skip


class OrganiserRoutes:
    """Challenges, dry runs, re-scores and published boards; of a handler with a `site` behind its server."""

    server: Server
    _body: Any
    _board: Callable[[str], BoardOut]

    def _challenge_archive(self, name: str) -> bytes:
        if name not in self.server.site.archives:
            raise Refused(409, "CHALLENGE_UNFINISHED", f"{name}/task/test: Open, without an end.")
        return self.server.site.archives[name]

    def _rescore(self) -> RescoreOut:
        if self.server.site.rescore is None:
            raise Refused(404, "RESCORE_UNKNOWN", "This phase has never been scored again.")
        return self.server.site.rescore

    def _begin_rescore(self) -> RescoreOut:
        ask = self._body(RescoreIn)
        self.server.site.rescore_calls.append(f"begin {ask.phase} {ask.everything} {ask.note}")
        self.server.site.rescore = rescore(stand="waiting")
        return self.server.site.rescore

    def _change_rescore(self, verb: str) -> RescoreOut:
        ask = self._body(RescorePublishIn) if verb == "publish" else None
        self.server.site.rescore_calls.append(verb if ask is None else f"publish {ask.name} {ask.note}")
        return self._rescore()

    def _challenge(self) -> ChallengeIn:
        ask: ChallengeIn = self._body(ChallengeIn)
        if "ssmi" in ask.yaml:
            message = f'{ask.filename}:31:12 unknown metric "ssmi", did you mean "ssim"?'
            raise Refused(422, "CHALLENGE_INVALID", message)
        return ask

    def _apply(self) -> ChallengeOut:
        ask = self._challenge()
        if ask.base not in {None, self.server.site.difference.base}:
            raise Refused(409, "CHALLENGE_CHANGED", "the challenge was changed since you looked")
        self.server.site.applied.append(ask)
        changes = {"demo": "same", "demo/cine-multicoil": "created"}
        return ChallengeOut(challenge="demo", changes=changes, url=f"{self.server.site.address}/demo")

    def _lint(self) -> LintOut:
        self._body(ChallengeIn)
        return LintOut(problems=self.server.site.file_problems)

    def _diff(self) -> DiffOut:
        self._challenge()
        return self.server.site.difference

    def _challenge_file(self, name: str) -> ChallengeFileOut:
        if name != "demo":
            raise Refused(404, "NOT_FOUND", "there is no such challenge")
        return ChallengeFileOut(challenge=name, yaml=self.server.site.challenge_file, base="b" * 64)

    def _begin_dry_run(self, address: str) -> DryRunOut:
        self.server.site.begun.append(address)
        return self._dry_run(address)

    def _dry_run(self, address: str) -> DryRunOut:
        waiting = self.server.site.dry_runs
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def _publish(self, address: str) -> PublishedOut:
        self.server.site.boards[f"{address}@2026-10-01-1"] = self._board(address)
        return PublishedOut(
            name="2026-10-01-1", url=f"https://assay.example/c/{address}/board/2026-10-01-1", sha256="ab"
        )
