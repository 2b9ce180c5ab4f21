"""Nothing is told early: who reads what of scores, before and after their dates, on every address that could tell."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from assay.accounts import services as accounts
from assay.accounts.models import Scope, User
from assay.challenges.models import Phase
from assay.leaderboards import services
from assay.leaderboards.models import Snapshot
from assay.submissions.models import Submission
from tests.unit.assay.web.world import World, add_scored

DAY = timedelta(days=1)
AUDIENCES = ("visitor", "other team", "own team", "organiser", "staff")
#: its name, and its SSIM over all cases as pages and as programs are told it
METHOD = "Quokka-net"
SCORES = (b"0.771", b"0.7712345")

BOARD = (
    "/c/{phase}/board",
    "/c/{phase}/board?columns=all&sort=-ssim",
    "/c/{phase}/board?stratum=af%3D4",
    "/c/{phase}/board?find=quokka",
    "/c/{phase}/board?pin={code}&page=2",
    "/c/{phase}/board.json",
    "/c/{phase}/board.csv",
    "/c/{phase}/board.parquet",
    "/c/{phase}/board.tex",
    "/c/{phase}/board.tex?stratum=af%3D4",
    "/c/{phase}/board.svg",
    "/c/{phase}/board.bib",
    "/c/{phase}/board/embed",
    "/c/{phase}/board/compare",
    "/c/{phase}/board/compare?a={code}&b={other}",
    "/c/{phase}/board/compare.json?a={code}&b={other}",
    "/c/{phase}/board/charts",
    "/c/{phase}/board/charts.json",
    "/c/{phase}/board/cards",
    "/c/{phase}/board/cards.json",
    "/c/{phase}/board/cards.csv",
    "/c/{phase}/board/cards.tex",
    "/c/{phase}/board/{snapshot}",
    "/c/{phase}/board/{snapshot}.json",
    "/c/{phase}/board/{snapshot}.csv",
    "/c/{phase}/board/{snapshot}.parquet",
    "/c/{phase}/board/{snapshot}.tex",
    "/c/{phase}/board/{snapshot}.svg",
    "/c/{phase}/board/{snapshot}.bib",
    "/c/{phase}/board/{snapshot}/embed",
    "/api/v1/boards/{phase}",
    "/api/v1/boards/{phase}.csv",
    "/api/v1/boards/{phase}.tex",
    "/api/v1/boards/{phase}/snapshots/{snapshot}.csv",
    "/api/v1/boards/{phase}/snapshots/{snapshot}.tex",
    "/api/v1/boards/{phase}?stratum=af%3D4",
    "/api/v1/boards/{phase}/snapshots/{snapshot}",
)
#: always open to anybody, and with something to say of methods and leaders
AROUND = (
    "/",
    "/boards",
    "/boards.json",
    "/c/cine-demo",
    "/c/cine-demo.json",
    "/c/cine-demo/cine-multicoil",
    "/c/cine-demo/cine-multicoil.json",
    "/c/{phase}",
    "/c/{phase}.json",
    "/c/{phase}/sample",
    "/status.json",
    "/submit",
    "/api/v1/phases",
    "/api/v1/phases/{phase}",
    "/api/v1/submissions",
)
ENTRY = ("/s/{code}", "/s/{code}.json", "/s/{code}/live", "/api/v1/submissions/{code}")
ALL = (*BOARD, *AROUND, *ENTRY)


@dataclass(kw_only=True)
class Site:
    """A phase whose board holds one method that is easily found in any text."""

    world: World
    entry: Submission
    snapshot: Snapshot

    def address(self, path: str) -> str:
        """A path of the lists above with everything filled in."""
        other = self.world.submissions["U-Net"].code
        return path.format(phase=self.world.address, code=self.entry.code, other=other, snapshot=self.snapshot.name)

    def reader(self, audience: str, *, path: str) -> Client:
        """Signed in, with a token where the API is asked."""
        people = self.world.people
        user = {
            "visitor": None, "other team": people["outsider"], "own team": people["member"],
            "organiser": people["organiser"], "staff": User.objects.filter(is_superuser=True).first(),
        }[audience]  # fmt: skip
        client = Client()
        if user is None:
            return client
        if path.startswith("/api/"):
            token = accounts.issue_token(user=user, name="test", scopes=(Scope.TEAM,), now=timezone.now())[1]
            return Client(headers={"authorization": f"Bearer {token}"})
        client.force_login(user)
        return client


@pytest.fixture
def site(world: World) -> Site:
    """Scores and board come tomorrow; an organiser has published a snapshot meanwhile, and the board is stored."""
    User.objects.create(username="staff", email="staff@team.example", is_superuser=True, is_staff=True)
    entry = add_scored(world, METHOD, team="gdansk", ssim=0.9, at=world.now)
    for row in entry.evaluation.scores.all():
        row.values = [0.7712345] * len(row.values)
        row.save()
    tomorrow = timezone.now() + DAY
    Phase.objects.update(board_from=tomorrow, scores_from=tomorrow)
    world.phase.refresh_from_db()
    snapshot = services.publish(actor=world.people["organiser"], phase=world.phase, now=timezone.now())
    return Site(world=world, entry=entry, snapshot=snapshot)


def open_all(*, board: bool, scores: bool) -> None:
    """Move the dates to where they have come, or have not."""
    now = timezone.now()
    Phase.objects.update(board_from=now - DAY if board else now + DAY, scores_from=now - DAY if scores else now + DAY)


def tells(answer: Any) -> tuple[bool, bool]:
    """(whether the method is named, whether its score is told)."""
    content = answer.content
    if answer.headers["Content-Type"].endswith("parquet"):
        content = str(pq.read_table(io.BytesIO(content)).to_pylist()).encode()
    return METHOD.encode() in content, any(score in content for score in SCORES)


@pytest.mark.parametrize("path", BOARD)
def test_a_board_and_all_its_forms_open_on_its_date_for_everybody_and_before_it_for_those_who_run_it(
    path: str, site: Site
) -> None:
    framed = "/embed" in path
    early = dict.fromkeys(AUDIENCES, (403, False, False))
    if not framed:
        early |= dict.fromkeys(("organiser", "staff"), (200, True, True))
    assert seen(site, path) == shown(early, path)
    open_all(board=False, scores=True)
    assert seen(site, path) == shown(early, path)
    open_all(board=True, scores=False)
    assert seen(site, path) == shown(dict.fromkeys(AUDIENCES, (200, True, True)), path)


@pytest.mark.parametrize("path", AROUND)
def test_pages_around_a_board_name_nobody_before_its_date(path: str, site: Site) -> None:
    for audience in ("visitor", "other team"):
        answer = site.reader(audience, path=path).get(site.address(path), follow=True)
        assert answer.status_code in {200, 401}
        assert tells(answer) == (False, False)
    own = site.reader("own team", path=path).get(site.address(path), follow=True)
    assert tells(own)[1] is False


@pytest.mark.parametrize("path", ENTRY)
def test_an_entry_is_its_teams_and_its_scores_come_on_their_date(path: str, site: Site) -> None:
    scored = path == "/s/{code}"
    closed = {"visitor": (404, False, False), "other team": (404, False, False)}
    opened = {**closed, **dict.fromkeys(("own team", "organiser", "staff"), (200, True, scored))}
    early = {**opened, "own team": (200, True, False)}
    assert seen(site, path) == early
    open_all(board=False, scores=True)
    assert seen(site, path) == opened
    # what everybody reads on the board is no secret from the team
    open_all(board=True, scores=False)
    assert seen(site, path) == opened


@pytest.mark.parametrize("path", BOARD)
def test_a_refusal_says_nothing_by_its_headers_or_its_length(path: str, site: Site) -> None:
    address, client = site.address(path), Client()
    organisers = site.reader("organiser", path=path).get(address)
    refused = client.get(address)
    told = client.head(address)
    guessed = client.get(address, headers={"if-none-match": organisers.headers.get("ETag", "*")})
    any_tag = client.get(address, headers={"if-none-match": "*"})
    dated = client.get(address, headers={"if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT"})
    assert [answer.status_code for answer in (refused, told, guessed, any_tag, dated)] == [403] * 5
    assert not {"ETag", "Last-Modified"} & set(refused.headers)
    assert told.content == b""
    assert told.headers["Content-Length"] == refused.headers["Content-Length"]
    for number in range(5):
        add_scored(site.world, f"More {number}", team="leeds", ssim=0.9, at=site.world.now)
    assert client.get(address).content == refused.content


@pytest.mark.parametrize("path", BOARD)
def test_what_organisers_read_early_is_kept_for_nobody(path: str, site: Site) -> None:
    # stored already: all that a page could be kept under is there
    services.judge(phase=site.world.phase, now=timezone.now())
    address = site.address(path)
    if "/embed" not in path:
        assert site.reader("organiser", path=path).get(address).headers["Cache-Control"] == "private, no-store"
    Client().get(address)
    assert kept() == 0
    assert Client().get(address).status_code == 403
    open_all(board=True, scores=True)
    assert Client().get(address).status_code == 200
    open_all(board=False, scores=True)
    assert Client().get(address).status_code == 403


def test_a_detector_of_this_file_fires(site: Site) -> None:
    services.judge(phase=site.world.phase, now=timezone.now())
    open_all(board=True, scores=True)
    assert tells(Client().get(site.address("/c/{phase}/board"))) == (True, True)
    assert kept() == 1


def kept() -> int:
    """Answers that are kept for strangers."""
    folder = Path(settings.VAR) / "pages"
    assert caches["pages"].get("absent") is None
    return len(list(folder.glob("*.djcache"))) if folder.is_dir() else 0


def seen(site: Site, path: str) -> dict[str, tuple[int, bool, bool]]:
    """audience -> (status, whether the method is named, whether its score is told)."""
    answers = {audience: site.reader(audience, path=path).get(site.address(path)) for audience in AUDIENCES}
    return {audience: (answer.status_code, *tells(answer)) for audience, answer in answers.items()}


def shown(wanted: dict[str, tuple[int, bool, bool]], path: str) -> dict[str, tuple[int, bool, bool]]:
    """Whoever has not chosen two rows yet is told names alone, as is who looks at ranks or cards; a reference names nobody."""
    if path.endswith(("/compare", ".svg")) or "/board/cards" in path:
        return {audience: (status, named, False) for audience, (status, named, _) in wanted.items()}
    return (
        {audience: (status, False, False) for audience, (status, *_) in wanted.items()}
        if path.endswith(".bib")
        else wanted
    )
