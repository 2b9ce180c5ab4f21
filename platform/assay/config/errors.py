"""What the site refuses, and how it says so: one class a reason, one JSON form (contract `Refusal`) for both APIs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from assay.config.site import absolute
from evaluators.contract.jobs import Refusal

_PROBLEMS_SHOWN = 5

P = ParamSpec("P")


class Refused(Exception):
    """The request was refused.

    A subclass says why: its docstring's first line is the sentence a person reads, `next` what to do about it.
    Facts go into the message of one raise: `raise QuotaSpent("3 of 3 used today", next="Back at 00:00 UTC.")`.
    """

    #: a stable word that programs may test; never renamed
    code: str = "REFUSED"
    #: HTTP status
    status: int = 400
    #: what to do, where a raise does not say better
    hint: str = ""

    def __init__(self, message: str = "", *, next: str = "") -> None:  # noqa: A002 -- the contract's own word
        self.message = message or self.sentence()
        self.next = next or self.hint
        super().__init__(self.message)

    @classmethod
    def sentence(cls) -> str:
        """The first line of the docstring."""
        return (inspect.getdoc(cls) or cls.__name__).splitlines()[0]

    @property
    def help(self) -> str:
        """The page about this code, as a path on this site."""
        return f"/help/{self.code}"


class NotFound(Refused):
    """There is nothing at this address, or it is not yours to see."""

    code = "NOT_FOUND"
    status = 404
    hint = "Check the address for a typing mistake; sign in if it belongs to you."


class SignInNeeded(Refused):
    """This needs a token, and none was given that is valid."""

    code = "SIGN_IN"
    status = 401
    hint = "Make a token on your account page and run `assay login`."


class NotAllowed(Refused):
    """You are signed in, but this is not yours to do."""

    code = "NOT_ALLOWED"
    status = 403
    hint = "Ask the owner, or sign in as somebody who may."


class Invalid(Refused):
    """The request is not in the form that this address takes."""

    code = "INVALID"
    status = 422
    hint = "The form of every request is described at /api/docs."


class MethodRefused(Refused):
    """This address does not take that method."""

    code = "METHOD"
    status = 405
    hint = "The methods of every address are listed at /api/docs."


def every_refusal() -> Iterator[type[Refused]]:
    """Every reason known to this process, for the help pages; one class may share a code with its parent."""
    waiting = [Refused]
    while waiting:
        reason = waiting.pop()
        yield reason
        waiting += reason.__subclasses__()


def refusal(error: Refused) -> Refusal:
    """The message that both APIs answer with."""
    return Refusal(error=error.code, message=error.message, next=error.next, help=absolute(error.help))


def refusal_response(error: Refused) -> HttpResponse:
    """The same as an HTTP answer."""
    response = HttpResponse(refusal(error).model_dump_json(), status=error.status, content_type="application/json")
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def answers_refusals(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """For plain streaming views of the API: a refusal becomes the JSON form instead of a page."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Refused as error:
            return refusal_response(error)
        except Http404:
            return refusal_response(NotFound())

    return answer


def describe_problems(problems: Iterable[dict[str, Any]]) -> str:
    """pydantic's findings in one sentence. Never quotes the input: it may be a secret, or hostile."""
    lines = [
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}".lstrip(".: ") for problem in problems
    ]
    more = len(lines) - _PROBLEMS_SHOWN
    return "; ".join(lines[:_PROBLEMS_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def install_handlers(api: NinjaAPI) -> None:
    """Make every error of an API come in the one form."""

    @api.exception_handler(Refused)
    def _refused(request: HttpRequest, error: Refused) -> HttpResponse:  # noqa: ARG001 -- ninja's signature
        return refusal_response(error)

    @api.exception_handler(ValidationError)
    def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:  # noqa: ARG001
        return refusal_response(Invalid(describe_problems(error.errors)))

    @api.exception_handler(AuthenticationError)
    def _sign_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:  # noqa: ARG001
        return refusal_response(SignInNeeded())

    @api.exception_handler(Http404)
    def _missing(request: HttpRequest, error: Http404) -> HttpResponse:  # noqa: ARG001
        return refusal_response(NotFound())

    @api.exception_handler(HttpError)
    def _other(request: HttpRequest, error: HttpError) -> HttpResponse:  # noqa: ARG001
        response = refusal_response(Invalid(error.message))
        response.status_code = error.status_code
        return response
