"""`assay score`: a metric of two files, on this machine, with the scorer's own functions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Annotated

import typer

from assay_kit.console import Output
from assay_kit.errors import ExitCode, WrongUsage, refusals_as_answers
from assay_kit.scoring.flags import with_flags
from assay_kit.session import session
from assay_kit.verbs import verb

#: seconds after which loading is told: on a machine's first call every kernel is compiled
_LONG = 3.0


def register(app: typer.Typer) -> None:
    """Add the verb to `app`."""

    @verb(
        app,
        "score",
        examples=[
            "assay score ssim prediction.npy reference.npy",
            'assay score psnr cine_sax.mat reference.mat --axes "x y slice frame" --normalisation cmrxrecon2023',
            "assay score dice prediction.nii.gz reference.nii.gz --classes 1,3",
            "assay score nsd prediction.npy reference.npy --variant surfel --tolerance 3 --spacing 1.25,1.5,3",
            "assay score betti_numbers prediction.npy reference.npy --connectivity high",
            "assay score --list nsd",
        ],
    )
    @with_flags
    def score(
        ctx: typer.Context,
        *,
        metric: Annotated[
            str | None, typer.Argument(metavar="METRIC", help="A key of `assay score --list`.", show_default=False)
        ] = None,
        prediction: Annotated[
            Path | None, typer.Argument(metavar="PREDICTION", help="What is judged.", show_default=False)
        ] = None,
        reference: Annotated[
            Path | None, typer.Argument(metavar="REFERENCE", help="What it is held against.", show_default=False)
        ] = None,
        as_list: Annotated[
            bool, typer.Option("--list", help="What there is; with METRIC, all about one metric.")
        ] = False,
        axes: Annotated[
            str | None,
            typer.Option(
                "--axes",
                metavar="NAMES",
                help="Axes of the file's array in its own order (.mat: as MATLAB shows them); default 'frame slice y x', the last "
                "ones for fewer axes.",
            ),
        ] = None,
        reference_axes: Annotated[
            str | None, typer.Option("--reference-axes", metavar="NAMES", help="Those of the reference if they differ.")
        ] = None,
        spacing: Annotated[
            str | None,
            typer.Option(
                "--spacing", metavar="MM", help="From voxel to voxel, an axis each in the file's order: 1,1,3."
            ),
        ] = None,
        classes: Annotated[
            str | None,
            typer.Option("--classes", metavar="LABELS", help="Labels that are scored; default all in the files but 0."),
        ] = None,
        mask: Annotated[
            str | None, typer.Option("--mask", metavar="FILE", help="Where values count, for metrics of volumes.")
        ] = None,
        variable: Annotated[
            str | None, typer.Option("--variable", metavar="NAME", help="Which array of a file that holds several.")
        ] = None,
        reference_variable: Annotated[
            str | None,
            typer.Option("--reference-variable", metavar="NAME", help="That of the reference if it differs."),
        ] = None,
        **options: str | None,
    ) -> ExitCode:
        """Score a prediction against a reference and print one JSON object: metric, variant, value, unit, direction, per_class.
        The value is the mean over pictures or classes. A failure prints {error, message} and exits 1. Nothing leaves this machine and
        no site is asked."""
        from assay_kit.scoring.known import find  # noqa: PLC0415

        current = session(ctx)
        if as_list:
            with refusals_as_answers():
                _list(current.out, metric)
            return ExitCode.DONE
        # a refusal is JSON too
        current.out.json = True
        with refusals_as_answers():
            if metric is None or prediction is None or reference is None:
                raise WrongUsage("a metric and two files are needed", next="assay score METRIC PREDICTION REFERENCE")
            spec = find(metric)
            from assay_kit.scoring.ask import parse  # noqa: PLC0415

            ask = parse(
                spec,
                prediction=prediction,
                reference=reference,
                options=options,
                variables=(variable, reference_variable),
                words={
                    "axes": axes,
                    "reference_axes": reference_axes,
                    "spacing": spacing,
                    "classes": classes,
                    "mask": mask,
                },
            )
            with _told_when_long(current.out):
                from assay_kit.scoring.score import score as score_files  # noqa: PLC0415 - numba takes a second to load
            answer = score_files(spec, ask)
            for note in answer.notes:
                current.out.say(note)
            current.out.document(answer.document())
        return ExitCode.DONE


def _list(out: Output, metric: str | None) -> None:
    from assay_kit.scoring.known import all_about, described, find, known_metrics, options_in_words  # noqa: PLC0415

    specs = list(known_metrics().values()) if metric is None else [find(metric)]
    if out.json:
        out.document([described(spec) for spec in specs])
    elif out.quiet:
        for spec in specs:
            out.line(spec.key)
    elif metric is None:
        rows = [
            [spec.key, spec.family.value, f"{spec.title} {spec.arrow}", spec.unit, " ".join(options_in_words(spec))]
            for spec in specs
        ]
        out.table(header=["METRIC", "FAMILY", "TITLE", "UNIT", "OPTIONS"], rows=rows)
    else:
        out.pairs(all_about(specs[0]))


@contextmanager
def _told_when_long(out: Output) -> Iterator[None]:
    timer = Timer(_LONG, out.say, ["loading the metrics; the first time on a machine they are compiled"])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
