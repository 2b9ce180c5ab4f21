"""A board and a submission's page, which says where it stands on one."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from assay.accounts.models import User
from assay.accounts.selectors import teams_of
from assay.challenges.crumbs import Crumb, crumbs_to
from assay.challenges.selectors import phase_by_address
from assay.config.pages import json_twin, page, wants_json
from assay.leaderboards import exports, selectors
from assay.leaderboards.figure import build_figure
from assay.leaderboards.page import build_page, verdict
from assay.leaderboards.query import BoardQuery
from assay.leaderboards.result import machine_rows, result_page
from assay.leaderboards.scoring_words import explain
from assay.submissions import selectors as submissions
from assay.submissions.models import Submission
from assay.submissions.steps import steps_of
from evaluators.contract.failures import HELP
from evaluators.contract.states import FINAL, EvaluationState
from evaluators.contract.tasks import TaskSpec


@require_safe
@page
def board(request: HttpRequest, challenge: str, task: str, phase: str) -> HttpResponse:
    """Methods in the order of the task's rule. Stratum, columns, order and search live in the address."""
    now = timezone.now()
    found = phase_by_address(f"{challenge}/{task}/{phase}")
    query = BoardQuery.read(request.GET)
    viewer = _viewer(request)
    spec = found.task.parsed()
    table = selectors.board(phase=found, viewer=viewer, now=now, stratum=query.stratum or None)
    if wants_json(request):
        return json_twin(table)
    mine = set(teams_of(viewer).values_list("slug", flat=True)) if viewer else set()
    shown = build_page(table=table, task=spec, query=query, own=mine)
    address = [challenge, task, phase]
    context: dict[str, Any] = {
        "phase": found,
        "table": table,
        "page": shown,
        "query": query,
        "figure": build_figure(table=table, task=spec, query=query, own=mine),
        "explained": explain(spec),
        "verdict": verdict(table.rows),
        "judged": table.certainty.state == "ready",
        "may_open_all": submissions.is_organiser(user=viewer, challenge=found.task.challenge) if viewer else False,
        "mine": mine,
        "help": HELP,
        "stale": sum(one["reason"] == "RESCORE" for one in table.not_ranked),
        "only_baselines": bool(table.rows) and all(row.baseline for row in table.rows),
        "reasons": Counter(one["reason"] for one in table.not_ranked).most_common(),
        "crumbs": crumbs_to(found, beyond="Board"),
        "section": "boards",
        "twin": reverse("board-json", args=address),
        "csv": reverse("board-csv", args=address),
    }
    return render(request, "leaderboards/board.html", context)


@require_safe
@never_cache
@page
def submission(request: HttpRequest, code: str) -> HttpResponse:
    """What happened to an entry, why, what it is worth, and from what."""
    viewer = _viewer(request)
    now = timezone.now()
    found = submissions.submission_for(viewer=viewer, code=code, now=now)
    if wants_json(request):
        return json_twin(submissions.describe(found))
    context = _live_context(found, viewer=viewer)
    result = result_page(submission=found, task=context["task"], viewer=viewer, now=now)
    context |= {
        "result": result,
        "machine": machine_rows((found.evaluation.run or {}).get("provenance", {})),
        "scores_hidden": result is None and found.evaluation.state == EvaluationState.SCORED,
        "crumbs": [*_linked(found), Crumb(found.code)],
        "section": "submit",
        "twin": reverse("submission-json", args=[found.code]),
    }
    return render(request, "leaderboards/submission.html", context)


@require_safe
@never_cache
@page
def submission_live(request: HttpRequest, code: str) -> HttpResponse:
    """The part of the page that changes while an entry is under way; the whole page once it has ended."""
    viewer = _viewer(request)
    found = submissions.submission_for(viewer=viewer, code=code, now=timezone.now())
    response = render(request, "leaderboards/live.html", _live_context(found, viewer=viewer))
    if EvaluationState(found.evaluation.state) in FINAL:
        response.headers["HX-Refresh"] = "true"
    return response


@require_safe
@page
def board_csv(request: HttpRequest, challenge: str, task: str, phase: str) -> HttpResponse:
    """The board as CSV: one row a method, means over all cases and per stratum."""
    found = phase_by_address(f"{challenge}/{task}/{phase}")
    stratum = BoardQuery.read(request.GET).stratum or None
    table = selectors.board(phase=found, viewer=_viewer(request), now=timezone.now(), stratum=stratum)
    name = f"{challenge}-{task}-{phase}.csv"
    return HttpResponse(
        exports.board_csv(table),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


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


def _linked(found: Submission) -> list[Crumb]:
    last = Crumb(found.phase.title, reverse("phase", args=found.phase.address.split("/")))
    return [*crumbs_to(found.phase)[:-1], last]


def _viewer(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
