"""Inputs are fetched once, verified, and say nothing by their place on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evaluators.contract.datasets import FileRef
from evaluators.worker.cache import Cache
from evaluators.worker.errors import PlatformFault


def ref(content: bytes, path: str = "a.mat") -> FileRef:
    return FileRef(path=path, sha256=hashlib.sha256(content).hexdigest(), size=len(content))


class Store:
    """A site that serves these contents and counts the fetches."""

    def __init__(self, *contents: bytes) -> None:
        self.contents = {hashlib.sha256(content).hexdigest(): content for content in contents}
        self.fetched: list[str] = []

    @contextmanager
    def fetch(self, sha256: str) -> Iterator[Iterator[bytes]]:
        self.fetched.append(sha256)
        yield iter([self.contents[sha256]])


def test_a_file_is_fetched_once_and_linked_as_often_as_wanted(tmp_path: Path) -> None:
    store = Store(b"kspace")
    cache = Cache(root=tmp_path / "cache", limit=10**6)
    for run in ("one", "two"):
        cache.bring(files=[ref(b"kspace")], fetch=store.fetch)
        cache.link(sha256=ref(b"kspace").sha256, target=tmp_path / run / "deep" / "a.mat")
        assert (tmp_path / run / "deep" / "a.mat").read_bytes() == b"kspace"
    assert len(store.fetched) == 1


def test_bytes_that_are_not_what_their_name_says_are_our_fault_and_leave_nothing(tmp_path: Path) -> None:
    good = ref(b"kspace")
    store = Store()
    store.contents[good.sha256] = b"kspacf"
    cache = Cache(root=tmp_path / "cache", limit=10**6)
    with pytest.raises(PlatformFault, match="DATA"):
        cache.bring(files=[good], fetch=store.fetch)
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


def test_staged_files_cannot_be_written_and_carry_no_time(tmp_path: Path) -> None:
    store = Store(b"kspace")
    cache = Cache(root=tmp_path / "cache", limit=10**6)
    cache.bring(files=[ref(b"kspace")], fetch=store.fetch)
    cache.link(sha256=ref(b"kspace").sha256, target=tmp_path / "a.mat")
    stat = (tmp_path / "a.mat").stat()
    assert stat.st_mode & 0o222 == 0
    assert stat.st_mtime == 0


def test_fetching_goes_by_hash_so_that_neighbours_on_disk_are_no_neighbours_in_the_dataset(tmp_path: Path) -> None:
    contents = [bytes([number]) * 10 for number in range(20)]
    store = Store(*contents)
    Cache(root=tmp_path / "cache", limit=10**6).bring(files=[ref(content) for content in contents], fetch=store.fetch)
    assert store.fetched == sorted(store.fetched)


def test_trimming_drops_the_longest_unused_first(tmp_path: Path) -> None:
    contents = [bytes([number]) * 100 for number in range(3)]
    store = Store(*contents)
    cache = Cache(root=tmp_path / "cache", limit=200)
    cache.bring(files=[ref(content) for content in contents], fetch=store.fetch)
    for order, content in enumerate((contents[1], contents[0], contents[2])):
        cache.link(sha256=ref(content).sha256, target=tmp_path / f"{order}")
    cache.trim()
    fetched_before = len(store.fetched)
    cache.bring(files=[ref(contents[0]), ref(contents[2])], fetch=store.fetch)
    assert len(store.fetched) == fetched_before
    cache.bring(files=[ref(contents[1])], fetch=store.fetch)
    assert len(store.fetched) == fetched_before + 1
