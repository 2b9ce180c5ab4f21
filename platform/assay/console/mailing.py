"""Mail to a previewed list: queued as one, sent by a job, each recipient once, some at a time. The only writers of mailings."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.core.mail import EmailMessage
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse

from assay.accounts.models import User
from assay.audit.services import record
from assay.challenges.models import Challenge
from assay.config.site import absolute
from assay.console.access import check_organiser
from assay.console.audience import recipients_of
from assay.console.errors import BadMail, MailTooOften, NobodyToWrite, RecipientsChanged, UnsubscribeUnknown
from assay.console.models import Letter, Mailing, Unsubscribed

log = logging.getLogger(__name__)

TEXT_LONGEST = 20_000
#: mailings of a challenge in 24 hours
_MOST = 5
#: letters of one tick of the job: a mail server is not flooded, and a tick ends
AT_ONCE = 30
_SIGNER = Signer(salt="assay.console.unsubscribe")


@transaction.atomic
def send(
    *, actor: User, challenge: Challenge, audience: str, subject: str, text: str, seen: str, now: datetime
) -> Mailing:
    """Queue a mail to an audience. seen: the digest of the list that the organiser was shown.

    Raises ConsoleForOrganisers, BadMail, NobodyToWrite, RecipientsChanged, MailTooOften; then nothing is sent.
    """
    check_organiser(actor, challenge)
    Challenge.objects.select_for_update().get(pk=challenge.pk)
    subject, text = checked_mail(subject, text)
    recipients = recipients_of(challenge, audience)
    if not recipients.people:
        raise NobodyToWrite
    if recipients.digest != seen:
        raise RecipientsChanged
    if Mailing.objects.filter(challenge=challenge, at__gt=now - timedelta(days=1)).count() >= _MOST:
        raise MailTooOften
    mailing = Mailing.objects.create(
        challenge=challenge, audience=audience, subject=subject, text=text, written_by=actor, at=now
    )
    Letter.objects.bulk_create(
        Letter(mailing=mailing, user_id=one.user, address=one.address) for one in recipients.people
    )
    detail = {"audience": audience, "subject": subject, "recipients": len(recipients.people)}
    record(tag="organiser:mail:send", target=challenge, at=now, actor=actor, detail=detail)
    return mailing


def checked_mail(subject: str, text: str) -> tuple[str, str]:
    """Subject and text as they are sent. Raises BadMail: a subject with a line of its own would be another header."""
    subject = subject.strip()
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not 1 <= len(subject) <= 120 or not subject.isprintable():
        raise BadMail("A subject is one line of 1 to 120 printable characters.")
    if not 1 <= len(text) <= TEXT_LONGEST or not all(letter.isprintable() or letter in "\n\t" for letter in text):
        raise BadMail(f"The text has 1 to {TEXT_LONGEST} printable characters.")
    return subject, text


def letter_text(*, challenge: Challenge, text: str, user: int) -> str:
    """What one person reads."""
    return (
        f"{text}\n\n-- \n{challenge.title}, {absolute(reverse('challenge', args=[challenge.slug]))}\n"
        f"No more mail about it: {absolute(unsubscribe_path(challenge=challenge, user=user))}\n"
    )


def unsubscribe_path(*, challenge: Challenge, user: int) -> str:
    """An address that only this site can have made."""
    token = _SIGNER.sign(f"{challenge.pk}.{user}").replace(":", "~")
    return reverse("unsubscribe", args=[token])


def who_unsubscribes(token: str) -> tuple[Challenge, User]:
    """Whose link this is. Raises UnsubscribeUnknown."""
    try:
        challenge, _, user = _SIGNER.unsign(token.replace("~", ":")).partition(".")
    except BadSignature:
        raise UnsubscribeUnknown from None
    found = Challenge.objects.filter(pk=challenge).first(), User.objects.filter(pk=user).first()
    if found[0] is None or found[1] is None:
        raise UnsubscribeUnknown
    return found[0], found[1]


@transaction.atomic
def unsubscribe(*, challenge: Challenge, user: User, now: datetime) -> None:
    """No more mail; what waits for this person is not sent either."""
    Unsubscribed.objects.get_or_create(challenge=challenge, user=user, defaults={"at": now})
    waiting = Letter.objects.filter(mailing__challenge=challenge, user=user, state=Letter.State.WAITING)
    waiting.update(state=Letter.State.FAILED, problem="unsubscribed", at=now)


def send_waiting(*, now: datetime, most: int = AT_ONCE) -> int:
    """Send some of what waits, oldest first. Gives how many were handed over. Safe to run twice at once."""
    waiting = Letter.objects.filter(state=Letter.State.WAITING).order_by("mailing__at", "pk")
    letters = list(waiting.select_related("mailing__challenge", "mailing__written_by")[:most])
    sent = 0
    for letter in letters:
        taken = Letter.objects.filter(pk=letter.pk, state=Letter.State.WAITING)
        if taken.update(state=Letter.State.SENDING, at=now) != 1:
            continue  # another process was faster
        try:
            _hand_over(letter)
        except (SMTPException, OSError) as error:
            log.warning("mail %s was not sent: %s", letter.pk, type(error).__name__)
            Letter.objects.filter(pk=letter.pk).update(state=Letter.State.FAILED, problem=type(error).__name__)
            continue
        Letter.objects.filter(pk=letter.pk).update(state=Letter.State.SENT)
        sent += 1
    return sent


@transaction.atomic
def try_again(*, actor: User, mailing: Mailing, now: datetime) -> int:
    """Put what the mail server refused back in line; who unsubscribed stays out. Gives how many."""
    check_organiser(actor, mailing.challenge)
    failed = mailing.letters.filter(state=Letter.State.FAILED).exclude(problem="unsubscribed")
    count = failed.update(state=Letter.State.WAITING, problem="")
    record(tag="organiser:mail:retry", target=mailing.challenge, at=now, actor=actor, detail={"recipients": count})
    return count


def _hand_over(letter: Letter) -> None:
    mailing = letter.mailing
    leave = absolute(unsubscribe_path(challenge=mailing.challenge, user=letter.user_id))
    EmailMessage(
        subject=mailing.subject,
        body=letter_text(challenge=mailing.challenge, text=mailing.text, user=letter.user_id),
        to=[letter.address],
        reply_to=[mailing.written_by.email],
        headers={"List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    ).send()
