"""`assay rank`: a table of scores ranked on this machine, with the site's own functions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay_kit.errors import ExitCode, refusals_as_answers
from assay_kit.session import session
from assay_kit.verbs import verb


def register(app: typer.Typer) -> None:
    """Add the verb to `app`."""

    @verb(
        app,
        "rank",
        examples=[
            "assay rank scores.csv --rule rank_then_mean --missing worst",
            "assay rank scores.csv --rule mean_then_rank --missing hd95=374,nsd=0 --bootstrap 0",
            "assay rank scores.csv --rule significance --ties average --missing 0 --seed 7",
            "assay rank scores.csv --rule speed --gate ssim=0.9 --missing worst",
        ],
    )
    def rank(
        ctx: typer.Context,
        *,
        table: Annotated[
            Path,
            typer.Argument(
                metavar="TABLE.csv",
                help="Columns team, case, metric, value, larger_is_better and, where cases are not independent, unit.",
            ),
        ],
        rule: Annotated[
            str | None,
            typer.Option(
                "--rule",
                metavar="RULE",
                help="Needed: rank_then_mean, mean_then_rank, median_of_ranks, sum_of_ranks, significance or speed.",
            ),
        ] = None,
        missing: Annotated[
            str | None,
            typer.Option(
                "--missing",
                metavar="RULE",
                help="Needed: what a missing case counts: worst, last, a number, or a number a metric (hd95=374,nsd=0).",
            ),
        ] = None,
        ties: Annotated[
            str,
            typer.Option("--ties", metavar="METHOD", help="Which rank a tied group shares: min, average, max."),
        ] = "min",
        gate: Annotated[
            str | None,
            typer.Option(
                "--gate",
                metavar="METRIC=BAR",
                help="With --rule speed: ssim=0.9 (mean), ssim=team:unet (better than), ssim=first:10 (places).",
            ),
        ] = None,
        bootstrap: Annotated[
            int, typer.Option("--bootstrap", metavar="DRAWS", min=0, max=100_000, help="0 leaves the intervals out.")
        ] = 1000,
        seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", min=0, help="Of the draws.")] = 0,
    ) -> ExitCode:
        """Rank the teams of a table and print one JSON object: rows with team, rank, score, the interval of ranks over draws of
        units (low, high) and the group of those that cannot be told apart, and Kendall's tau. A row that is absent, or empty in
        value, is a missing case. A metric of `assay score --list` has the direction that it has there. Under --rule speed the table's metric `seconds` ranks those whose mean passes --gate. A failure prints {error, message} and exits 1. Nothing leaves this machine and no site is asked."""
        current = session(ctx)
        # a refusal is JSON too
        current.out.json = True
        from assay_kit.ranking.answer import answer, parse  # noqa: PLC0415 - numpy and scipy take a moment to load
        from assay_kit.ranking.table import read_table  # noqa: PLC0415

        with refusals_as_answers():
            ask = parse(rule=rule, ties=ties, missing=missing, bootstrap=bootstrap, seed=seed, gate=gate)
            current.out.document(answer(read_table(table), ask=ask))
        return ExitCode.DONE
