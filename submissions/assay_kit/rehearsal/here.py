"""A phase's limits as this machine can keep them, and a sentence for each that it cannot."""

from __future__ import annotations

from dataclasses import dataclass

from assay_kit.console import quantity
from assay_kit.errors import WrongUsage
from evaluators.contract.limits import TMPFS_OUTPUT_CEILING, Limits
from evaluators.sandbox.interface import EngineFacts


@dataclass(frozen=True, kw_only=True)
class Here:
    """`limits` differ from the phase's only as `differences` say."""

    limits: Limits
    differences: tuple[str, ...]
    gpu_uuids: tuple[str, ...]


def limits_here(limits: Limits, *, facts: EngineFacts, root: bool) -> Here:
    """root: whether this process may attach a loop device. Raises WrongUsage where the phase needs more GPUs than there are."""
    if limits.gpus > len(facts.gpu_uuids):
        raise WrongUsage(
            f"the phase runs on {limits.gpus} GPU of class {limits.hardware}, this machine shows {len(facts.gpu_uuids)}",
            code="NO_GPU",
            next="check on a machine with an NVIDIA card, its driver and the NVIDIA container toolkit",
        )
    told: list[str] = []
    changed: dict[str, object] = {}
    if limits.cpus > facts.cpus:
        changed["cpus"] = float(facts.cpus)
        told.append(f"{facts.cpus} processors here, {limits.cpus:g} there: it is slower here")
    if not limits.output_in_memory and not root:
        changed["output"] = TMPFS_OUTPUT_CEILING
        told.append(
            f"/output holds {quantity(TMPFS_OUTPUT_CEILING)} here, {quantity(limits.output)} there: more needs root"
        )
    if limits.engine_memory > facts.memory:
        told.append(
            f"the engine has {quantity(facts.memory)} of memory, a run there may take {quantity(limits.engine_memory)}"
        )
    return Here(
        limits=limits.model_copy(update=changed),
        differences=tuple(told),
        gpu_uuids=facts.gpu_uuids[: limits.gpus],
    )
