"""A board and a submission's page, which says where it stands on one."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_POST, require_safe

from assay.accounts.models import User
from assay.accounts.reader import signed_in, viewer_of
from assay.accounts.selectors import teams_of
from assay.challenges.crumbs import crumbs_to
from assay.challenges.selectors import phase_by_address
from assay.config.errors import Refused
from assay.config.pages import json_twin, page, wants_json
from assay.leaderboards import services
from assay.leaderboards.charts.page import distribution_rows
from assay.leaderboards.compare import compare
from assay.leaderboards.crumbs import board_crumbs
from assay.leaderboards.errors import RowUnknown
from assay.leaderboards.export_views import FORMS, exported_snapshot
from assay.leaderboards.figure import build_figure
from assay.leaderboards.kept_pages import handed
from assay.leaderboards.latex import board_bibtex
from assay.leaderboards.page import build_page, verdict
from assay.leaderboards.pair_page import chosen_pair, pair_page
from assay.leaderboards.query import BoardQuery
from assay.leaderboards.result import machine_rows, result_page
from assay.leaderboards.scoring_words import explain
from assay.leaderboards.snapshots import snapshot_at, snapshots_of
from assay.leaderboards.stored import BoardState, board_state, read_board, read_document
from assay.submissions import selectors as submissions
from assay.submissions.models import Submission
from assay.submissions.steps import steps_of
from evaluators.contract.boards import BoardOut
from evaluators.contract.failures import HELP
from evaluators.contract.states import FINAL, EvaluationState
from evaluators.contract.tasks import TaskSpec


@require_safe
@page
def board(request: HttpRequest, challenge: str, task: str, phase: str) -> HttpResponse:
    """Methods in the order of the task's rule. Stratum, columns, order, search, pins and the page live in the address."""
    now = timezone.now()
    address = f"{challenge}/{task}/{phase}"
    query = BoardQuery.read(request.GET)

    state = board_state(address, stratum=query.stratum)
    if wants_json(request):
        document = read_document(state, viewer=viewer_of(request), now=now)
        return handed(request, HttpResponse(document, content_type="application/json"), of=state)
    return handed(request, _board_page(request, state, query=query, now=now), of=state)


def _board_page(request: HttpRequest, state: BoardState, *, query: BoardQuery, now: datetime) -> HttpResponse:
    viewer = viewer_of(request)
    found, newest = state.phase, state.newest
    table = read_board(state, viewer=viewer, now=now)
    spec = found.task.parsed()
    mine = set(teams_of(viewer).values_list("slug", flat=True)) if viewer else set()
    address = found.address.split("/")
    context: dict[str, Any] = {
        **_table_context(table, task=spec, query=query, mine=mine),
        "phase": found,
        "newest": newest,
        "pair": chosen_pair(
            table, first=next((row.submission for row in table.rows if row.team in mine), ""), second=""
        ),
        "caption": f"Board of {found.task.title} / {found.title}",
        "linked": True,
        "figure": build_figure(table=table, task=spec, query=query, own=mine),
        "explained": explain(spec),
        "may_open_all": submissions.is_organiser(user=viewer, challenge=found.task.challenge) if viewer else False,
        "mine": mine,
        "stale": sum(one["reason"] == "RESCORE" for one in table.not_ranked),
        "only_baselines": bool(table.rows) and all(row.baseline for row in table.rows),
        "crumbs": crumbs_to(found, beyond="Board"),
        "section": "boards",
        "twin": reverse("board-json", args=address),
        "exports": [(form.title, reverse("board-export", args=[*address, ending])) for ending, form in FORMS.items()],
    }
    return render(request, "leaderboards/board.html", context)


@require_safe
@page
def snapshot(request: HttpRequest, challenge: str, task: str, phase: str, name: str) -> HttpResponse:
    """A board as it was published: everything on it comes from the stored file."""
    now = timezone.now()
    found = phase_by_address(f"{challenge}/{task}/{phase}")
    kept = snapshot_at(phase=found, name=name, viewer=viewer_of(request), now=now)
    if wants_json(request):
        return handed(request, HttpResponse(kept.document, content_type="application/json"))
    told = kept.parsed()
    address = [challenge, task, phase]
    every = list(snapshots_of(phase=found, now=now))
    context: dict[str, Any] = {
        **_table_context(told.board, task=None, query=BoardQuery.read(request.GET), mine=set()),
        "phase": found,
        "snapshot": kept,
        "told": told,
        "caption": f"Board of {told.task} / {told.board.title} as published on {kept.day:%Y-%m-%d}",
        "every": every,
        "bibtex": board_bibtex(exported_snapshot(kept, told=told)),
        "newer": every[0] if every and (every[0].day, every[0].number) > (kept.day, kept.number) else None,
        "crumbs": crumbs_to(found, beyond=f"Board {told.name}"),
        "section": "boards",
        "live": reverse("board", args=address),
        "twin": reverse("board-snapshot-json", args=[*address, name]),
        "exports": [
            (form.title, reverse("board-snapshot-export", args=[*address, name, ending]))
            for ending, form in FORMS.items()
        ],
    }
    return handed(request, render(request, "leaderboards/snapshot.html", context))


@require_safe
@page
def comparison(request: HttpRequest, challenge: str, task: str, phase: str) -> HttpResponse:
    """Two rows against each other, or the choice of two."""
    found = phase_by_address(f"{challenge}/{task}/{phase}")
    first, second = (request.GET.get(name, "").upper() for name in ("a", "b"))
    table, pair = compare(phase=found, viewer=viewer_of(request), now=timezone.now(), first=first, second=second)
    if wants_json(request):
        if pair is None:
            raise RowUnknown("Two entries are compared.", next="Name their codes: ?a=CODE&b=CODE.")
        return handed(request, json_twin(pair))
    address = [challenge, task, phase]
    context: dict[str, Any] = {
        "phase": found,
        "table": table,
        "pair": pair,
        "shown": pair_page(pair, table=table, metric=request.GET.get("metric", "")) if pair else None,
        "chosen": chosen_pair(table, first=first, second=second),
        "crumbs": board_crumbs(found, "Compare"),
        "section": "boards",
        "twin": f"{reverse('board-compare-json', args=address)}?a={first}&b={second}" if pair else "",
    }
    return handed(request, render(request, "leaderboards/compare.html", context))


@require_safe
@xframe_options_exempt
@page
def embed(request: HttpRequest, challenge: str, task: str, phase: str, name: str = "") -> HttpResponse:
    """The table alone, for a frame on another site: live, or a snapshot by its name. Always as anybody sees it.

    A refusal is as bare: the site's own page of it has forms, which nobody may frame.
    """
    address, query = f"{challenge}/{task}/{phase}", BoardQuery.read(request.GET)
    place = [challenge, task, phase]
    whole = reverse("board-snapshot", args=[*place, name]) if name else reverse("board", args=place)

    try:
        context, state = _embedded(address, query=query, name=name)
    except Refused as error:
        told = {"refusal": error, "caption": error.message, "whole": whole}
        return render(request, "leaderboards/embed_refused.html", told, status=error.status)
    return handed(request, render(request, "leaderboards/embed.html", {**context, "whole": whole}), of=state)


def _embedded(address: str, *, query: BoardQuery, name: str) -> tuple[dict[str, Any], BoardState | None]:
    """The context, and the live board that it is of."""
    now, spec, state = timezone.now(), None, None
    if name:
        found = phase_by_address(address)
        told = snapshot_at(phase=found, name=name, viewer=None, now=now).parsed()
        table, unit, title = told.board, told.unit, f"{told.task} / {told.board.title} as published on {told.name[:10]}"
    else:
        state = board_state(address, stratum=query.stratum)
        table, spec = read_board(state, viewer=None, now=now), state.phase.task.parsed()
        unit, title = spec.independent, f"{state.phase.task.title} / {state.phase.title}"
    return {
        **_table_context(table, task=spec, query=query, mine=set()),
        "caption": f"Board of {title}",
        "unit": unit,
    }, state


@require_POST
@page
def publish(request: HttpRequest, challenge: str, task: str, phase: str) -> HttpResponse:
    """An organiser keeps the board as it is now, and is shown it."""
    viewer = signed_in(request)
    found = phase_by_address(f"{challenge}/{task}/{phase}")
    kept = services.publish(actor=viewer, phase=found, now=timezone.now())
    return redirect("board-snapshot", challenge, task, phase, kept.name)


@require_safe
@never_cache
@page
def submission(request: HttpRequest, code: str) -> HttpResponse:
    """What happened to an entry, why, what it is worth, and from what."""
    viewer = viewer_of(request)
    now = timezone.now()
    found = submissions.submission_for(viewer=viewer, code=code, now=now)
    if wants_json(request):
        return json_twin(submissions.describe(found))
    context = _live_context(found, viewer=viewer)
    result = result_page(
        submission=found, task=context["task"], viewer=viewer, now=now, metric=request.GET.get("chart", "")
    )
    context |= {
        "result": result,
        "cloud": distribution_rows(result.cloud, own={found.code}) if result else (),
        "payload": {"distribution": result.cloud.model_dump(mode="json")} if result else {},
        "machine": machine_rows((found.evaluation.run or {}).get("provenance", {})),
        "may_refund": not context["own"]
        and submissions.counts(found)
        and submissions.is_organiser(user=viewer, challenge=found.phase.task.challenge),
        "scores_hidden": result is None and found.evaluation.state == EvaluationState.SCORED,
        "crumbs": crumbs_to(found.phase, beyond=found.code),
        "may_edit_card": context["own"] or submissions.is_organiser(user=viewer, challenge=found.phase.task.challenge),
        "section": "submit",
        "twin": reverse("submission-json", args=[found.code]),
    }
    return render(request, "leaderboards/submission.html", context)


@require_safe
@never_cache
@page
def submission_live(request: HttpRequest, code: str) -> HttpResponse:
    """The part of the page that changes while an entry is under way; the whole page once it has ended."""
    viewer = viewer_of(request)
    found = submissions.submission_for(viewer=viewer, code=code, now=timezone.now())
    response = render(request, "leaderboards/live.html", _live_context(found, viewer=viewer))
    if EvaluationState(found.evaluation.state) in FINAL:
        response.headers["HX-Refresh"] = "true"
    return response


def _table_context(table: BoardOut, *, task: TaskSpec | None, query: BoardQuery, mine: set[str]) -> dict[str, Any]:
    """What a table of a board needs, live or published."""
    return {
        "table": table,
        "page": build_page(table=table, task=task, query=query, own=mine),
        "query": query,
        "judged": table.certainty.state == "ready",
        "verdict": verdict(table),
        "ranking_columns": [column for column in table.columns if column.ranks],
        "help": HELP,
        "reasons": Counter(one["reason"] for one in table.not_ranked).most_common(),
    }


def _live_context(found: Submission, *, viewer: User | None) -> dict[str, Any]:
    evaluation = found.evaluation
    state = EvaluationState(evaluation.state)
    log = list(evaluation.transitions.order_by("id"))
    told = submissions.describe(found)
    own = viewer is not None and found.team.membership_set.filter(user=viewer).exists()
    live = state not in FINAL
    return {
        "submission": found,
        "told": told,
        "phase": found.phase,
        "limits": found.phase.parsed_limits(),
        "task": TaskSpec.model_validate(evaluation.run_spec["task"]),
        "steps": steps_of(evaluation, log=log, now=timezone.now()),
        "log": log,
        "failure": HELP.get(told.failure.code) if told.failure else None,
        "case_help": [(code, count, HELP[code]) for code, count in told.case_failures.items()],
        "hidden": not evaluation.dataset.is_public,
        "live": live,
        "every": "10s" if state is EvaluationState.QUEUED else "2s",
        "may_cancel": own and live and evaluation.cancel_requested_at is None,
        "own": own,
    }
