"""Public boards for readers without an account, before the site asks who they are: a kept answer costs about a static file's time."""

from __future__ import annotations

import re
from collections.abc import Callable
from time import monotonic

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from assay.leaderboards import kept_pages
from assay.leaderboards.stored import Glance, glance, public_from

#: every address of a live board; anything else goes its own way
_BOARD = re.compile(
    r"/(?:c/(?P<page>[-\w]+/[-\w]+/[-\w]+)/board(?:\.json|\.csv|\.parquet|\.tex|\.bib|\.svg|/embed)?"
    r"|api/v1/boards/(?P<api>[-\w]+/[-\w]+/[-\w]+)(?:\.csv|\.tex)?)"
)
_MOST_REMEMBERED = 1000


class KeptBoards:
    """Finds and keeps whole answers. Its place is behind whatever serves files and before the session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        #: (address, stratum) -> when it was seen last, and what
        self._seen: dict[tuple[str, str], tuple[float, Glance]] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A kept answer where the board is public at this moment, or whatever the site answers."""
        at = _BOARD.fullmatch(request.path)
        if at is None or request.method not in {"GET", "HEAD"} or not kept_pages.is_stranger(request):
            return self.get_response(request)
        seen = self._look(at["page"] or at["api"], request.GET.get("stratum", ""))
        if seen is None:
            return self.get_response(request)
        return kept_pages.find(request, seen=seen) or kept_pages.keep(request, self.get_response(request), seen=seen)

    def _look(self, address: str, stratum: str) -> Glance | None:
        """The board, where it is public and stored as it is now; one statement.

        What was seen less than BOARD_TRUST_SECONDS ago is believed of the scores, never of the date.
        """
        when, found = self._seen.get((address, stratum), (0.0, None))
        if found is not None and monotonic() - when < settings.BOARD_TRUST_SECONDS:
            opens, there = public_from(address)
            return found if there and (opens is None or opens <= timezone.now()) else None
        found = glance(address, stratum=stratum)
        if found is None or found.sha256 is None:
            return None
        if len(self._seen) >= _MOST_REMEMBERED:
            self._seen.clear()
        self._seen[address, stratum] = (monotonic(), found)
        return found if found.public_from is None or found.public_from <= timezone.now() else None
