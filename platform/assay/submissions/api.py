"""Submissions and phases over the API: thin routes over services and selectors."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router, Schema

from assay.accounts import selectors as accounts
from assay.accounts.auth import SignedRequest, TokenAuth, optional_token, token_user
from assay.accounts.models import ApiToken, Scope, Team, User
from assay.challenges.selectors import all_phases, phase_by_address
from assay.submissions import selectors, services
from assay.submissions.cards import edit_card
from evaluators.contract.api import CardIn, PhaseOut, PredictionsListing, RefundIn, SubmissionIn, SubmissionOut
from evaluators.contract.cards import CardSchemaOut, card_schema
from evaluators.contract.jobs import Refusal

router = Router(tags=["submissions"])
_TEAM = TokenAuth(Scope.TEAM)
_REFUSALS = {401: Refusal, 403: Refusal, 404: Refusal, 409: Refusal, 422: Refusal}
#: one answer lists this many at most, newest first
_LISTED = 100


class PhasePath(Schema):
    """challenge/task/phase as three parts of an address."""

    challenge: str
    task: str
    phase: str

    @property
    def address(self) -> str:
        """As one word."""
        return f"{self.challenge}/{self.task}/{self.phase}"


def _user(request: HttpRequest) -> User:
    return cast("SignedRequest", request).auth.user


@router.get("/phases", response={200: list[PhaseOut], 401: Refusal, 403: Refusal}, summary="Every phase")
def phases(request: HttpRequest, team: str | None = None) -> list[PhaseOut]:
    """Public. With a token the quota also tells what `team` (or your only team) has used."""
    whose = _team(optional_token(request), slug=team)
    return selectors.describe_phases(all_phases(), team=whose, now=timezone.now())


@router.get(
    "/phases/{challenge}/{task}/{phase}",
    response={200: PhaseOut, 401: Refusal, 403: Refusal, 404: Refusal},
    summary="One phase: limits, the docker line, quota, dates",
)
def phase(request: HttpRequest, at: Path[PhasePath], team: str | None = None) -> PhaseOut:
    """Public. With a token the quota also tells what `team` (or your only team) has used."""
    whose = _team(optional_token(request), slug=team)
    return selectors.describe_phase(phase_by_address(at.address), team=whose, now=timezone.now())


@router.get(
    "/phases/{challenge}/{task}/{phase}/predictions",
    response={200: PredictionsListing, 404: Refusal, 409: Refusal},
    summary="Every path that an archive of result files may have",
)
def predictions(
    request: HttpRequest,  # noqa: ARG001 -- ninja's signature
    at: Path[PhasePath],
) -> PredictionsListing:
    """Public, as the inputs are that they are named after. Refused for a phase that takes containers alone."""
    return selectors.list_predictions(phase_by_address(at.address))


def _team(token: ApiToken | None, *, slug: str | None) -> Team | None:
    if token is None:
        return None
    if slug is not None:
        return accounts.team_for(user=token.user, slug=slug)
    mine = list(accounts.teams_of(token.user)[:2])
    return mine[0] if len(mine) == 1 else None


@router.post(
    "/submissions",
    response={200: SubmissionOut, **_REFUSALS},
    auth=_TEAM,
    summary="Enter an image or result files into a phase",
)
def submit(request: HttpRequest, data: SubmissionIn) -> SubmissionOut:
    """Queues its evaluation. An image or archive that stands in the phase already gives the old entry, `duplicate` set, unless
    `again`."""
    now = timezone.now()
    actor = _user(request)
    submitted = services.submit(
        actor=actor,
        team=accounts.team_for(user=actor, slug=data.team),
        phase=phase_by_address(data.phase),
        config_digest=data.config_digest,
        predictions=data.predictions,
        method=data.method,
        card=data.card,
        baseline=data.baseline,
        again=data.again,
        now=now,
    )
    return selectors.describe(submitted.submission, duplicate=submitted.duplicate)


@router.get(
    "/submissions", response={200: list[SubmissionOut], **_REFUSALS}, auth=_TEAM, summary="Your teams' submissions"
)
def submissions(request: HttpRequest, team: str | None = None, phase: str | None = None) -> list[SubmissionOut]:
    """Newest first, at most 100; `team` and `phase` narrow the list."""
    within = None if phase is None else phase_by_address(phase)
    found = selectors.submissions_of(viewer=_user(request), now=timezone.now(), team=team, phase=within)
    return selectors.describe_all(found[:_LISTED])


@router.get("/submissions/{code}", response={200: SubmissionOut, 401: Refusal, 404: Refusal}, summary="One submission")
def submission(request: HttpRequest, code: str) -> SubmissionOut:
    """For its team and the challenge's organisers; scored baselines of a public board for everybody."""
    return selectors.describe(selectors.submission_for(viewer=token_user(request), code=code, now=timezone.now()))


@router.post(
    "/submissions/{code}/withdraw", response={200: SubmissionOut, **_REFUSALS}, auth=_TEAM, summary="Take it off"
)
def withdraw(request: HttpRequest, code: str) -> SubmissionOut:
    """Take a submission off the board, and stop it if it has not ended. It stays in the record."""
    now = timezone.now()
    found = selectors.submission_for(viewer=_user(request), code=code, now=now)
    return selectors.describe(services.withdraw(actor=_user(request), submission=found, now=now))


@router.post("/submissions/{code}/cancel", response={200: SubmissionOut, **_REFUSALS}, auth=_TEAM, summary="Stop it")
def cancel(request: HttpRequest, code: str) -> SubmissionOut:
    """A waiting one ends at once, a running one within a minute. Before its container ran the slot is free again."""
    now = timezone.now()
    found = selectors.submission_for(viewer=_user(request), code=code, now=now)
    return selectors.describe(services.cancel(actor=_user(request), submission=found, now=now))


@router.get("/method-card", response=CardSchemaOut, summary="The questions of a method card")
def method_card(
    request: HttpRequest,  # noqa: ARG001 -- ninja's signature
) -> CardSchemaOut:
    """Public. A phase's `card_required` says which of them its entries must answer."""
    return card_schema()


@router.put(
    "/submissions/{code}/card", response={200: SubmissionOut, **_REFUSALS}, auth=_TEAM, summary="Change its card"
)
def change_card(request: HttpRequest, code: str, data: CardIn) -> SubmissionOut:
    """The whole card, in place of the one that stands."""
    now = timezone.now()
    actor = _user(request)
    found = selectors.submission_for(viewer=actor, code=code, now=now)
    return selectors.describe(edit_card(actor=actor, submission=found, answers=data.card, now=now))


@router.post(
    "/submissions/{code}/refund",
    response={200: SubmissionOut, **_REFUSALS},
    auth=TokenAuth(Scope.ORGANISER),
    summary="Give it back",
)
def refund(request: HttpRequest, code: str, data: RefundIn) -> SubmissionOut:
    """For organisers of the challenge: it no longer counts against its team's quota, and its page says why."""
    now = timezone.now()
    found = selectors.submission_for(viewer=_user(request), code=code, now=now)
    return selectors.describe(services.refund(actor=_user(request), submission=found, reason=data.reason, now=now))
