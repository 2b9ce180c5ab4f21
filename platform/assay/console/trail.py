"""The audit trail of one challenge."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from assay.audit.models import Entry
from assay.challenges.models import Challenge
from assay.submissions.models import Submission


def trail_of(challenge: Challenge) -> QuerySet[Entry]:
    """Deeds on the challenge, its boards, its re-scores and its submissions, newest first."""
    codes = Submission.objects.filter(phase__task__challenge=challenge).values_list("code", flat=True)
    below = (f"{kind}:{challenge.slug}/" for kind in ("phase", "snapshot", "rescore"))
    wanted = Q(target=f"challenge:{challenge.slug}") | Q(target__in=[f"submission:{code}" for code in codes])
    for prefix in below:
        wanted |= Q(target__startswith=prefix)
    return Entry.objects.filter(wanted).select_related("actor")
