"""The only writers of evaluations: one verb, or a close group of verbs, a file."""

from __future__ import annotations

from assay.evaluations.services.announce import announce
from assay.evaluations.services.cancel import request_cancel
from assay.evaluations.services.cases import record_cases
from assay.evaluations.services.claim import claim
from assay.evaluations.services.finish import finish
from assay.evaluations.services.leases import heartbeat, report_state
from assay.evaluations.services.request import request
from assay.evaluations.services.rescore import rescore
from assay.evaluations.services.sweep import Swept, sweep
from assay.evaluations.services.transition import transition
from assay.evaluations.services.workers import authenticate_worker, register_worker, revoke_worker

__all__ = [
    "Swept",
    "announce",
    "authenticate_worker",
    "claim",
    "finish",
    "heartbeat",
    "record_cases",
    "register_worker",
    "report_state",
    "request",
    "request_cancel",
    "rescore",
    "revoke_worker",
    "sweep",
    "transition",
]
