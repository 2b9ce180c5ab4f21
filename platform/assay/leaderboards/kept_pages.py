"""Whole answers of public boards, kept under the hash of what they show: a reader without an account gets what the one before got.

Whether a board may be read is asked every time, before anything is looked up; what people with an account get is never kept, and
nobody between them and the site may keep it.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers

from assay.config.pages import wants_json
from assay.config.reader import release, theme_of
from assay.leaderboards.stored import Glance

#: as good as the smallest level takes for half of the time
_LEVEL = 6
_SECONDS = 24 * 3600


def is_stranger(request: HttpRequest) -> bool:
    """Whether this reader brings nothing that an answer could depend on but the theme: no session, no token, no message."""
    private = (settings.SESSION_COOKIE_NAME, "messages")
    return "Authorization" not in request.headers and not any(name in request.COOKIES for name in private)


def kept_or_made(
    request: HttpRequest,
    *,
    seen: Glance | None,
    now: datetime,
    make: Callable[[], tuple[HttpResponse, str | None]],
) -> HttpResponse:
    """The kept answer of a public board, or a new one.

    seen: the board at a glance; None where nothing may be kept. make: the answer, and the hash of the board that it shows, None
    where that is of the moment. Raises whatever `make` does.
    """
    if seen is None or seen.sha256 is None or not (seen.public_from is None or seen.public_from <= now):
        response, _ = make()
        return private(response) if not is_stranger(request) else _checked(request, response)
    shelf, key = caches["pages"], _key(request, seen)
    found = shelf.get(key)
    if found is None:
        response, shown = make()
        if response.status_code != 200 or shown != seen.sha256:
            return _checked(request, response)
        found = _pack(response)
        shelf.set(key, found, _SECONDS)
    return _checked(request, _unpack(request, found))


def private(response: HttpResponse) -> HttpResponse:
    """Nobody keeps this answer: it is one person's."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _key(request: HttpRequest, seen: Glance) -> str:
    form = "json" if wants_json(request) else "page"
    parts = (seen.sha256, seen.settings, release(), _code(), form, theme_of(request), request.get_full_path())
    return hashlib.sha256(repr(parts).encode()).hexdigest()


@cache
def _code() -> int:
    """When the code and templates that write these answers were changed last: another release may have the same number."""
    apps = Path(__file__).parents[1]
    folders = (apps / "leaderboards", apps / "web")
    return max(file.stat().st_mtime_ns for folder in folders for file in folder.rglob("*") if file.is_file())


def _pack(response: HttpResponse) -> dict[str, Any]:
    return {
        "tag": hashlib.sha256(response.content).hexdigest()[:32],
        "body": gzip.compress(response.content, compresslevel=_LEVEL, mtime=0),
        "headers": {name: response.headers[name] for name in ("Content-Type", "Content-Disposition") if name in response.headers},
    }  # fmt: skip


def _unpack(request: HttpRequest, found: dict[str, Any]) -> HttpResponse:
    """As the reader's browser takes it. Only what strangers get comes here: nothing secret lies beside what an address says."""
    packed = _takes_gzip(request)
    response = HttpResponse(found["body"] if packed else gzip.decompress(found["body"]), headers=found["headers"])
    response.headers["ETag"] = f'"{found["tag"]}{"-gzip" if packed else ""}"'
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _checked(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """304 where the reader has it already. Whoever keeps it must ask again each time: tomorrow it may be another board, or hidden."""
    if response.status_code != 200:
        return response
    if "ETag" not in response.headers:
        response.headers["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response.headers["Cache-Control"] = "public, no-cache"
    patch_vary_headers(response, ["Accept", "Accept-Encoding", "Authorization", "Cookie"])
    answer = get_conditional_response(request, etag=response.headers["ETag"], response=response)
    return cast("HttpResponse", answer)


def _takes_gzip(request: HttpRequest) -> bool:
    offers = request.headers.get("Accept-Encoding", "").replace(" ", "").lower().split(",")
    return any(offer == "gzip" or (offer.startswith("gzip;q=") and offer[7:].strip("0.") != "") for offer in offers)
