"""The worker's side of the worker API: one method a call, typed messages in and out, retries where a repeat is harmless."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import httpx
from pydantic import BaseModel, TypeAdapter

from evaluators.contract.jobs import (
    CaseReport,
    ClaimRequest,
    FinishReport,
    Heartbeat,
    HeartbeatAnswer,
    Job,
    Refusal,
    StateReport,
)
from evaluators.worker.errors import LeaseLost, SiteRefused, SiteUnreachable

T = TypeVar("T")

API = "/api/worker/v1"
_LAYERS = TypeAdapter(list[str])
#: seconds between tries; the lease decides when to give up for good
_BACKOFF = (0.2, 0.5, 1.0, 2.0, 4.0)


class SiteClient:
    """Talks to one site with one worker token. Safe to use from several threads."""

    def __init__(self, *, site: str, token: str, timeout: float = 30.0) -> None:
        self._http = httpx.Client(
            base_url=site.rstrip("/") + API,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(timeout, read=max(timeout, 120.0)),
            # the site is named; a proxy of the environment must not see hidden data
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def claim(self, request: ClaimRequest) -> Job | None:
        """Ask for work; None when there is none. Never repeated: a lost answer would leave a claimed job behind."""
        answer = self._once("POST", "/claim", body=request)
        return None if answer.status_code == 204 else Job.model_validate_json(answer.content)

    def heartbeat(self, *, evaluation: str, beat: Heartbeat, timeout: float) -> HeartbeatAnswer:
        """Renew the lease. Raises LeaseLost."""
        answer = self._once("POST", f"/evaluations/{evaluation}/heartbeat", body=beat, timeout=timeout)
        return HeartbeatAnswer.model_validate_json(answer.content)

    def report_state(self, *, evaluation: str, report: StateReport) -> None:
        """Tell that the container runs, or what it left. Raises LeaseLost."""
        self._again("POST", f"/evaluations/{evaluation}/state", body=report)

    def report_cases(self, *, evaluation: str, report: CaseReport) -> None:
        """Send results. Raises LeaseLost."""
        self._again("POST", f"/evaluations/{evaluation}/cases", body=report)

    def finish(self, *, evaluation: str, report: FinishReport) -> None:
        """End the attempt. Raises LeaseLost."""
        self._again("POST", f"/evaluations/{evaluation}/finish", body=report)

    @contextmanager
    def blob(self, *, sha256: str) -> Iterator[Iterator[bytes]]:
        """The bytes of an input or a sealed reference, in chunks."""
        with self._stream(f"/blobs/{sha256}") as chunks:
            yield chunks

    def image_layers(self, *, config_digest: str) -> list[str]:
        """diff_ids of a submitted image, lowest first."""
        return _LAYERS.validate_json(self._once("GET", f"/images/{config_digest}/layers").content)

    @contextmanager
    def image(self, *, config_digest: str, above: int = 0) -> Iterator[Iterator[bytes]]:
        """The archive of a submitted image without its `above` lowest layers, in chunks."""
        with self._stream(f"/images/{config_digest}?above={above}") as chunks:
            yield chunks

    @contextmanager
    def predictions(self, *, sha256: str) -> Iterator[Iterator[bytes]]:
        """A team's archive of result files, in chunks."""
        with self._stream(f"/predictions/{sha256}") as chunks:
            yield chunks

    @contextmanager
    def _stream(self, path: str) -> Iterator[Iterator[bytes]]:
        try:
            with self._http.stream("GET", path) as answer:
                if answer.is_error:
                    answer.read()
                _check(answer)
                yield answer.iter_bytes(1 << 20)
        except httpx.TransportError as error:
            raise SiteUnreachable(f"GET {path}: {type(error).__name__}") from error

    def _once(
        self, method: str, path: str, *, body: BaseModel | None = None, timeout: float | None = None
    ) -> httpx.Response:
        try:
            answer = self._http.request(
                method,
                path,
                content=None if body is None else body.model_dump_json(),
                headers={"Content-Type": "application/json"},
                timeout=httpx.USE_CLIENT_DEFAULT if timeout is None else timeout,
            )
        except httpx.TransportError as error:
            raise SiteUnreachable(f"{method} {path}: {type(error).__name__}") from error
        _check(answer)
        return answer

    def _again(self, method: str, path: str, *, body: BaseModel) -> httpx.Response:
        """Repeat while the site is away: every such call is idempotent under its attempt."""
        return retrying(lambda: self._once(method, path, body=body))


def retrying(call: Callable[[], T]) -> T:
    """`call`, tried again while the site is away. Raises the last SiteUnreachable."""
    for pause in _BACKOFF:
        try:
            return call()
        except SiteUnreachable:
            time.sleep(pause)
    return call()


def _check(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    try:
        refusal = Refusal.model_validate_json(answer.content)
    except ValueError:
        refusal = Refusal(error="HTTP", message=f"status {answer.status_code} without an explanation")
    if answer.status_code == 409 and refusal.error == "STALE_ATTEMPT":
        raise LeaseLost(refusal.message)
    if answer.status_code >= 500 or answer.status_code == 429:
        raise SiteUnreachable(f"{answer.status_code} {refusal.error}")
    raise SiteRefused(status=answer.status_code, code=refusal.error, message=refusal.message)
