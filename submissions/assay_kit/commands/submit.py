"""`assay submit`: the image, or the archive of result files, goes up where it is needed, then stands in the phase."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay_kit.commands.phases import quota
from assay_kit.commands.status import explain, until_the_end
from assay_kit.console import counted, quantity
from assay_kit.errors import AnswerIsNo, ExitCode, RefusedByRules, SiteTrouble, WrongUsage
from assay_kit.session import Session, session
from assay_kit.verbs import verb

if TYPE_CHECKING:
    from assay_kit.images import Engine, LocalImage
    from assay_kit.predictions import LocalPredictions
    from evaluators.contract.api import ImageOut, PhaseOut, SubmissionOut

_LONGEST_METHOD = 80


def register(app: typer.Typer) -> None:
    """Add the verb to `app`."""

    @verb(
        app,
        "submit",
        examples=[
            "assay submit varnet:1 --phase cine-multicoil/test",
            "assay submit varnet:1 --phase test --method VarNet-XL --card card.yaml --wait",
            "assay submit --dry-run",
            "assay submit --predictions results.zip --phase validation --method VarNet-XL",
        ],
    )
    def submit(
        ctx: typer.Context,
        *,
        image: Annotated[
            str | None, typer.Argument(metavar="IMAGE", help="An image of your engine; default from assay.toml.")
        ] = None,
        predictions: Annotated[
            Path | None,
            typer.Option("--predictions", metavar="FILE", help="A ZIP of result files in place of an image."),
        ] = None,
        incomplete: Annotated[
            bool,
            typer.Option("--incomplete", help="Send result files although cases have none; these rank as missing."),
        ] = False,
        phase: Annotated[
            str | None, typer.Option("--phase", metavar="PHASE", help="challenge/task/phase, or a tail of it.")
        ] = None,
        team: Annotated[str | None, typer.Option("--team", help="Where you are in several teams.")] = None,
        method: Annotated[
            str | None,
            typer.Option("--method", metavar="NAME", help="The name on the board; default the image's or file's."),
        ] = None,
        card: Annotated[
            str | None,
            typer.Option("--card", metavar="FILE", help="Method card: YAML lines such as `backbone: U-Net`."),
        ] = None,
        wait: Annotated[bool, typer.Option("--wait", help="Wait until it is scored or has failed.")] = False,
        again: Annotated[
            bool, typer.Option("--again", help="Evaluate again what already stands in the phase.")
        ] = False,
        baseline: Annotated[bool, typer.Option("--baseline", help="Enter it as a baseline; for organisers.")] = False,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Look at everything, send nothing.")] = False,
    ) -> ExitCode:
        """Enter an image into a phase. It is streamed from your engine (`docker save`) without the layers that your team sent
        before; an image that already stands in the phase gives back its old id. Where a phase takes result files (`assay show PHASE`),
        --predictions enters a ZIP of them: one file a case, by the paths that a container would write below /output. It is
        looked at here first. Ctrl-C while waiting leaves the run going."""
        from assay_kit.card import LocalCard, check_complete, read_card_file  # noqa: PLC0415
        from assay_kit.phases import find  # noqa: PLC0415

        current = session(ctx)
        if image is not None and predictions is not None:
            raise WrongUsage("an image and result files", next="give one of the two")
        if incomplete and predictions is None:
            raise WrongUsage("--incomplete without --predictions", next="it is about result files")
        wanted = (
            predictions.name
            if predictions is not None
            else current.needed("image", image, "IMAGE, or `image = …` in assay.toml")
        )
        address = current.needed("phase", phase, "--phase PHASE; `assay phases --open` lists them")
        card_file = current.settings.get("card", card)
        written = read_card_file(Path(card_file)) if card_file else LocalCard(answers={})
        client = current.signed_in
        for_team = current.team(team)
        found = find(client=client, text=address, team=for_team)
        name = current.settings.get("method", method) or written.method or _method_of(wanted)
        if len(name) > _LONGEST_METHOD:
            raise WrongUsage(
                f"the method's name has {len(name)} characters", next=f"at most {_LONGEST_METHOD}; use --method"
            )
        check_complete(written.answers, phase=found)
        plan: dict[str, Any] = {"phase": found.address, "team": for_team, "method": name}
        if predictions is not None:
            there = _look_at_predictions(current, predictions, found, incomplete=incomplete)
            plan["predictions"] = there.sha256
            if dry_run:
                return _dry_run(current, plan, there.size, found)
            _send_predictions(current, there, found, plan=plan, baseline=baseline)
        else:
            engine = current.engine()
            local = engine.inspect(wanted)
            _look_at_image(current, local, found)
            plan["config_digest"] = local.config_digest
            if dry_run:
                return _dry_run(current, plan, local.size, found)
            _send(current, engine, local, found, plan=plan, baseline=baseline)
        from evaluators.contract.api import SubmissionIn  # noqa: PLC0415

        entered = client.submit(SubmissionIn(**plan, card=written.answers, baseline=baseline, again=again))
        return _report(current, entered, wait=wait)


def _method_of(image: str) -> str:
    """Last part of the image's name, without registry and tag; of a file's, without its ending."""
    return image.partition("@")[0].rsplit("/", 1)[-1].partition(":")[0].removesuffix(".zip")


def _look_at_image(current: Session, local: LocalImage, phase: PhaseOut) -> None:
    from assay_kit.images import platform_warning  # noqa: PLC0415 - the docker SDK takes 0.4 s to load

    if warning := platform_warning(local):
        current.out.say(warning)
    if local.exact_size and local.size > phase.limits.image:
        raise RefusedByRules(
            f"{local.name} has {quantity(local.size)}, {phase.address} takes {quantity(phase.limits.image)}",
            code="IMAGE_SIZE",
            next="use a multi-stage build; `docker history` shows what is large",
        )


def _look_at_predictions(current: Session, path: Path, phase: PhaseOut, *, incomplete: bool) -> LocalPredictions:
    from assay_kit.predictions import check_whole, faults, look, offered  # noqa: PLC0415 - numpy and h5py take 0.3 s to load

    offer = offered(phase)
    expected = current.client.predictions_listing(phase.address).paths
    found = look(path, offer=offer, expected=expected)
    if not incomplete:
        check_whole(found)
    current.out.say(f"{path}: {len(found.results.files)} of {counted(len(expected), 'case')}, {quantity(found.size)}")
    if found.results.problems:
        current.out.say(f"warning: left out{faults(found.results)}")
    return found


def _dry_run(current: Session, plan: dict[str, Any], size: int, phase: PhaseOut) -> ExitCode:
    if current.out.json:
        current.out.document({**plan, "bytes": size, "phase_open": phase.is_open, "quota": phase.quota})
        return ExitCode.DONE
    words = {key: str(value) for key, value in plan.items()}
    current.out.pairs({**words, "size": quantity(size), "state": phase.state, "quota": quota(phase.quota)})
    current.out.say("Nothing was sent.")
    return ExitCode.DONE


def _send(
    current: Session, engine: Engine, local: LocalImage, phase: PhaseOut, *, plan: dict[str, Any], baseline: bool
) -> None:
    """Send the image unless the site has it. What the rules refuse for certain is refused before gigabytes travel."""
    from assay_kit.left_out import without_layers  # noqa: PLC0415

    client = current.signed_in
    offer = client.offer_image(
        team=plan["team"], config_digest=local.config_digest, archive_bytes=local.size, layers=local.layers
    )
    if offer.state == "ready":
        current.out.say(f"{local.name}: the site has this image already, nothing to send")
        return
    if offer.state != "needed":
        raise SiteTrouble(f"the image is {offer.state!r} at the site", next="try again in a few minutes")
    if not baseline:
        _refuse_early(phase)
    if local.exact_size and local.size > offer.max_bytes:
        raise RefusedByRules(
            f"{local.name} has {quantity(local.size)}, the site takes {quantity(offer.max_bytes)}", code="IMAGE_SIZE"
        )
    there = set() if offer.wanted is None else set(local.layers) - set(offer.wanted)
    size = _bytes_to_send(engine, local, offer) if there else local.size
    of_it = (
        f"{quantity(size)} of {quantity(local.size)} ({counted(len(there), 'layer')} there)"
        if there
        else quantity(size)
    )
    current.out.say(f"pushing {of_it}; the engine packs it first")
    with current.out.progress(label="sent", total=size) as progress:

        def archive() -> Any:
            saved = engine.save(f"sha256:{local.config_digest}" if local.exact_size else local.name)
            for chunk in without_layers(saved, layers=local.layers, there=there) if there else saved:
                yield chunk
                progress.advance(len(chunk))

        try:
            sent = client.send_image(offer=offer, archive=archive)
        except WrongUsage as error:
            # the command was right; the image cannot run there
            raise AnswerIsNo(error.message, code=error.code, next=error.next, help=error.help) from error
    if sent.state != "ready":
        raise SiteTrouble(f"the image is {sent.state!r} at the site after it was sent", next="submit it again")


def _bytes_to_send(engine: Engine, local: LocalImage, offer: ImageOut) -> int:
    """About what is left when the layers that are there stay here."""
    counted_here = engine.size_of(local, layers=offer.wanted or ())
    return max(0, local.size - offer.there_bytes) if counted_here is None else counted_here


def _send_predictions(
    current: Session, found: LocalPredictions, phase: PhaseOut, *, plan: dict[str, Any], baseline: bool
) -> None:
    """Send the archive unless the site has it."""
    from assay_kit.predictions import check_unchanged  # noqa: PLC0415 - numpy and h5py take 0.3 s to load

    client = current.signed_in
    offer = client.offer_predictions(team=plan["team"], sha256=found.sha256, archive_bytes=found.size)
    if offer.state == "ready":
        current.out.say(f"{found.path}: the site has this archive already, nothing to send")
        return
    if not baseline:
        _refuse_early(phase)
    if found.size > offer.max_bytes:
        raise RefusedByRules(
            f"{found.path} has {quantity(found.size)}, the site takes {quantity(offer.max_bytes)}",
            code="OUTPUT_TOO_LARGE",
        )
    check_unchanged(found)
    try:
        with current.out.progress(label="sent", total=found.size) as progress:
            sent = client.send_predictions(offer=offer, path=found.path, sent=progress.advance)
    except SiteTrouble:
        check_unchanged(found)
        raise
    if sent.state != "ready":
        raise SiteTrouble(f"the archive is {sent.state!r} at the site after it was sent", next="submit it again")


def _refuse_early(phase: PhaseOut) -> None:
    if not phase.is_open:
        raise RefusedByRules(
            f"{phase.address} takes no submissions: {phase.state}", code="PHASE_CLOSED", next="assay phases --open"
        )
    if phase.quota.get("left") == 0:
        raise RefusedByRules(f"no submission left: {quota(phase.quota)}", code="QUOTA", help=phase.url)


def _report(current: Session, entered: SubmissionOut, *, wait: bool) -> ExitCode:
    """Id and address first, so that nothing is lost when the waiting is cut short."""
    from assay_kit.follow import answer  # noqa: PLC0415

    if entered.duplicate:
        what = "image" if entered.predictions is None else "archive"
        current.out.say(
            f"This very {what} already stands in the phase as {entered.id}; --again evaluates it once more."
        )
    if current.out.json:
        if not wait:
            current.out.document(entered.model_dump(mode="json"))
    else:
        current.out.line(entered.id if current.out.quiet else f"{entered.id}  {entered.url}")
    if wait:
        return until_the_end(current, entered, changes=False)
    if not current.out.json:
        current.out.say(f"{entered.sentence}\n  next: assay status {entered.id} --watch")
    explain(current, entered)
    return answer(entered)
