"""What dry runs refuse."""

from __future__ import annotations

from assay.config.errors import NotFound, Refused


class DryRunGoesOn(Refused):
    """A dry run of this phase goes on."""

    code = "DRY_RUN_GOES_ON"
    status = 409
    hint = "Wait for its end; it needs a worker of the phase's hardware."


class NoDryRun(NotFound):
    """This phase has had no dry run."""

    code = "NO_DRY_RUN"
    hint = "Begin one with `assay challenge dry-run`."
