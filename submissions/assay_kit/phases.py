"""Finds the phase that a person means: `challenge/task/phase`, or any tail of it that only one phase has."""

from __future__ import annotations

from collections.abc import Sequence

from assay_kit.client import Client
from assay_kit.errors import NotFound, WrongUsage
from assay_kit.suggest import nearest
from evaluators.contract.api import PhaseOut


def _tails(address: str) -> list[str]:
    parts = address.split("/")
    return ["/".join(parts[index:]) for index in range(len(parts))]


def choose(text: str, phases: Sequence[PhaseOut]) -> PhaseOut:
    """The one phase whose address ends in `text`. Raises NotFound with a suggestion, WrongUsage when several do."""
    wanted = text.strip().strip("/").lower()
    found = [phase for phase in phases if wanted in _tails(phase.address)]
    exact = [phase for phase in found if phase.address == wanted]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        raise WrongUsage(
            f"{text!r} stands for {len(found)} phases: {', '.join(sorted(phase.address for phase in found))}",
            code="AMBIGUOUS_PHASE",
            next="write more of the address",
        )
    whole = {tail: phase.address for phase in phases for tail in _tails(phase.address)}
    near = nearest(wanted, list(whole))
    hint = f"did you mean {whole[near]}?" if near else "`assay phases` lists them"
    raise NotFound(f"there is no phase {text!r}", code="PHASE_UNKNOWN", next=hint)


def find(*, client: Client, text: str, team: str | None = None) -> PhaseOut:
    """Ask for a full address directly; anything else is looked up in the list. `team`: whose quota to tell."""
    wanted = text.strip().strip("/").lower()
    if wanted.count("/") == 2 and (phase := client.phase(wanted, team=team)) is not None:
        return phase
    return choose(text, client.phases(team=team))


def whole(*, client: Client, phase: PhaseOut) -> PhaseOut:
    """The phase with its task, which lists do not tell. Raises NotFound."""
    if phase.task is not None:
        return phase
    told = client.phase(phase.address)
    if told is None:
        raise NotFound(f"there is no phase {phase.address!r} any more", code="PHASE_UNKNOWN")
    return told
