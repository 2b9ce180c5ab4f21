"""Challenge files over the API, without changing anything: lint, diff, and the file that stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router, Schema
from pydantic import Field

from assay.accounts.auth import SignedRequest, TokenAuth
from assay.accounts.models import Scope
from assay.challenges import review
from assay.challenges.problems import Problem
from assay.challenges.selectors import challenge_by_slug
from assay.challenges.services import plain_name
from evaluators.contract.api import SLUG
from evaluators.contract.challenge_files import (
    ChallengeFileOut,
    ChallengeIn,
    DifferenceOut,
    DiffOut,
    FileProblem,
    LintOut,
)
from evaluators.contract.jobs import Refusal

router = Router(tags=["challenges"])
_ORGANISER = TokenAuth(Scope.ORGANISER)
_REFUSALS = {401: Refusal, 403: Refusal, 422: Refusal}


class ChallengePath(Schema):
    """Part of an address."""

    challenge: str = Field(pattern=SLUG, max_length=80)


@router.post(
    "/challenges/lint", response={200: LintOut, **_REFUSALS}, auth=_ORGANISER, summary="What is wrong with a file"
)
def lint(request: HttpRequest, data: ChallengeIn) -> LintOut:
    """Every mistake and warning with line, column and fix. Nothing is changed."""
    actor = cast("SignedRequest", request).auth.user
    return LintOut(problems=told(review.lint(text=data.yaml, actor=actor, now=timezone.now())))


@router.post(
    "/challenges/diff", response={200: DiffOut, **_REFUSALS}, auth=_ORGANISER, summary="What applying would change"
)
def diff(request: HttpRequest, data: ChallengeIn) -> DiffOut:
    """By key path, with what teams would lose. A file with mistakes answers 422. Nothing is changed."""
    actor = cast("SignedRequest", request).auth.user
    found = review.diff(text=data.yaml, filename=plain_name(data.filename), actor=actor, now=timezone.now())
    return DiffOut(
        challenge=found.challenge,
        base=found.base,
        differences=[DifferenceOut(path=each.path, before=each.before, after=each.after) for each in found.differences],
        only_layout=found.only_layout,
        losses=list(found.losses),
        warnings=told(found.warnings),
    )


@router.get(
    "/challenges/{challenge}/file",
    response={200: ChallengeFileOut, **_REFUSALS, 404: Refusal},
    auth=_ORGANISER,
    summary="The file that stands",
)
def file(request: HttpRequest, at: Path[ChallengePath]) -> ChallengeFileOut:
    """As it was applied, comments and all; for its organisers."""
    found = challenge_by_slug(at.challenge)
    review.check_hand(found, actor=cast("SignedRequest", request).auth.user)
    return ChallengeFileOut(challenge=found.slug, yaml=found.source, base=review.version_of(found))


def told(problems: Iterable[Problem]) -> list[FileProblem]:
    """Problems as the contract says them."""
    return [
        FileProblem(line=each.at.line, column=each.at.column, message=each.message, fix=each.fix, warning=each.warning)
        for each in problems
    ]
