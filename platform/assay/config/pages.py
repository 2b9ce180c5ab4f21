"""What every page's view shares: a refusal becomes a page, and `Accept: application/json` or `.json` gives the twin."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from pydantic import BaseModel

from assay.config.errors import Refused, refusal_response

P = ParamSpec("P")
_View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def wants_json(request: HttpRequest) -> bool:
    """Whether the reader asked for the JSON twin, by ending or by `Accept`."""
    return request.path.endswith(".json") or request.get_preferred_type(["text/html", "application/json"]) == (
        "application/json"
    )


def json_twin(answer: BaseModel) -> HttpResponse:
    """A contract message as the answer of a page's twin."""
    return HttpResponse(answer.model_dump_json(), content_type="application/json")


def page(view: _View[P]) -> _View[P]:
    """For views of pages: a refusal becomes a page that says what happened and what to do, or JSON for the twin."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Refused as error:
            if wants_json(request):
                return refusal_response(error)
            if error.status == 401:
                return redirect_to_login(request.get_full_path())
            return render(request, "web/refused.html", {"refusal": error}, status=error.status)
        patch_vary_headers(response, ["Accept", "Cookie"])
        return response

    return answer
