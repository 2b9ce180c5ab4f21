"""What staff see of submissions: everything, nothing to edit; organisers of the challenge may cancel."""

from __future__ import annotations

from typing import cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from assay.accounts.models import User
from assay.audit.admin import ReadOnly
from assay.config.errors import Refused
from assay.submissions import services
from assay.submissions.models import Submission


@admin.register(Submission)
class SubmissionAdmin(ReadOnly):
    """Every entry of every phase."""

    list_display = ("code", "team", "method", "phase", "is_baseline", "received_at", "withdrawn_at", "state")
    list_filter = ("is_baseline", "phase__task__challenge")
    list_select_related = ("team", "phase__task__challenge", "evaluation")
    search_fields = ("code", "method", "team__slug")
    actions = ("cancel",)

    @admin.display(description="state")
    def state(self, submission: Submission) -> str:
        """Of its evaluation."""
        return submission.evaluation.state

    @admin.action(description="Cancel", permissions=("view",))
    def cancel(self, request: HttpRequest, queryset: QuerySet[Submission]) -> None:
        """Stop each; says which were refused, and why."""
        for submission in queryset:
            try:
                services.cancel(actor=cast("User", request.user), submission=submission, now=timezone.now())
            except Refused as error:
                messages.warning(request, f"{submission.code}: {error.message}")
