"""The pages of last resort: 400, 403, 404 with the parent, 500 with an id to quote."""

from __future__ import annotations

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve

from assay.config.errors import NotFound, refusal_response

logger = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """400"""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, with the reason where one was given."""
    return render(request, "403.html", {"why": str(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """404, and the nearest address above that exists; in the API's form below /api/."""
    if request.path.startswith("/api/"):
        # the API's own last route takes any address but one with a line feed in it
        return refusal_response(NotFound())
    return render(request, "404.html", {"parent": _parent(request.path)}, status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """500: no database, no context processors; the id stands in the log beside the traceback."""
    quote = secrets.token_hex(4)
    logger.error("page broke, quoted as %s: %s", quote, request.path)
    return HttpResponse(render_to_string("500.html", {"quote": quote}), status=500)


def _parent(path: str) -> str:
    steps = [step for step in path.split("/") if step][:-1]
    while steps:
        candidate = "/" + "/".join(steps)
        try:
            resolve(candidate)
        except Resolver404:
            steps.pop()
            continue
        return candidate
    return ""
