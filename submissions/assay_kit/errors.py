"""Exit codes of the `assay` command and the errors that lead to them: what happened, what to do, where to read on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """The same everywhere, with any other flag."""

    DONE = 0
    #: it worked and the answer is no: a run that failed or was cancelled, a dataset with errors
    NO = 1
    USAGE = 2
    #: sign in, or not allowed
    SIGN_IN = 4
    NOT_FOUND = 5
    #: by the rules: quota, closed phase, sealed dataset
    REFUSED = 6
    #: ours; trying again is sensible
    OURS = 7
    #: waited too long, as `timeout` says it
    WAITED = 124
    INTERRUPTED = 130


class KitError(Exception):
    """Ends the command. `next` and `help` may be empty."""

    exit_code: ClassVar[ExitCode] = ExitCode.NO
    default_code: ClassVar[str] = "FAILED"

    def __init__(self, message: str, *, code: str = "", next: str = "", help: str = "") -> None:  # noqa: A002
        super().__init__(message)
        self.code = code or self.default_code
        self.message = message
        self.next = next
        self.help = help

    def document(self) -> dict[str, str]:
        """What `--json` prints."""
        return {"error": self.code, "message": self.message, "next": self.next, "help": self.help}


class AnswerIsNo(KitError):
    """The question was understood and checked; the answer is no."""


@contextmanager
def refusals_as_answers() -> Iterator[None]:
    """For verbs whose answer is one JSON object: whatever they refuse is an answer too, with exit code 1.

    What the parser itself does not understand stays wrong usage.
    """
    try:
        yield
    except WrongUsage as error:
        raise AnswerIsNo(error.message, code=error.code, next=error.next, help=error.help) from error


class WrongUsage(KitError):
    """The command line, or a file that it names, cannot be used as given."""

    exit_code = ExitCode.USAGE
    default_code = "USAGE"


class SignInNeeded(KitError):
    """No token, a token that the site does not know, or one that may not do this."""

    exit_code = ExitCode.SIGN_IN
    default_code = "SIGN_IN"


class NotFound(KitError):
    """A phase, submission, dataset or image that is not there."""

    exit_code = ExitCode.NOT_FOUND
    default_code = "NOT_FOUND"


class RefusedByRules(KitError):
    """The rules say no: quota, dates, sizes, a sealed version."""

    exit_code = ExitCode.REFUSED
    default_code = "REFUSED"


class SiteTrouble(KitError):
    """The site did not do its part. Trying again later is sensible."""

    exit_code = ExitCode.OURS
    default_code = "SITE"


class WaitedTooLong(KitError):
    """`--timeout` is over."""

    exit_code = ExitCode.WAITED
    default_code = "TIMED_OUT"


class Interrupted(KitError):
    """Ctrl-C. What was already submitted goes on."""

    exit_code = ExitCode.INTERRUPTED
    default_code = "INTERRUPTED"
