"""Outputs are kept under the digest of what was written, with one manifest an evaluation."""

from __future__ import annotations

import hashlib
from pathlib import Path

from evaluators.contract.failures import FailureNote
from evaluators.contract.outputs import ArchivedFile
from evaluators.worker.outputs import OutputStore


def stage(store: OutputStore, *contents: bytes) -> tuple[Path, dict[str, ArchivedFile]]:
    folder = store.stage()
    files = {}
    for number, content in enumerate(contents):
        sha256 = hashlib.sha256(content).hexdigest()
        (folder / sha256).write_bytes(content)
        files[f"P{number:03d}/cine_sax.mat"] = ArchivedFile(sha256=sha256, size=len(content))
    return folder, files


def test_equal_outputs_have_one_digest_and_share_their_files(tmp_path: Path) -> None:
    store = OutputStore(root=tmp_path)
    digests = set()
    for evaluation in ("first", "second"):
        staged, files = stage(store, b"image")
        digests.add(store.keep(staged=staged, evaluation=evaluation, files=files, failures={}))
    (digest,) = digests
    assert [path.read_bytes() for path in store.files(digest=digest).iterdir()] == [b"image"]
    assert store.manifest(digest=digest, evaluation="second") is not None


def test_another_byte_is_another_digest(tmp_path: Path) -> None:
    store = OutputStore(root=tmp_path)
    one, one_files = stage(store, b"image")
    two, two_files = stage(store, b"imagf")
    assert store.keep(staged=one, evaluation="e", files=one_files, failures={}) != store.keep(
        staged=two, evaluation="e", files=two_files, failures={}
    )


def test_why_a_file_is_not_there_is_kept_with_the_rest(tmp_path: Path) -> None:
    store = OutputStore(root=tmp_path)
    staged, files = stage(store, b"image")
    missing = {"P009/cine_sax.mat": FailureNote(code="MISSING_FILE")}
    digest = store.keep(staged=staged, evaluation="e", files=files, failures=missing)
    assert store.manifest(digest=digest, evaluation="e") == {**files, **missing}


def test_output_of_another_evaluation_is_not_taken_for_this_one(tmp_path: Path) -> None:
    store = OutputStore(root=tmp_path)
    staged, files = stage(store, b"image")
    digest = store.keep(staged=staged, evaluation="e", files=files, failures={})
    assert store.manifest(digest=digest, evaluation="other") is None


def test_half_made_and_outdated_folders_go(tmp_path: Path) -> None:
    store = OutputStore(root=tmp_path)
    store.stage()
    staged, files = stage(store, b"image")
    digest = store.keep(staged=staged, evaluation="e", files=files, failures={})
    store.tidy(keep_seconds=3600)
    assert [path.name for path in tmp_path.iterdir()] == [digest]
    store.tidy(keep_seconds=-1)
    assert list(tmp_path.iterdir()) == []
