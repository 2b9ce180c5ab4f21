"""What every request passes before any app sees it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote_plus

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase

from assay.config.errors import Invalid, refusal_response


class PlainAddresses:
    """No address holds a NUL character: PostgreSQL takes none, so one would end as a broken page wherever it is looked up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """400 in the form of the address that was asked for, or whatever the site answers."""
        if "\0" not in request.path and "\0" not in unquote_plus(request.META.get("QUERY_STRING", "")):
            return self.get_response(request)
        if request.path.startswith("/api/"):
            return refusal_response(Invalid("The address holds a NUL character."))
        raise BadRequest("The address holds a NUL character.")
