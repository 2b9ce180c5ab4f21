"""A re-score in the API's form."""

from __future__ import annotations

from django.urls import reverse

from assay.config.site import absolute
from assay.console.models import Rescore
from assay.console.ranks import compare_ranks
from assay.console.rows import count_rows, stand_of, why
from evaluators.contract.rescores import MovedOut, RescoreOut, RescoreRowOut


def describe(rescore: Rescore) -> RescoreOut:
    """With old and new ranks. Whether the reader may see it is the caller's question."""
    rows = list(rescore.rows.select_related("submission__team", "after"))
    counts = count_rows(rows)
    compared = compare_ranks(rescore)
    place = reverse("console-rescore", args=[rescore.phase.task.challenge.slug, rescore.pk])
    return RescoreOut(
        id=rescore.pk,
        phase=rescore.phase.address,
        state="open" if rescore.is_open else "published" if rescore.published_at else "dropped",
        sentence=counts.sentence,
        publishable=rescore.is_open and counts.publishable,
        note=rescore.note,
        asked_at=rescore.asked_at,
        rows=[
            RescoreRowOut(
                submission=row.submission.code,
                team=row.submission.team.slug,
                method=row.submission.method,
                stand=stand_of(row).value,
                why=why(row),
            )
            for row in rows
        ],
        moved=[
            MovedOut(
                submission=one.submission,
                team=one.team,
                method=one.method,
                old_rank=one.old_rank,
                new_rank=one.new_rank,
                metrics=list(one.metrics),
            )
            for one in compared.moved
        ],
        unchanged=compared.unchanged,
        before=rescore.before.name if rescore.before else "",
        after=rescore.after.name if rescore.after else "",
        url=absolute(place),
    )
