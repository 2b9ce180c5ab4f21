"""A board, live or published, in the forms that papers and programs take."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from assay.accounts.models import User
from assay.accounts.reader import viewer_of
from assay.challenges.selectors import phase_by_address
from assay.config.pages import page
from assay.config.site import absolute
from assay.leaderboards.exported import Exported
from assay.leaderboards.exports import board_csv
from assay.leaderboards.kept_pages import handed
from assay.leaderboards.latex import board_bibtex, board_latex
from assay.leaderboards.models import Snapshot
from assay.leaderboards.page import stratum_title
from assay.leaderboards.query import BoardQuery
from assay.leaderboards.rank_figure import board_svg
from assay.leaderboards.snapshots import snapshot_at
from assay.leaderboards.stored import BoardState, board_state, read_board
from evaluators.contract.boards import SnapshotOut


@dataclass(frozen=True, kw_only=True)
class Form:
    """One kind of file."""

    title: str
    content_type: str
    write: Callable[[Exported], str | bytes]
    #: whether a browser saves it at once
    saved: bool = True


def _parquet(told: Exported) -> bytes:
    from assay.leaderboards.parquet import board_parquet  # noqa: PLC0415 -- see there

    return board_parquet(told)


#: ending -> form
FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "csv": Form(title="CSV", content_type="text/csv; charset=utf-8", write=lambda told: board_csv(told.board)),
        "parquet": Form(title="Parquet", content_type="application/vnd.apache.parquet", write=_parquet),
        "tex": Form(title="LaTeX", content_type="application/x-tex; charset=utf-8", write=board_latex),
        "bib": Form(title="BibTeX", content_type="application/x-bibtex; charset=utf-8", write=board_bibtex),
        "svg": Form(title="Figure", content_type="image/svg+xml; charset=utf-8", write=board_svg, saved=False),
    }
)


@require_safe
@page
def export(request: HttpRequest, /, ending: str, name: str = "", **at: str) -> HttpResponse:
    """A board in one form; `?stratum=` as the page has it. at: challenge, task and phase. name: of a snapshot."""
    viewer = viewer_of(request)
    address = "/".join(at[part] for part in ("challenge", "task", "phase"))
    stratum = "" if name else BoardQuery.read(request.GET).stratum
    return exported_answer(request, address, ending=ending, viewer=viewer, name=name, stratum=stratum)


def exported_answer(
    request: HttpRequest, address: str, *, ending: str, viewer: User | None, name: str = "", stratum: str = ""
) -> HttpResponse:
    """The file of one form, the same bytes at every address of it. Raises what reading a board or a snapshot does."""
    form, now = FORMS[ending], timezone.now()
    state = None if name else board_state(address, stratum=stratum)
    told = _live(state, viewer=viewer, now=now) if state else _published(address, name, viewer=viewer, now=now)
    file = "-".join([*address.split("/"), *([name] if name else [])]) + f".{ending}"
    response = HttpResponse(form.write(told), content_type=form.content_type)
    if form.saved:
        response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return handed(request, response, of=state)


def _live(state: BoardState, *, viewer: User | None, now: datetime) -> Exported:
    board, phase = read_board(state, viewer=viewer, now=now), state.phase
    return Exported(
        board=board,
        challenge=phase.task.challenge.title,
        task=phase.task.title,
        url=_url("board", phase.address),
        sha256=hashlib.sha256(board.model_dump_json().encode()).hexdigest(),
        stratum=stratum_title(phase.task.parsed(), state.stratum),
    )


def _published(address: str, name: str, *, viewer: User | None, now: datetime) -> Exported:
    kept = snapshot_at(phase=phase_by_address(address), name=name, viewer=viewer, now=now)
    return exported_snapshot(kept, told=kept.parsed())


def exported_snapshot(kept: Snapshot, *, told: SnapshotOut) -> Exported:
    """A published board. told: what the snapshot holds."""
    return Exported(
        board=told.board,
        challenge=told.challenge,
        task=told.task,
        url=_url("board-snapshot", told.board.phase, told.name),
        sha256=kept.sha256,
        name=told.name,
        taken_at=told.taken_at,
    )


def _url(view: str, address: str, *more: str) -> str:
    return absolute(reverse(view, args=[*address.split("/"), *more]))
