"""Why an entry is refused. Nothing is written then, and nothing is counted."""

from __future__ import annotations

from datetime import UTC, datetime

from assay.accounts.errors import NotOrganiser
from assay.challenges.models import Phase
from assay.challenges.words import phase_sentence
from assay.config.errors import Invalid, NotFound, Refused
from evaluators.contract.cards import CardField
from evaluators.contract.failures import HELP

_WINDOW = {"day": "today", "week": "this week", "phase": "in this phase"}


class QuotaSpent(Refused):
    """The team's entries of this phase are used up for now."""

    code = "QUOTA"
    status = 409

    def __init__(self, *, used: int, allowed: int, window: str, resets_at: datetime | None, what: str) -> None:
        """window: day, week or phase. resets_at: when the next slot opens; None: never in this phase. what: what is counted."""
        self.used, self.allowed, self.resets_at = used, allowed, resets_at
        back = (
            "This phase gives no more."
            if resets_at is None
            else f"Back at {resets_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC."
        )
        super().__init__(f"{used} of {allowed} {what} used {_WINDOW[window]}.", next=back)


class PhaseClosed(Refused):
    """This phase takes no entries now."""

    code = "PHASE_CLOSED"
    status = 409

    def __init__(self, *, phase: Phase, following: Phase | None, now: datetime) -> None:
        """following: the task's next phase that is open or still to open."""
        if phase.opens_at is not None and now < phase.opens_at:
            step = "Submit again when it opens; nothing was counted."
        elif following is None:
            step = "The task has no later phase."
        else:
            step = f"Next is {following.address}: {phase_sentence(following, now=now)}"
        super().__init__(f"{phase.address}: {phase_sentence(phase, now=now)}", next=step)


class ImageNotReady(Refused):
    """This image has not arrived whole."""

    code = "IMAGE_NOT_READY"
    status = 409
    hint = "Send its archive first: `assay submit` does both."


class ImageTooLarge(Refused):
    """The image is larger than the phase allows."""

    code = "IMAGE_SIZE"
    status = 409
    hint = HELP["IMAGE_SIZE"].fix


class PredictionsNotTaken(Refused):
    """This phase takes containers alone."""

    code = "PREDICTIONS_NOT_TAKEN"
    status = 409
    hint = "Submit an image: `assay submit IMAGE`. `assay show PHASE` says what a phase takes."


class PredictionsNotReady(Refused):
    """This archive of result files has not arrived whole."""

    code = "PREDICTIONS_NOT_READY"
    status = 409
    hint = "Send it first: `assay submit --predictions` does both."


class PredictionsTooLargeHere(Refused):
    """The archive of result files is larger than what the phase allows it to become."""

    code = "OUTPUT_TOO_LARGE"
    status = 409
    hint = "Pack only the files that the phase asks for."


class NotOrganiserHere(NotOrganiser):
    """Only an organiser of this challenge enters baselines."""

    hint = "Submit without the baseline flag: the entry stands on the board as your team's method."


class SubmissionUnknown(NotFound):
    """There is no such submission, or it is not yours to see."""

    code = "SUBMISSION_UNKNOWN"
    hint = "Your team's submissions are listed by `assay status`."


class SubmissionEnded(Refused):
    """This submission has ended; there is nothing to cancel."""

    code = "SUBMISSION_ENDED"
    status = 409
    hint = "What has ended stays in the record. POST /api/v1/submissions/ID/withdraw takes it off the board."


class BadMethod(Invalid):
    """A method's name has 1 to 80 printable characters."""

    code = "BAD_METHOD"
    hint = "Write the name as it shall stand on the board."


class BadCard(Invalid):
    """The method card cannot be taken."""

    code = "BAD_CARD"
    hint = "GET /api/v1/method-card lists its questions."


class CardIncomplete(Invalid):
    """The task asks for more of the method card."""

    code = "CARD_INCOMPLETE"

    def __init__(self, *, missing: list[CardField]) -> None:
        """missing: what has no answer."""
        titles = ", ".join(field.title for field in missing)
        lines = "; ".join(f"`{field.key}: …` ({field.hint})" for field in missing)
        super().__init__(f"This task asks every entry for: {titles}.", next=f"Write into the card {lines}.")


class BadReason(Invalid):
    """A reason has 1 to 300 printable characters."""

    code = "BAD_REASON"
    hint = "Say in a sentence why the submission is given back; its team reads it."


class NothingToRefund(Refused):
    """This submission does not count against the quota."""

    code = "NOTHING_TO_REFUND"
    status = 409
    hint = "What we broke, and what was cancelled before it ran, frees itself; baselines never count."
