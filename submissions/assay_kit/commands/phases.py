"""`assay phases` and `assay show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from assay_kit.console import duration, quantity
from assay_kit.errors import ExitCode
from assay_kit.session import session
from assay_kit.times import moment
from assay_kit.verbs import verb

if TYPE_CHECKING:
    from evaluators.contract.api import PhaseOut, PredictionsOffer
    from evaluators.contract.limits import Limits


def register(app: typer.Typer) -> None:
    """Add the verbs to `app`."""

    @verb(app, "phases", examples=["assay phases --open", "assay phases --json"])
    def phases(
        ctx: typer.Context,
        *,
        only_open: Annotated[bool, typer.Option("--open", help="Only those that take submissions now.")] = False,
    ) -> ExitCode:
        """List the phases of the site's challenges with their addresses."""
        current = session(ctx)
        found = [phase for phase in current.client.phases() if phase.is_open or not only_open]
        if current.out.json:
            current.out.document([phase.model_dump(mode="json") for phase in found])
        elif current.out.quiet:
            for phase in found:
                current.out.line(phase.address)
        elif found:
            rows = [[phase.address, "open" if phase.is_open else "closed", phase.state] for phase in found]
            current.out.table(header=["PHASE", "NOW", "STATE"], rows=rows)
        else:
            current.out.say(
                "No phase is open now; `assay phases` lists all." if only_open else "The site has no phase yet."
            )
        return ExitCode.DONE

    @verb(app, "show", examples=["assay show cine-multicoil/test", "assay show test --json"])
    def show(
        ctx: typer.Context,
        *,
        phase: Annotated[str, typer.Argument(metavar="PHASE", help="challenge/task/phase, or a tail of it.")],
    ) -> ExitCode:
        """Show a phase: state, dates, quota, limits, and the docker line under which containers run there."""
        from assay_kit.phases import find  # noqa: PLC0415

        current = session(ctx)
        found = find(client=current.client, text=phase)
        if current.out.json:
            current.out.document(found.model_dump(mode="json"))
        elif current.out.quiet:
            current.out.line(found.address)
        else:
            current.out.line(found.address)
            current.out.pairs({**_facts(found), **_limits(found.limits)})
            current.out.say("The docker line under which containers run:")
            current.out.line(found.docker_line)
        return ExitCode.DONE


def _facts(phase: PhaseOut) -> dict[str, str]:
    return {
        "title": phase.title,
        "state": phase.state,
        "opens": moment(phase.opens_at),
        "closes": moment(phase.closes_at),
        "cases": f"{phase.cases} of {phase.ranked}" if phase.ranked else str(phase.cases),
        "sample": phase.sample or "none",
        "quota": quota(phase.quota),
        "result files": _predictions(phase.predictions),
        "page": phase.url,
    }


def _predictions(offer: PredictionsOffer | None) -> str:
    """Whether and how the phase takes result files, in words."""
    if offer is None:
        return "none, containers alone"
    whence = "whose inputs are public" if offer.inputs == "public" else "whose inputs the organisers gave out"
    variable = f", variable {offer.variable}" if offer.variable else ""
    crop = f"; each holds {offer.part}" if offer.part else ""
    return (
        f"a ZIP of {offer.path} ({' or '.join(offer.formats)}{variable}; {offer.axes}{crop}) for cases {whence}, "
        f"at most {quantity(offer.max_bytes)} unpacked; paths: {offer.listing}"
    )


def quota(values: dict[str, int | str | None]) -> str:
    """The quota in words."""
    allowed, every, attempts = (values.get(key) for key in ("submissions", "every", "attempts"))
    text = "no limit" if allowed is None else f"{allowed} per {every or 'phase'}"
    if values.get("used") is not None:
        text += f", {values['used']} used, {values.get('left')} left"
    return text if attempts is None else f"{text}; {attempts} attempts in all"


def _limits(limits: Limits) -> dict[str, str]:
    return {
        "hardware": limits.hardware + (f", {limits.gpus} GPU" if limits.gpus else ""),
        "time": duration(limits.time),
        "memory": quantity(limits.memory),
        "/dev/shm": quantity(limits.shm),
        "/tmp": quantity(limits.tmp),
        "cpus": f"{limits.cpus:g}",
        "pids": str(limits.pids),
        "/output": f"{quantity(limits.output)}, {limits.output_files} files",
        "image": quantity(limits.image),
        "user": limits.user.value,
    }
