"""What one worker is told at its start."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from evaluators.contract.catalogue import catalogue


def scorer_image() -> str:
    """The scorer's tag of this very release: another release on the same engine has its own."""
    return f"assay/scorer:release-{catalogue().scorer[:12]}"


@dataclass(frozen=True, kw_only=True)
class WorkerSettings:
    """Fixed for the life of the process. Times in seconds, sizes in bytes."""

    site: str
    token: str
    name: str
    #: the queue it serves, such as `cpu` or `gpu-24g`
    hardware: str
    #: journal, cache, staging and outputs; the same path for worker and engine
    work_root: Path
    #: None: no broker, the claim ticks alone (behind a firewall)
    broker: str | None = None
    #: end when there is nothing to claim
    once: bool = False
    #: a lost message costs at most this
    tick: float = 15.0
    #: how often the run is looked at from outside
    observe_every: float = 5.0
    tidy_every: float = 60.0
    cache_bytes: int = 200 * 2**30
    #: outputs of ended runs are kept this long, so that a new scorer needs no new run
    keep_outputs: float = 7 * 86400
    #: longest silence of the scorer
    scorer_silence: float = 600.0
    #: what reading one file may take
    scorer_reading: float = 60.0
    #: all cases may take this for a start and this much each on average, restarts included, then it is SCORER;
    #: and never so long that the deadline on the containers passes
    scorer_start: float = 120.0
    scorer_case: float = 60.0
    scorer_total: float = 5 * 3600.0
    scorer_image: str = field(default_factory=scorer_image)
