"""What a team can do with an image or an archive of result files: submit it, cancel it, withdraw it. The only writers of submissions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from assay.accounts.errors import NotYourTeam
from assay.accounts.models import Team, User
from assay.audit.services import record
from assay.challenges.models import Phase
from assay.evaluations import services as evaluations
from assay.evaluations.models import Purpose
from assay.images.models import Image, ImageState
from assay.predictions.models import Predictions
from assay.predictions.selectors import ready_predictions
from assay.submissions import selectors
from assay.submissions.cards import checked_card
from assay.submissions.codes import SHORTEST, draw_code
from assay.submissions.errors import (
    BadMethod,
    BadReason,
    ImageNotReady,
    ImageTooLarge,
    NothingToRefund,
    NotOrganiserHere,
    PhaseClosed,
    PredictionsNotReady,
    PredictionsNotTaken,
    PredictionsTooLargeHere,
    QuotaSpent,
    SubmissionEnded,
)
from assay.submissions.models import Submission
from evaluators.contract.catalogue import catalogue
from evaluators.contract.limits import Limits
from evaluators.contract.states import FINAL, EvaluationState

#: an entry that stood in the phase before and has no answer, through no decision of the team, is not held against the next
_NO_ANSWER = (EvaluationState.PLATFORM_ERROR, EvaluationState.CANCELLED)


@dataclass(frozen=True, kw_only=True)
class Submitted:
    """The entry, and whether it had stood there before: then nothing new was queued or counted."""

    submission: Submission
    duplicate: bool


@transaction.atomic
def submit(
    *,
    actor: User,
    team: Team,
    phase: Phase,
    config_digest: str | None = None,
    predictions: str | None = None,
    method: str,
    card: dict[str, str],
    baseline: bool = False,
    again: bool = False,
    now: datetime,
) -> Submitted:
    """Enter an image, or an archive of result files (`predictions`, its SHA-256), into a phase and ask for its evaluation.

    `now` (aware) is when the request arrived: received before the close counts, however long we took.
    again: evaluate again what already stands in the phase. baseline: marked on the board, outside the quota.
    Raises NotYourTeam, ImageNotReady, PredictionsNotReady, PhaseClosed, PredictionsNotTaken, NotOrganiserHere, ImageTooLarge,
    PredictionsTooLargeHere, QuotaSpent (carries when the next slot opens), BadMethod, BadCard, CardIncomplete; then nothing is written.
    """
    # two clicks at once are counted one after the other
    team = Team.objects.select_for_update().get(pk=team.pk)
    if not team.membership_set.filter(user=actor).exists():
        raise NotYourTeam
    method = _method(method)
    card = checked_card(card, task=phase.task)
    source = _source(team=team, config_digest=config_digest, predictions=predictions)
    if not phase.is_open(now):
        raise PhaseClosed(phase=phase, following=_following(phase, now=now), now=now)
    if source.predictions is not None and not phase.predictions:
        raise PredictionsNotTaken
    if baseline and not selectors.is_organiser(user=actor, challenge=phase.task.challenge):
        raise NotOrganiserHere
    standing = _standing(team=team, phase=phase, source=source)
    if standing is not None and not again:
        return Submitted(submission=standing, duplicate=True)
    limits = phase.parsed_limits()
    source.check_size(limits)
    if not baseline:
        _check_quota(team=team, phase=phase, now=now)
    evaluation = evaluations.request(
        team=team,
        image=source.image,
        predictions=source.predictions,
        dataset=phase.ranked,
        task=phase.task.parsed(),
        limits=limits,
        purpose=Purpose.RANKED,
        again=standing is not None,
        now=now,
    )
    submission = _create(
        Submission(
            phase=phase,
            team=team,
            user=actor,
            image=source.image,
            predictions=source.predictions,
            evaluation=evaluation,
            method=method,
            card=card,
            is_baseline=baseline,
            received_at=now,
        )
    )
    detail = {"phase": phase.address, **source.named, "baseline": baseline}
    record(tag="team:submission:create", target=submission, at=now, actor=actor, detail=detail)
    if evaluation.state == EvaluationState.QUEUED:
        evaluations.announce(pk=evaluation.pk, now=now)
    return Submitted(submission=submission, duplicate=False)


@transaction.atomic
def cancel(*, actor: User, submission: Submission, now: datetime) -> Submission:
    """Stop a submission that has not ended. Before its container ran this frees the slot.

    Raises NotYourTeam, SubmissionEnded.
    """
    submission = _own(actor=actor, submission=submission)
    if submission.evaluation.state in FINAL:
        raise SubmissionEnded
    record(tag="team:submission:cancel", target=submission, at=now, actor=actor)
    return _take_back(actor=actor, submission=submission, now=now)


@transaction.atomic
def withdraw(*, actor: User, submission: Submission, now: datetime) -> Submission:
    """Take a submission off the board, and stop it if it has not ended. It stays in the record. Raises NotYourTeam."""
    submission = _own(actor=actor, submission=submission)
    if submission.withdrawn_at is not None:
        return submission
    record(tag="team:submission:withdraw", target=submission, at=now, actor=actor)
    return _take_back(actor=actor, submission=submission, now=now)


@transaction.atomic
def refund(*, actor: User, submission: Submission, reason: str, now: datetime) -> Submission:
    """An organiser gives a team its submission back: it counts no more, whatever became of it. Once is enough.

    What we broke frees itself (`selectors.quota`). Raises NotOrganiserHere, BadReason, NothingToRefund.
    """
    Team.objects.select_for_update().get(pk=submission.team_id)
    submission = Submission.objects.select_related(
        "evaluation__dataset", "team", "image", "predictions", "phase__task__challenge"
    ).get(pk=submission.pk)
    if not selectors.is_organiser(user=actor, challenge=submission.phase.task.challenge):
        raise NotOrganiserHere("Only an organiser of this challenge gives a submission back.")
    reason = " ".join(reason.split())
    if not 1 <= len(reason) <= 300 or not reason.isprintable():
        raise BadReason
    if submission.refunded_at is not None:
        return submission
    if not selectors.counts(submission):
        raise NothingToRefund
    submission.refunded_at, submission.refund_reason = now, reason
    submission.save(update_fields=["refunded_at", "refund_reason"])
    record(tag="organiser:submission:refund", target=submission, at=now, actor=actor, detail={"reason": reason})
    return submission


@dataclass(frozen=True, kw_only=True)
class _Source:
    """What is entered, one of the two."""

    image: Image | None = None
    predictions: Predictions | None = None

    @property
    def named(self) -> dict[str, str]:
        """As the record has it."""
        if self.image is not None:
            return {"image": self.image.config_digest}
        return {"predictions": "" if self.predictions is None else self.predictions.sha256}

    def check_size(self, limits: Limits) -> None:
        """Raises ImageTooLarge, PredictionsTooLargeHere."""
        if self.image is not None and self.image.unpacked_bytes > limits.image:
            size = self.image.unpacked_bytes
            raise ImageTooLarge(f"The image has {size} bytes unpacked, the phase allows {limits.image}.")
        if self.predictions is not None and self.predictions.archive_bytes > limits.output:
            size = self.predictions.archive_bytes
            raise PredictionsTooLargeHere(f"The archive has {size} bytes, the phase allows {limits.output} unpacked.")


def _source(*, team: Team, config_digest: str | None, predictions: str | None) -> _Source:
    if (config_digest is None) == (predictions is None):
        raise ValueError("an image or an archive of result files is entered")
    if predictions is not None:
        sent = ready_predictions(team=team, sha256=predictions)
        if sent is None:
            raise PredictionsNotReady
        return _Source(predictions=sent)
    image = Image.objects.filter(team=team, config_digest=config_digest, state=ImageState.READY).first()
    if image is None:
        raise ImageNotReady
    return _Source(image=image)


def _take_back(*, actor: User, submission: Submission, now: datetime) -> Submission:
    if submission.withdrawn_at is None:
        submission.withdrawn_at = now
        submission.save(update_fields=["withdrawn_at"])
    wanted = Submission.objects.filter(evaluation=submission.evaluation, withdrawn_at__isnull=True).exists()
    if not wanted:  # else another entry of this image, in another phase, waits for the same evaluation
        submission.evaluation = evaluations.request_cancel(pk=submission.evaluation_id, actor=actor, now=now)
    return submission


def _own(*, actor: User, submission: Submission) -> Submission:
    Team.objects.select_for_update().get(pk=submission.team_id)
    submission = Submission.objects.select_related(
        "evaluation__dataset", "team", "image", "predictions", "phase__task__challenge"
    ).get(pk=submission.pk)
    member = submission.team.membership_set.filter(user=actor).exists()
    if not member and not selectors.is_organiser(user=actor, challenge=submission.phase.task.challenge):
        raise NotYourTeam
    return submission


def _standing(*, team: Team, phase: Phase, source: _Source) -> Submission | None:
    """The entry of this very image or archive that has, or will have, an answer on the phase's data by this release's scorer."""
    return (
        Submission.objects.filter(
            team=team,
            phase=phase,
            image=source.image,
            predictions=source.predictions,
            withdrawn_at__isnull=True,
            evaluation__dataset=phase.ranked,
            evaluation__scorer=catalogue().scorer,
        )
        .exclude(evaluation__state__in=[state.value for state in _NO_ANSWER])
        .exclude(evaluation__cancel_requested_at__isnull=False)
        .select_related("evaluation__dataset", "team", "image", "predictions", "phase__task__challenge")
        .first()
    )


def _check_quota(*, team: Team, phase: Phase, now: datetime) -> None:
    quota = selectors.quota(team=team, phase=phase, now=now)
    for used, allowed, what in (
        (quota.used, quota.allowed, "submissions"),
        (quota.attempts_used, quota.attempts_allowed, "attempts"),
    ):
        if allowed is not None and used >= allowed:
            raise QuotaSpent(used=used, allowed=allowed, window=quota.window, resets_at=quota.resets_at, what=what)


def _following(phase: Phase, *, now: datetime) -> Phase | None:
    later = phase.task.phases.filter(position__gt=phase.position).select_related("task__challenge").order_by("position")
    return next((one for one in later if one.closes_at is None or now < one.closes_at), None)


def _create(submission: Submission) -> Submission:
    for length in (*[SHORTEST] * 5, SHORTEST + 2, SHORTEST + 4):
        submission.code = draw_code(length=length)
        try:
            with transaction.atomic():
                submission.save(force_insert=True)
        except IntegrityError:
            # the constraint decides, not a look beforehand; anything else than a taken code is ours to know
            if not Submission.objects.filter(code=submission.code).exists():
                raise
            continue
        return submission
    raise RuntimeError("no free code of eight characters in three draws: the generator is broken")


def _method(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80 or not name.isprintable():
        raise BadMethod
    return name
