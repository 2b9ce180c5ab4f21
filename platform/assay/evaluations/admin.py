"""What staff see of evaluations: everything that was measured, nothing to edit; cancel and revoke for who runs the site."""

from __future__ import annotations

from typing import cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from assay.accounts.models import User
from assay.audit.admin import ReadOnly
from assay.evaluations import services
from assay.evaluations.models import Evaluation, MetricScores, Transition, Worker


class RunBySite(ReadOnly):
    """Read-only, with actions for superusers."""

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Whoever runs the site."""
        return bool(request.user.is_active and request.user.is_superuser)


@admin.register(Evaluation)
class EvaluationAdmin(RunBySite):
    """Every evaluation; the secret of its pseudonyms stays out of sight."""

    list_display = (
        "id", "team", "image", "predictions", "dataset", "state", "attempt", "worker", "queued_at", "finished_at",
    )  # fmt: skip
    list_filter = ("state", "hardware", "purpose")
    list_select_related = ("team", "image", "predictions", "dataset", "worker")
    search_fields = ("id", "team__slug", "image__config_digest", "predictions__sha256")
    exclude = ("pseudonym_seed",)
    actions = ("cancel",)

    @admin.action(description="Cancel", permissions=("operate",))
    def cancel(self, request: HttpRequest, queryset: QuerySet[Evaluation]) -> None:
        """Ask for each to stop; those that ended stay as they are."""
        for pk in queryset.values_list("pk", flat=True):
            services.request_cancel(pk=pk, actor=cast("User", request.user), now=timezone.now())
        messages.info(request, "Waiting ones are cancelled; running ones stop at their worker's next heartbeat.")


@admin.register(Worker)
class WorkerAdmin(RunBySite):
    """Workers; tokens are made by `manage.py worker_token`."""

    list_display = ("name", "hardware", "seen_at", "revoked_at")
    exclude = ("digest",)
    actions = ("revoke",)

    @admin.action(description="Revoke the token", permissions=("operate",))
    def revoke(self, request: HttpRequest, queryset: QuerySet[Worker]) -> None:
        """Close the worker API to each."""
        for worker in queryset:
            services.revoke_worker(worker=worker, now=timezone.now(), actor=cast("User", request.user))


@admin.register(MetricScores)
class MetricScoresAdmin(ReadOnly):
    """Packed values of one metric."""

    list_display = ("evaluation", "key", "output_digest")


@admin.register(Transition)
class TransitionAdmin(ReadOnly):
    """The log of every evaluation."""

    list_display = ("evaluation", "before", "after", "attempt", "worker", "reason", "at")
    list_select_related = ("evaluation",)
