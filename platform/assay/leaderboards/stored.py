"""Boards as they were computed last: found with what they were computed from, so that none is shown for scores it is not of.

`board_state` reads in one statement what a board depends on, as two marks: of its settings, and of its scores. A stored board
carries the marks it was computed under. Marks that agree are this board; a large board whose scores alone have moved on is
shown as it was for the seconds that the site's worker takes; everything else is computed while the reader waits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache, reduce
from typing import Any, cast

from django.db import connection
from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat

from assay.accounts.models import User
from assay.challenges.models import Phase
from assay.challenges.selectors import all_phases, phase_by_address
from assay.config.errors import Refused
from assay.datasets.models import Case
from assay.leaderboards import selectors
from assay.leaderboards.models import Snapshot, StoredBoard, StoredCertainty
from assay.leaderboards.snapshots import Newest
from assay.submissions.models import Submission
from evaluators.contract.boards import BoardOut
from evaluators.contract.catalogue import catalogue

#: what a board's settings are
_SETTINGS = (
    "task__challenge__slug", "task__challenge__title", "task__slug", "task__title", "slug", "title", "counts", "ranked_id",
    "ranked__is_public", "ranked__sha256", "spec_text", "task__baselines_ranked",
)  # fmt: skip
_GLANCED = (
    *_SETTINGS, "newest_day", "newest_number", "board_from", "entries_mark", "certainty_mark", "stored_row",
)  # fmt: skip
#: stand in the parameters of a statement for what a call gives
_PLACES = ("<challenge>", "<task>", "<phase>")
_STRATUM = "<stratum>"
#: rises when the same scores would give another board
_VERSION = 1
#: entries x cases that are ranked while a reader waits; about a tenth of a second
_SMALL = 20_000
#: parsed boards that a process keeps: a large one is some 20 MB
_KEPT = 3


@dataclass(frozen=True, kw_only=True)
class Stored:
    """The stored board's row, without its document."""

    pk: int
    settings: str
    scores: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Glance:
    """As much of a board as whoever holds its page must know: may it be shown, and is it still the same."""

    public_from: datetime | None
    settings: str
    #: of the stored board; None where it is not of these settings and scores
    sha256: str | None


@dataclass(frozen=True, kw_only=True)
class BoardState:
    """A phase, and what its board (or the one of a stratum) is computed from now."""

    phase: Phase
    stratum: str
    #: of the last published board; None where there is none
    newest: Newest | None
    settings: str
    scores: str
    #: what `scores` knows of the entries and of the newest snapshot
    entries: str
    #: entries x cases
    size: int
    stored: Stored | None

    @property
    def is_large(self) -> bool:
        """Whether it takes longer than anybody should wait for a page."""
        return self.size > _SMALL

    @property
    def current(self) -> Stored | None:
        """The stored board, where it is of exactly these settings and scores."""
        found = self.stored
        return found if found and (found.settings, found.scores) == (self.settings, self.scores) else None

    @property
    def shown(self) -> Stored | None:
        """The stored board that a reader is shown; None: it is computed."""
        found = self.stored
        if found and self.is_large and found.settings == self.settings:
            return found
        return self.current


def board_state(address: str, *, stratum: str = "") -> BoardState:
    """What the board at challenge/task/phase is made of; one statement. Raises PhaseUnknown."""
    return _state(phase_by_address(address, among=_marked(all_phases(), stratum=stratum)), stratum=stratum)


def glance(address: str, *, stratum: str = "") -> Glance | None:
    """The board at challenge/task/phase at a glance; one statement. None: there is no such phase."""
    row = _ask(address, stratum=stratum, names=_GLANCED)
    if row is None:
        return None
    told = dict(zip(_GLANCED, row, strict=True))
    settings = _settings_mark({name: told[name] for name in _SETTINGS})
    scores = scores_mark(_entries(told), certainty=told["certainty_mark"] or "")
    stored = _stored(told["stored_row"])
    same = stored is not None and (stored.settings, stored.scores) == (settings, scores)
    return Glance(
        public_from=_moment(told["board_from"]), settings=settings, sha256=stored.sha256 if stored and same else None
    )


def public_from(address: str) -> tuple[datetime | None, bool]:
    """(from when the board is public, whether there is such a phase); one short statement."""
    row = _ask(address, stratum="", names=("board_from",))
    return (None, False) if row is None else (_moment(row[0]), True)


def _ask(address: str, *, stratum: str, names: tuple[str, ...]) -> tuple[Any, ...] | None:
    parts = address.split("/")
    if len(parts) != len(_PLACES):
        return None
    given = dict(zip(_PLACES, parts, strict=True)) | {_STRATUM: stratum}
    sql, wanted = _statement(connection.vendor, names)
    with connection.cursor() as cursor:
        cursor.execute(sql, [given.get(str(one), one) for one in wanted])
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def states_of(phases: QuerySet[Phase], *, stratum: str = "") -> list[BoardState]:
    """The same of many phases, in their order; one statement."""
    return [_state(phase, stratum=stratum) for phase in _marked(phases, stratum=stratum)]


def read_board(state: BoardState, *, viewer: User | None, now: datetime) -> BoardOut:
    """The board to show. Never change what it returns: readers share it.

    Raises BoardHidden, StratumUnknown.
    """
    selectors.check_public(phase=state.phase, viewer=viewer, now=now)
    found = state.shown
    if found is None:
        return selectors.board(
            phase=state.phase, viewer=viewer, now=now, stratum=state.stratum or None, since=state.newest
        )
    board = parsed(found.pk, found.sha256)
    return board if found == state.current else board.model_copy(update={"behind": True})


def seen_board(state: BoardState, *, viewer: User | None, now: datetime) -> BoardOut | None:
    """The same beside something else; None where it is not this viewer's to see."""
    try:
        return read_board(state, viewer=viewer, now=now)
    except Refused:
        return None


def read_document(state: BoardState, *, viewer: User | None, now: datetime) -> str:
    """The same as JSON, byte for byte what every address of it serves."""
    selectors.check_public(phase=state.phase, viewer=viewer, now=now)
    if (found := state.current) is not None:
        return document_of(found)
    return read_board(state, viewer=viewer, now=now).model_dump_json()


def document_of(found: Stored) -> str:
    """The stored document; one statement."""
    return StoredBoard.objects.values_list("document", flat=True).get(pk=found.pk, sha256=found.sha256)


@lru_cache(maxsize=_KEPT)
def parsed(pk: int, sha256: str) -> BoardOut:
    # the hash names the content: what is kept under it cannot grow old
    text = StoredBoard.objects.values_list("document", flat=True).get(pk=pk, sha256=sha256)
    return BoardOut.model_validate_json(text)


def scores_mark(entries: str, *, certainty: str) -> str:
    """The mark of a board's scores. certainty: of `certainty_mark`."""
    return _digest(entries, certainty)


def certainty_mark(*, key: str, reason: str) -> str:
    """What a board depends on of a StoredCertainty, as the database joins it."""
    return f"{key}|{reason}|"


@cache
def _statement(vendor: str, names: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG001 -- one text a kind of database
    """The text of a look at one phase and its parameters, with names in place of what a call gives: the ORM takes longer to write
    it than the database to answer."""
    at = dict(zip(("task__challenge__slug", "task__slug", "slug"), _PLACES, strict=True))
    phases = Phase.objects.filter(**at).order_by()
    if set(names) != {"board_from"}:
        phases = _marked(phases, stratum=_STRATUM)
    sql, wanted = phases.values_list(*names).query.sql_with_params()
    return sql, tuple(wanted)


def _moment(value: datetime | str | None) -> datetime | None:
    """A time as a cursor gives it: SQLite's have no zone, and mean UTC."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def _marked(phases: QuerySet[Phase], *, stratum: str) -> QuerySet[Phase]:
    """Every phase with `entries` (a text), `stored_row` (a text) and its newest snapshot."""
    newest = Snapshot.objects.filter(phase=OuterRef("pk")).order_by("-day", "-number")
    certainty = StoredCertainty.objects.filter(phase=OuterRef("pk"), stratum=stratum)
    entries = (
        Submission.objects.filter(phase=OuterRef("pk"))
        .order_by()
        .values("phase")
        .annotate(
            mark=_joined(
                Count("pk"),
                Max("pk"),
                Count("withdrawn_at"),
                Max("withdrawn_at"),
                Max("rescored_at"),
                Count("evaluation__finished_at"),
                Max("evaluation__finished_at"),
            )
        )
    )
    stored = (
        StoredBoard.objects.filter(phase=OuterRef("pk"), stratum=stratum)
        .order_by("-pk")
        .annotate(row=_joined(F("pk"), F("settings"), F("scores"), F("sha256")))
    )
    return phases.annotate(
        spec_text=Cast("task__spec", TextField()),
        entries_mark=Subquery(entries.values("mark")),
        certainty_mark=Subquery(certainty.annotate(mark=_joined(F("key"), F("reason"))).values("mark")[:1]),
        stored_row=Subquery(stored.values("row")[:1]),
        newest_day=Subquery(newest.values("day")[:1]),
        newest_number=Subquery(newest.values("number")[:1]),
        newest_places=Subquery(newest.annotate(text=Cast("places", TextField())).values("text")[:1]),
        case_count=Subquery(
            Case.objects.filter(dataset=OuterRef("ranked"))
            .order_by()
            .values("dataset")
            .annotate(n=Count("pk"))
            .values("n")
        ),
    )


def _joined(*parts: Any) -> Any:
    texts: list[Any] = []
    for part in parts:
        texts += [Coalesce(Cast(part, TextField()), Value(""), output_field=TextField()), Value("|")]
    return Concat(*texts, output_field=TextField())


def _state(phase: Phase, *, stratum: str) -> BoardState:
    marks = cast("Any", phase)
    told = {name: reduce(getattr, name.split("__"), marks) for name in _GLANCED}
    entries = _entries(told)
    newest = None
    if marks.newest_day is not None:
        name = Snapshot(day=marks.newest_day, number=marks.newest_number).name
        newest = Newest(name=name, places=marks.newest_places)
    return BoardState(
        phase=phase,
        stratum=stratum,
        newest=newest,
        settings=_settings_mark({name: told[name] for name in _SETTINGS}),
        scores=scores_mark(entries, certainty=marks.certainty_mark or ""),
        entries=entries,
        size=int((marks.entries_mark or "0").partition("|")[0]) * (marks.case_count or 0),
        stored=_stored(marks.stored_row),
    )


def _stored(row: str | None) -> Stored | None:
    if not row:
        return None
    pk, settings, scores, sha256, _ = row.split("|")
    return Stored(pk=int(pk), settings=settings, scores=scores, sha256=sha256)


def _entries(told: Mapping[str, Any]) -> str:
    """Who stands there, and the snapshot that changes are counted from."""
    return f"{told['entries_mark'] or ''} {told['newest_day'] or ''} {told['newest_number'] or ''}"


def _settings_mark(told: Mapping[str, Any]) -> str:
    """Of everything but scores that decides a board, or stands around it. told: every name of _SETTINGS; a flag may be 0 or 1,
    as SQLite has it."""
    plain = [int(value) if isinstance(value, bool) else str(value) for value in told.values()]
    return _digest(_VERSION, catalogue().scorer, [str(value) for value in plain])


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()
