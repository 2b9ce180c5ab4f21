"""Mail to a list that was seen: the right people, each once, no header of somebody else's making, and a way out."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.test import Client

from assay.audit.models import Entry
from assay.challenges.models import Challenge
from assay.console import mailing
from assay.console.audience import recipients_of
from assay.console.errors import BadMail, ConsoleForOrganisers, MailTooOften, NobodyToWrite, RecipientsChanged
from assay.console.models import Letter, Mailing
from tests.unit.assay.web.conftest import _fresh_health, as_role, busy_world, world  # noqa: F401 -- fixtures
from tests.unit.assay.web.reading import read
from tests.unit.assay.web.world import World, add_scored

MAIL = "/c/cine-demo/console/mail"
TOLD = {"subject": "The test phase closes", "text": "On Monday."}


@pytest.fixture(autouse=True)
def _own_outbox(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    outbox.outbox = []


@pytest.fixture
def organiser(busy_world: World, as_role) -> Client:  # noqa: F811
    client: Client = as_role(busy_world, "organiser")
    return client


def send(world: World, audience: str = "entered", **words: Any) -> Mailing:  # noqa: F811
    challenge = Challenge.objects.get()
    seen = words.pop("seen", None) or recipients_of(challenge, audience).digest
    return mailing.send(
        actor=words.pop("actor", world.people["organiser"]), challenge=challenge, audience=audience, seen=seen,
        now=words.pop("now", world.now), **{**TOLD, **words},
    )  # fmt: skip


def names(audience: str) -> list[str]:
    return [one.name for one in recipients_of(Challenge.objects.get(), audience).people]


def test_audiences_are_teams_by_how_far_they_have_come(busy_world):  # noqa: F811
    # gdansk (captain, member) and delft (outsider) have scored entries; the newest of gdansk runs, that of delft waits
    assert names("entered") == ["captain", "member", "outsider"]
    assert names("no-score") == []
    assert names("failed-last") == []
    assert names("everybody") == ["captain", "member", "organiser", "outsider"]
    for method in ("KT-net", "KT-net 2"):
        busy_world.submissions[method].delete()
    assert names("no-score") == ["outsider"]
    assert names("failed-last") == ["outsider"]
    busy_world.people["outsider"].is_active = False
    busy_world.people["outsider"].save()
    assert names("failed-last") == []


def test_the_exact_list_and_text_are_seen_before_anything_is_sent(busy_world, organiser):  # noqa: F811
    preview = organiser.post(MAIL, {**TOLD, "audience": "entered", "do": "preview"})
    page = read(preview)
    assert [row[:2] for row in page.rows if row and row[0] in {"captain", "member", "outsider"}] == [
        ["captain", "captain@team.example"],
        ["member", "member@team.example"],
        ["outsider", "outsider@team.example"],
    ]
    assert "No more mail about it:" in page.text
    assert not Mailing.objects.exists()
    seen = next(e.attrs["value"] for e in page.all("input") if e.attrs.get("name") == "seen")
    organiser.post(MAIL, {**TOLD, "audience": "entered", "do": "send", "seen": seen})
    assert not outbox.outbox  # a job sends
    mailing.send_waiting(now=busy_world.now)
    assert sorted(letter.to for letter in outbox.outbox) == [
        ["captain@team.example"],
        ["member@team.example"],
        ["outsider@team.example"],
    ]
    told = read(organiser.get(f"{MAIL}/{Mailing.objects.get().pk}"))
    assert "3 of 3 sent." in told.text
    twin = organiser.get(f"{MAIL}/{Mailing.objects.get().pk}.json").json()
    assert [letter["state"] for letter in twin["letters"]] == ["sent"] * 3
    assert Entry.objects.get(tag="organiser:mail:send").detail["recipients"] == 3


def test_a_list_that_changed_meanwhile_is_shown_again_and_nobody_is_written_to(busy_world, organiser):  # noqa: F811
    seen = recipients_of(Challenge.objects.get(), "entered").digest
    add_scored(busy_world, "Baseline lab", team="baselines", ssim=0.8, at=busy_world.now)
    answer = organiser.post(MAIL, {**TOLD, "audience": "entered", "do": "send", "seen": seen})
    assert answer.status_code == 409
    assert "no longer the one that you saw" in read(answer).text
    assert not Mailing.objects.exists()
    with pytest.raises(RecipientsChanged):
        send(busy_world, seen=seen)


def test_everybody_gets_it_once_however_often_the_job_runs_and_whatever_the_server_says(busy_world, monkeypatch):  # noqa: F811
    sent = send(busy_world)
    real = outbox.EmailMessage.send

    def refuses_the_member(self: Any, **words: Any) -> int:
        if self.to == ["member@team.example"]:
            raise ConnectionRefusedError
        return real(self, **words)

    monkeypatch.setattr(outbox.EmailMessage, "send", refuses_the_member)
    assert [mailing.send_waiting(now=busy_world.now) for _ in range(3)] == [2, 0, 0]
    assert Letter.objects.get(user__username="member").problem == "ConnectionRefusedError"
    monkeypatch.undo()
    assert mailing.try_again(actor=busy_world.people["organiser"], mailing=sent, now=busy_world.now) == 1
    mailing.send_waiting(now=busy_world.now)
    assert sorted(letter.to[0] for letter in outbox.outbox) == [
        "captain@team.example", "member@team.example", "outsider@team.example",
    ]  # fmt: skip


def test_a_letter_in_hand_when_its_process_died_is_not_sent_a_second_time(busy_world):  # noqa: F811
    send(busy_world)
    Letter.objects.filter(user__username="captain").update(state=Letter.State.SENDING)
    mailing.send_waiting(now=busy_world.now)
    assert "captain@team.example" not in [letter.to[0] for letter in outbox.outbox]


def test_the_job_sends_some_at_a_time(busy_world):  # noqa: F811
    send(busy_world)
    assert [mailing.send_waiting(now=busy_world.now, most=2) for _ in range(3)] == [2, 1, 0]


@pytest.mark.parametrize(
    "subject", ["Hello\nBcc: all@elsewhere.example", "Hello\r\nX: y", "a\x00b", "", "x" * 121, "a\u2028Bcc: x"]
)
def test_no_line_of_a_subject_becomes_a_header(subject, busy_world):  # noqa: F811
    with pytest.raises(BadMail):
        send(busy_world, subject=subject)
    assert not Mailing.objects.exists()


def test_a_letter_has_one_recipient_and_the_organiser_to_answer_to(busy_world):  # noqa: F811
    send(busy_world, text="Bcc: all@elsewhere.example\n\nText.")
    mailing.send_waiting(now=busy_world.now)
    for letter in outbox.outbox:
        assert (len(letter.to), letter.cc, letter.bcc) == (1, [], [])
        assert letter.message()["Bcc"] is None
        assert letter.reply_to == ["organiser@team.example"]


def test_whoever_unsubscribes_is_left_out_from_then_on(busy_world, organiser, client):  # noqa: F811
    send(busy_world)
    mailing.send_waiting(now=busy_world.now)
    letter = next(one for one in outbox.outbox if one.to == ["member@team.example"])
    (link,) = re.findall(r"https?://[^/]+(/unsubscribe/\S+)", str(letter.body))
    assert letter.extra_headers["List-Unsubscribe"].endswith(f"{link}>")
    # programs that fetch every link of a mail take nobody off the list
    assert "Do you want no more mail" in read(client.get(link)).text
    assert "member" in names("entered")
    assert "no more mail about this challenge" in read(client.post(link)).text
    assert names("entered") == ["captain", "outsider"]
    assert recipients_of(Challenge.objects.get(), "entered").unsubscribed == 1
    page = read(organiser.post(MAIL, {**TOLD, "audience": "entered", "do": "preview"}))
    assert "1 person has unsubscribed and is left out." in page.text


@pytest.mark.parametrize("token", ["1.1", "1.1~forged", "x", "1.1~" + "A" * 43])
def test_a_forged_link_takes_nobody_off_the_list(token, busy_world, client):  # noqa: F811
    assert client.post(f"/unsubscribe/{token}").status_code == 404
    assert "captain" in names("entered")


def test_who_may_write_to_whom_and_how_often(busy_world, as_role):  # noqa: F811
    with pytest.raises(ConsoleForOrganisers):
        send(busy_world, actor=busy_world.people["captain"])
    with pytest.raises(NobodyToWrite):
        send(busy_world, "no-score")
    with pytest.raises(BadMail):
        send(busy_world, "strangers", seen="x")
    for _ in range(5):
        send(busy_world)
    with pytest.raises(MailTooOften):
        send(busy_world)
    send(busy_world, now=busy_world.now + timedelta(days=2))
    for role, status in (("anonymous", 302), ("captain", 403), ("organiser", 200)):
        assert as_role(busy_world, role).get(MAIL).status_code == status
