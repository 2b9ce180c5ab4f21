"""Bodies as servers hand them over, and files that are only there once they are whole."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from assay.datasets.errors import LengthNeeded, TooLarge, UploadBroken
from assay.datasets.uploads import body_chunks, receive, settle
from tests.unit.assay.samples import sha256


class Torn(io.BytesIO):
    """A connection that is reset after its first bytes."""

    def read(self, size: int | None = -1) -> bytes:
        """Some bytes, then the reset."""
        if self.tell():
            raise ConnectionResetError
        return super().read(4)


def _request(body: io.BytesIO, **environ: object) -> HttpRequest:
    return RequestFactory().generic("PUT", "/", **{"wsgi.input": body, **environ})  # type: ignore[arg-type]


def test_a_chunked_body_is_read_where_the_server_ends_it() -> None:
    request = _request(io.BytesIO(b"k-space"), **{"wsgi.input_terminated": True})

    assert b"".join(body_chunks(request)) == b"k-space"


def test_a_chunked_body_is_refused_where_the_server_does_not() -> None:
    with pytest.raises(LengthNeeded):
        list(body_chunks(_request(io.BytesIO(b"k-space"))))


def test_a_body_with_a_length_is_read_up_to_it() -> None:
    request = _request(io.BytesIO(b"k-space and the next request"), CONTENT_LENGTH="7")

    assert b"".join(body_chunks(request)) == b"k-space"


def test_a_body_that_is_shorter_than_announced_is_broken_off() -> None:
    with pytest.raises(UploadBroken, match="7 of 100 bytes arrived"):
        list(body_chunks(_request(io.BytesIO(b"k-space"), CONTENT_LENGTH="100")))


@pytest.mark.parametrize("environ", [{"CONTENT_LENGTH": "100"}, {"wsgi.input_terminated": True}])
def test_a_connection_that_is_reset_is_broken_off(environ: dict[str, object]) -> None:
    with pytest.raises(UploadBroken):
        list(body_chunks(_request(Torn(b"k-space"), **environ)))


def test_a_received_file_is_whole_hashed_and_gone_unless_it_was_moved_away(tmp_path: Path) -> None:
    with receive(chunks=[b"k-", b"space"], folder=tmp_path / "in", max_bytes=7) as received:
        assert received.path.read_bytes() == b"k-space"
        assert (received.size, received.sha256) == (7, sha256(b"k-space"))
    assert list((tmp_path / "in").iterdir()) == []

    with receive(chunks=[b"k-space"], folder=tmp_path / "in", max_bytes=7) as received:
        settle(received, at=tmp_path / "deep" / "down")
    assert (tmp_path / "deep" / "down").read_bytes() == b"k-space"
    assert list((tmp_path / "in").iterdir()) == []


def test_one_byte_too_many_is_too_large(tmp_path: Path) -> None:
    with pytest.raises(TooLarge), receive(chunks=[b"k-space"], folder=tmp_path, max_bytes=6):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_behind_is_cleared_a_day_later(tmp_path: Path) -> None:
    for name, age in (("incoming-old", 90_000), ("incoming-new", 60)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age, time.time() - age))

    with receive(chunks=[], folder=tmp_path, max_bytes=1):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["incoming-new"]
