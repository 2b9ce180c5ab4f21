"""Whole answers of public boards, kept under the hash of what they show: a reader without an account gets what the one before got.

Whether a board may be read is asked every time, before anything is looked up; what people with an account get is never kept, and
nobody between them and the site may keep it. `middleware.py` keeps and finds, views hand over (`handed`).
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers

from assay.config.reader import release, theme_of
from assay.leaderboards.hot import Hot
from assay.leaderboards.stored import BoardState, Glance

#: as good as the smallest level takes for half of the time
_LEVEL = 6
_SECONDS = 24 * 3600
HOT = Hot(most=32 * 2**20)
#: what an answer in its packed form has of its own, or what is true of one moment or reader
_NOT_KEPT = {"content-length", "etag", "cache-control", "content-encoding", "date"}
_VARIES = ["Accept", "Accept-Encoding", "Authorization", "Cookie"]


def is_stranger(request: HttpRequest) -> bool:
    """Whether this reader brings nothing that an answer could depend on but the theme: no session, no token, no message."""
    private = (settings.SESSION_COOKIE_NAME, "messages")
    return "Authorization" not in request.headers and not any(name in request.COOKIES for name in private)


def handed(request: HttpRequest, response: HttpResponse, *, of: BoardState | None = None) -> HttpResponse:
    """A board's answer with what others may do with it: a stranger may keep it and ask again, what somebody with an account got is
    theirs alone. of: the live board that it shows.
    """
    if not is_stranger(request):
        response.headers["Cache-Control"] = "private, no-store"
        return response
    answer = checked(request, response)
    if of is not None and of.current is not None:
        answer.__dict__["board_shown"] = of.current.sha256
    return answer


def find(request: HttpRequest, *, seen: Glance) -> HttpResponse | None:
    """The kept answer. seen: the board, which must be public now."""
    key = _key(request, seen)
    found = HOT.get(key)
    if found is None:
        found = caches["pages"].get(key)
        if found is None:
            return None
        HOT.put(key, found)
    return checked(request, _unpack(request, found))


def keep(request: HttpRequest, response: HttpResponse, *, seen: Glance) -> HttpResponse:
    """Keep a complete answer that shows exactly the board that was seen, and give it as a kept one is given; else as it is."""
    shown = response.__dict__.get("board_shown")
    if response.status_code != 200 or shown != seen.sha256 or response.cookies or request.method != "GET":
        return response
    packed = {
        "tag": hashlib.sha256(response.content).hexdigest()[:32],
        "body": gzip.compress(response.content, compresslevel=_LEVEL, mtime=0),
        "headers": {name: value for name, value in response.headers.items() if name.lower() not in _NOT_KEPT},
    }
    caches["pages"].set(_key(request, seen), packed, _SECONDS)
    return checked(request, _unpack(request, packed))


def checked(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """304 where the reader has it already. Whoever keeps it must ask again each time: tomorrow it may be another board, or hidden."""
    if response.status_code != 200:
        return response
    if "ETag" not in response.headers:
        response.headers["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response.headers["Cache-Control"] = "public, no-cache"
    patch_vary_headers(response, _VARIES)
    answer = get_conditional_response(request, etag=response.headers["ETag"], response=response)
    return cast("HttpResponse", answer)


def _key(request: HttpRequest, seen: Glance) -> str:
    form = request.headers.get("Accept", "")
    parts = (seen.sha256, seen.settings, release(), _code(), form, theme_of(request), request.get_full_path())
    return hashlib.sha256(repr(parts).encode()).hexdigest()


@cache
def _code() -> int:
    """When the code and templates that write these answers were changed last: another release may have the same number."""
    apps = Path(__file__).parents[1]
    folders = (apps / "leaderboards", apps / "web")
    return max(file.stat().st_mtime_ns for folder in folders for file in folder.rglob("*") if file.is_file())


def _unpack(request: HttpRequest, found: dict[str, Any]) -> HttpResponse:
    """As the reader's browser takes it. Only what strangers get comes here: nothing secret lies beside what an address says."""
    packed = _takes_gzip(request)
    body = found["body"] if packed else gzip.decompress(found["body"])
    response = HttpResponse(body, headers=found["headers"])
    response.headers["Content-Length"] = str(len(body))
    response.headers["ETag"] = f'"{found["tag"]}{"-gzip" if packed else ""}"'
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _takes_gzip(request: HttpRequest) -> bool:
    offers = request.headers.get("Accept-Encoding", "").replace(" ", "").lower().split(",")
    return any(offer == "gzip" or (offer.startswith("gzip;q=") and offer[7:].strip("0.") != "") for offer in offers)
