"""Why an evaluation or a worker's call is refused. Messages to workers tell nothing of what they do not hold."""

from __future__ import annotations

from assay.config.errors import NotFound, Refused


class StaleAttempt(Refused):
    """This attempt is not held by this worker; nothing was changed."""

    code = "STALE_ATTEMPT"
    status = 409
    hint = "Stop the attempt, remove what it made and claim again."


class ContractMismatch(Refused):
    """Site and worker are of different releases."""

    code = "CONTRACT"
    status = 409
    hint = "Install the site's release on the evaluator and start it again."


class OutOfTurn(Refused):
    """The evaluation's state does not allow this step; nothing was changed."""

    code = "OUT_OF_TURN"
    status = 409
    hint = "Read its state and go on from there."


class CasesMissing(Refused):
    """An evaluation is finished only when every case has a value or a typed failure."""

    code = "CASES_MISSING"
    status = 409
    hint = "Send the missing cases first."


class BadReport(Refused):
    """The report does not fit the task; nothing was changed."""

    code = "BAD_REPORT"
    status = 422
    hint = "Install the site's release on the evaluator and start it again."


class WrongHardware(Refused):
    """This worker is registered for another hardware class."""

    code = "HARDWARE"
    status = 409
    hint = "Start it with the class that its token was made for, or make a token for this class."


class NotHeld(NotFound):
    """No evaluation that this worker holds needs this file."""

    hint = "Claim an evaluation first."


class WorkerUnknown(Refused):
    """This worker token is not valid."""

    code = "WORKER_TOKEN"
    status = 401
    hint = "Ask who runs the site for a fresh one: `manage.py worker_token NAME --hardware CLASS`."


class NotRescorable(Refused):
    """What this run left does not answer the task as it is now; its container must run again."""

    code = "NOT_RESCORABLE"
    status = 409
    hint = "Submit it again with `--again`, or leave it out of the re-score."


class FileLost(Refused):
    """A file of this evaluation is not where this site keeps it."""

    code = "FILE_LOST"
    status = 503
    hint = "End the attempt as a failure of ours; who runs the site must restore the file."
