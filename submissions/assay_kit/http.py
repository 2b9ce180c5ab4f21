"""One connection to a site: bounded retries, time limits, and refusals turned into the kit's errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

import httpx
from pydantic import ValidationError

from assay_kit import __version__
from assay_kit.deadline import Deadline
from assay_kit.errors import KitError, NotFound, RefusedByRules, SignInNeeded, SiteTrouble, WrongUsage
from assay_kit.settings import is_loopback
from evaluators.contract.jobs import Refusal

#: a site that is silent for this long has a problem
PATIENCE = 60.0
#: the site hashes and checks an archive before it answers
UPLOAD_PATIENCE = 1800.0
#: pauses before the second, third and fourth try, in seconds
PAUSES = (0.5, 1.5, 4.0)
_PASSING = frozenset({502, 503, 504})
#: bytes that were lost on their way, whatever the status: neither wrong usage nor a rule, and sending again helps
_LOST = frozenset({"UPLOAD_BROKEN", "HASH_MISMATCH"})
_LONGEST_PAUSE = 30.0
_CHUNK = 1 << 20

Body = Callable[[], Iterable[bytes]]


def _kind(status: int) -> type[KitError]:
    if status in {401, 403}:
        return SignInNeeded
    if status == 404:
        return NotFound
    if status in {409, 413, 423, 429}:
        return RefusedByRules
    return SiteTrouble if status >= 500 else WrongUsage


def refusal(*, response: httpx.Response, site: str) -> KitError:
    """The error that a response stands for. A page that is no refusal of ours (a proxy's, say) becomes a plain sentence."""
    kind = _kind(response.status_code)
    try:
        told = Refusal.model_validate_json(response.content)
    except ValidationError:
        where = f"{response.request.method} {response.request.url.path}"
        return kind(f"{site} answered {response.status_code} to {where}", code=f"HTTP_{response.status_code}")
    next_step = told.next
    if response.status_code == 401 and not next_step:
        next_step = "assay login"
    if told.error in _LOST or response.status_code in {408, 411}:
        kind = SiteTrouble
    return kind(told.message, code=told.error, next=next_step, help=urljoin(f"{site}/", told.help) if told.help else "")


class Http:
    """`call` returns a response with a status below 400, or raises a KitError; `chunks` reads one as it comes."""

    def __init__(
        self, *, site: str, token: str | None, deadline: Deadline, detail: Callable[[str], None] = lambda _: None
    ) -> None:
        self.site = site
        self._deadline = deadline
        self._detail = detail
        headers = {"User-Agent": f"assay/{__version__}", "Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        # a proxy of the environment cannot reach the machine's own loopback
        self._client = httpx.Client(headers=headers, trust_env=not is_loopback(site))

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def url(self, path: str) -> str:
        """`path` on this site. Raises SiteTrouble for another one's address: the token would go there."""
        if not path.startswith("/") or path.startswith("//"):
            raise SiteTrouble(f"the site gave {path!r} as an address, which is not one of its own")
        return urljoin(f"{self.site}/", path)

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        body: Body | None = None,
        length: int | None = None,
        query: Mapping[str, str] | None = None,
        content_type: str = "",
        repeatable: bool = True,
        missing_is_fine: bool = False,
    ) -> httpx.Response:
        """Send one request.

        body: makes the bytes anew for every try; length: how many, where that is known beforehand. repeatable: sending it twice does no more than sending it once.
        missing_is_fine: a 404 is returned instead of raised.
        """
        url = self.url(path)
        pauses = list(PAUSES)
        headers = {"Content-Type": content_type} if content_type else {}
        if length is not None:
            headers["Content-Length"] = str(length)
        while True:
            self._deadline.check(doing=f"{self.site}")
            try:
                response = self._once(method, url, json=json, body=body, query=query, headers=headers)
            except httpx.TimeoutException as error:
                self._deadline.check(doing=f"{self.site}")
                trouble, may_repeat, pause = self._silent(error), repeatable, 0.0
            except httpx.TransportError as error:
                trouble, may_repeat, pause = (
                    self._unreachable(error),
                    repeatable or isinstance(error, httpx.ConnectError),
                    0.0,
                )
            else:
                if response.status_code < 400 or (missing_is_fine and response.status_code == 404):
                    return response
                trouble = refusal(response=response, site=self.site)
                may_repeat = repeatable and (response.status_code in _PASSING or trouble.code in _LOST)
                pause = _asked_pause(response)
            if not may_repeat or not pauses:
                raise trouble
            pause = max(pause, pauses.pop(0))
            self._detail(f"{method} {path}: {trouble.message}; again in {pause:g} s")
            self._deadline.sleep(pause)

    @contextmanager
    def chunks(self, path: str) -> Iterator[Iterator[bytes]]:
        """The body of a GET, chunk by chunk; nothing is tried again. Raises a KitError, also while it is read."""
        url = self.url(path)
        self._deadline.check(doing=f"{self.site}")
        began = time.monotonic()
        try:
            with self._client.stream("GET", url, timeout=self._deadline.at_most(PATIENCE)) as response:
                if response.status_code >= 400:
                    response.read()
                    raise refusal(response=response, site=self.site)
                yield self._watched(response.iter_bytes(_CHUNK), doing="the download")
        except httpx.TimeoutException as error:
            self._deadline.check(doing=f"{self.site}")
            raise self._silent(error) from error
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        self._detail(f"GET {path} in {1000 * (time.monotonic() - began):.0f} ms")

    def _once(
        self,
        method: str,
        url: str,
        *,
        json: Any,
        body: Body | None,
        query: Mapping[str, str] | None,
        headers: Mapping[str, str],
    ) -> httpx.Response:
        patience = httpx.Timeout(
            self._deadline.at_most(PATIENCE), read=self._deadline.at_most(PATIENCE if body is None else UPLOAD_PATIENCE)
        )
        began = time.monotonic()
        content = None if body is None else self._watched(body(), doing="the upload")
        response = self._client.request(
            method, url, json=json, content=content, params=query, headers=dict(headers), timeout=patience
        )
        self._detail(
            f"{method} {response.url.path} -> {response.status_code} in {1000 * (time.monotonic() - began):.0f} ms"
        )
        return response

    def _watched(self, chunks: Iterable[bytes], *, doing: str) -> Iterator[bytes]:
        for chunk in chunks:
            self._deadline.check(doing=doing)
            yield chunk

    def _silent(self, error: httpx.TimeoutException) -> KitError:
        if isinstance(error, httpx.ConnectTimeout):
            return SiteTrouble(
                f"{self.site} cannot be reached in time",
                code="UNREACHABLE",
                next="look at your network, then try again",
            )
        return SiteTrouble(f"{self.site} does not answer", code="SILENT", next="try again in a few minutes")

    def _unreachable(self, error: httpx.TransportError) -> KitError:
        reason = str(error) or type(error).__name__
        return SiteTrouble(
            f"{self.site} cannot be reached: {reason}",
            code="UNREACHABLE",
            next="is the address right, and is the site up?",
        )


def _asked_pause(response: httpx.Response) -> float:
    text = response.headers.get("Retry-After", "")
    return min(float(text), _LONGEST_PAUSE) if text.isdecimal() else 0.0
