"""Bootstrap of rankings: ours against the plain loop that ranks every draw anew, and the size of a whole season of entries."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from assay.leaderboards.ranking.bootstrap import drawn_ranks
from assay.leaderboards.ranking.contest import Contest, contest
from assay.leaderboards.ranking.missing import RankedMetric
from evaluators.contract.metrics import Better
from evaluators.contract.tasks import RankingRule, TieMethod
from tests.benchmarks.harness import Contender, Row, compare, difference, main, memory, use_threads, within_limit

REPEATS = 1000
_LARGE = """
from tests.benchmarks.bench_ranking import ranked, season
ranked(season(teams=2000, cases=300))
"""


def season(*, teams: int, cases: int) -> Contest:
    """Values of so many methods on so many independent cases, ranked per case."""
    random = np.random.default_rng(0)
    skill, hardness = random.normal(0.8, 0.05, (teams, 1)), random.normal(0, 0.05, cases)
    values = np.clip(skill + hardness + random.normal(0, 0.03, (teams, cases)), 0, 1).round(4)
    return contest(
        table={f"{team:04d}": {"ssim": values[team]} for team in range(teams)},
        metrics=[RankedMetric(key="ssim", better=Better.HIGHER, worst=0.0)],
        cells=[()] * cases,
        rule=RankingRule.RANK_THEN_MEAN,
        ties=TieMethod.MIN,
    )


def ranked(ready: Contest) -> NDArray[Any]:
    """Ours: every draw's ranks, (draw, method)."""
    return drawn_ranks(ready, repeats=REPEATS, seed=0)


def plain_loop(ready: Contest) -> NDArray[Any]:
    """One draw after the other: ranks within the cases once, as they do not depend on the draw, then their means and ranks.

    Cases are drawn all at once and ranks counted by comparison, as somebody who minds the time would write it for few teams.
    """
    ranks = rankdata(ready.columns[0], method="min", axis=0)
    teams, cases = ranks.shape
    found = np.empty((REPEATS, teams))
    for draw, picked in enumerate(np.random.default_rng(0).integers(cases, size=(REPEATS, cases))):
        means = ranks[:, picked].mean(axis=1).round(9)
        found[draw] = 1 + (means[:, None] > means).sum(axis=1)
    return found


def rows() -> list[Row]:
    """A challenge of 22 teams against the loop; 2,000 entries against the clock and the memory."""
    small, large = season(teams=22, cases=360), season(teams=2000, cases=300)
    with use_threads(1):
        start = perf_counter()
        ranked(large)
        seconds = perf_counter() - start
    return [
        *compare(
            work="bootstrap ranking, 22 teams x 360 cases x 1000",
            ours=Contender(name="assay", run=lambda: ranked(small)),
            peers=[(Contender(name="plain numpy loop", run=lambda: plain_loop(small)), 7.0)],
            agreement=lambda mine, peer: f"ranks differ by {difference(mine, peer, within=0):.0f}",
            threads=1,
        ),
        within_limit(work="bootstrap ranking, 2,000 x 300 x 1000", measured=seconds, limit=5.0),
        within_limit(work="the same, peak memory", measured=memory(_LARGE), limit=1.0, unit="GiB"),
    ]


if __name__ == "__main__":
    main(rows)
