"""What charts draw beyond a board's own numbers, read for the few methods that they show."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from assay.challenges.models import Phase
from assay.evaluations.models import MetricScores
from assay.leaderboards.models import StoredCertainty
from assay.leaderboards.ranking.aggregate import Values

#: (rank, share of the draws), by rank
Shares = Sequence[tuple[float, float]]


def values_of(*, phase: Phase, codes: Collection[str], key: str) -> dict[str, Values]:
    """Submission code -> one value or None a case, of one metric; one query."""
    found = MetricScores.objects.filter(
        evaluation__submissions__phase=phase, evaluation__submissions__code__in=codes, key=key
    )
    return dict(found.values_list("evaluation__submissions__code", "values"))


def shares_of(*, phase: Phase, stratum: str | None) -> Mapping[str, Shares]:
    """Submission code -> how often each rank was drawn, of those that were tested; one query.

    They are of the board's scores where its certainty is ready.
    """
    found = StoredCertainty.objects.filter(phase=phase, stratum=stratum or "").values_list("shares", flat=True).first()
    return {code: [(rank, share) for rank, share in ranks] for code, ranks in (found or {}).items()}
