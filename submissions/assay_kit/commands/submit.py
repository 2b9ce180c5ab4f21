"""`assay submit`: the image goes up where it is needed, then stands in the phase."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay_kit.commands.phases import quota
from assay_kit.commands.status import explain, until_the_end
from assay_kit.console import quantity
from assay_kit.errors import AnswerIsNo, ExitCode, RefusedByRules, SiteTrouble, WrongUsage
from assay_kit.session import Session, session
from assay_kit.verbs import verb

if TYPE_CHECKING:
    from assay_kit.images import Engine, LocalImage
    from evaluators.contract.api import PhaseOut, SubmissionOut

_EVALUATORS_PLATFORM = "linux/amd64"
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
        ],
    )
    def submit(
        ctx: typer.Context,
        *,
        image: Annotated[
            str | None, typer.Argument(metavar="IMAGE", help="An image of your engine; default from assay.toml.")
        ] = None,
        phase: Annotated[
            str | None, typer.Option("--phase", metavar="PHASE", help="challenge/task/phase, or a tail of it.")
        ] = None,
        team: Annotated[str | None, typer.Option("--team", help="Where you are in several teams.")] = None,
        method: Annotated[
            str | None, typer.Option("--method", metavar="NAME", help="The name on the board; default the image's.")
        ] = None,
        card: Annotated[
            str | None,
            typer.Option("--card", metavar="FILE", help="Method card: a YAML file of questions and answers."),
        ] = None,
        wait: Annotated[bool, typer.Option("--wait", help="Wait until it is scored or has failed.")] = False,
        again: Annotated[
            bool, typer.Option("--again", help="Evaluate an image again that already stands in the phase.")
        ] = False,
        baseline: Annotated[bool, typer.Option("--baseline", help="Enter it as a baseline; for organisers.")] = False,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Look at everything, send nothing.")] = False,
    ) -> ExitCode:
        """Enter an image into a phase. It is streamed from your engine (`docker save`), unless your team sent it before; an
        image that already stands in the phase gives back its old id. Ctrl-C while waiting leaves the run going."""
        from assay_kit.card import read_card  # noqa: PLC0415
        from assay_kit.phases import find  # noqa: PLC0415

        current = session(ctx)
        wanted = _needed(current, "image", image, "IMAGE, or `image = …` in assay.toml")
        address = _needed(current, "phase", phase, "--phase PHASE; `assay phases --open` lists them")
        card_file = current.settings.get("card", card)
        answers = read_card(Path(card_file)) if card_file else {}
        client = current.signed_in
        for_team = current.team(team)
        found = find(client=client, text=address, team=for_team)
        engine = current.engine()
        local = engine.inspect(wanted)
        name = current.settings.get("method", method) or answers.get("method") or _method_of(wanted)
        if len(name) > _LONGEST_METHOD:
            raise WrongUsage(
                f"the method's name has {len(name)} characters", next=f"at most {_LONGEST_METHOD}; use --method"
            )
        _look_at_image(current, local, found)
        plan = {"phase": found.address, "team": for_team, "method": name, "config_digest": local.config_digest}
        if dry_run:
            return _dry_run(current, plan, local, found)
        _send(current, engine, local, found, plan=plan, baseline=baseline)
        from evaluators.contract.api import SubmissionIn  # noqa: PLC0415

        entered = client.submit(SubmissionIn(**plan, card=answers, baseline=baseline, again=again))
        return _report(current, entered, wait=wait)


def _needed(current: Session, key: str, flag: str | None, how: str) -> str:
    value = current.settings.get(key, flag)
    if value is None:
        raise WrongUsage(f"which {key}?", next=how)
    return value


def _method_of(image: str) -> str:
    """Last part of the image's name, without registry and tag."""
    return image.partition("@")[0].rsplit("/", 1)[-1].partition(":")[0]


def _look_at_image(current: Session, local: LocalImage, phase: PhaseOut) -> None:
    if local.platform != _EVALUATORS_PLATFORM:
        current.out.say(
            f"warning: {local.name} is built for {local.platform}, evaluators are usually {_EVALUATORS_PLATFORM}: "
            f"docker build --platform {_EVALUATORS_PLATFORM} ."
        )
    if local.exact_size and local.size > phase.limits.image:
        raise RefusedByRules(
            f"{local.name} has {quantity(local.size)}, {phase.address} takes {quantity(phase.limits.image)}",
            code="IMAGE_SIZE",
            next="use a multi-stage build; `docker history` shows what is large",
        )


def _dry_run(current: Session, plan: dict[str, Any], local: LocalImage, phase: PhaseOut) -> ExitCode:
    if current.out.json:
        current.out.document({**plan, "bytes": local.size, "phase_open": phase.is_open, "quota": phase.quota})
        return ExitCode.DONE
    words = {key: str(value) for key, value in plan.items()}
    current.out.pairs({**words, "size": quantity(local.size), "state": phase.state, "quota": quota(phase.quota)})
    current.out.say("Nothing was sent.")
    return ExitCode.DONE


def _send(
    current: Session, engine: Engine, local: LocalImage, phase: PhaseOut, *, plan: dict[str, Any], baseline: bool
) -> None:
    """Send the image unless the site has it. What the rules refuse for certain is refused before gigabytes travel."""
    client = current.signed_in
    offer = client.offer_image(team=plan["team"], config_digest=local.config_digest, archive_bytes=local.size)
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
    current.out.say(f"sending {local.name}, about {quantity(local.size)}; the engine packs it first")
    with current.out.progress(label="sent", total=local.size) as progress:

        def archive() -> Any:
            for chunk in engine.save(f"sha256:{local.config_digest}" if local.exact_size else local.name):
                yield chunk
                progress.advance(len(chunk))

        try:
            sent = client.send_image(offer=offer, archive=archive)
        except WrongUsage as error:
            # the command was right; the image cannot run there
            raise AnswerIsNo(error.message, code=error.code, next=error.next, help=error.help) from error
    if sent.state != "ready":
        raise SiteTrouble(f"the image is {sent.state!r} at the site after it was sent", next="submit it again")


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
        current.out.say(f"This very image already stands in the phase as {entered.id}; --again evaluates it once more.")
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
