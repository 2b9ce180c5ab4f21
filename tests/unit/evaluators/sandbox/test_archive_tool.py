"""The archiver's script on a hostile tree, without a container around it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from evaluators.contract.outputs import ArchivedFile, output_digest
from evaluators.sandbox.tools.archive import archive
from evaluators.sandbox.tools.look import look


@pytest.fixture
def tree(tmp_path: Path) -> tuple[Path, Path]:
    root, store = tmp_path / "output", tmp_path / "store"
    (root / "a").mkdir(parents=True)
    store.mkdir()
    (root / "a" / "one.mat").write_bytes(b"one")
    (root / "two.mat").write_bytes(b"two" * 100)
    return root, store


def run(tree: tuple[Path, Path], *expected: str, file: int = 2**20, total: int = 2**20) -> dict[str, Any]:
    root, store = tree
    return archive(root=str(root), store=store, expected=expected, max_file_bytes=file, max_total_bytes=total)


def test_files_lie_under_their_hash_with_their_size(tree: tuple[Path, Path]) -> None:
    report = run(tree, "a/one.mat", "two.mat")
    digest = hashlib.sha256(b"one").hexdigest()
    assert report["files"]["a/one.mat"] == {"sha256": digest, "size": 3}
    assert (tree[1] / digest).read_bytes() == b"one"
    assert report["failures"] == {}
    assert report["unexpected"] == 0


def test_two_paths_with_the_same_content_share_one_copy(tree: tuple[Path, Path]) -> None:
    (tree[0] / "copy.mat").write_bytes(b"one")
    report = run(tree, "a/one.mat", "copy.mat")
    assert len(report["files"]) == 2
    assert len(list(tree[1].iterdir())) == 1


def test_a_file_is_dated_by_the_kernel_whatever_date_it_claims(tree: tuple[Path, Path]) -> None:
    root, _ = tree
    os.utime(root / "two.mat", (0, 0))
    first = run(tree, "two.mat")["changed"]["two.mat"]
    assert abs(first - time.time()) < 600
    time.sleep(0.05)
    (root / "two.mat").rename(root / "moved.mat")
    assert run(tree, "moved.mat")["changed"]["moved.mat"] > first


def test_what_is_not_there_is_missing_and_what_was_not_asked_for_is_counted(tree: tuple[Path, Path]) -> None:
    report = run(tree, "absent.mat", "no/such/folder.mat")
    assert {note["code"] for note in report["failures"].values()} == {"MISSING_FILE"}
    assert report["unexpected"] == 2


def test_a_link_is_refused_at_every_place_of_the_path(tree: tuple[Path, Path]) -> None:
    root, store = tree
    (root / "file").symlink_to("two.mat")
    (root / "folder").symlink_to("a")
    (root / "out").symlink_to(store.parent)
    report = run(tree, "file", "folder/one.mat", "out/output/two.mat")
    assert {note["code"] for note in report["failures"].values()} == {"FORBIDDEN_FILE"}
    assert list(store.iterdir()) == []


def test_a_pipe_does_not_block_us(tree: tuple[Path, Path]) -> None:
    os.mkfifo(tree[0] / "pipe")
    assert run(tree, "pipe")["failures"]["pipe"]["code"] == "FORBIDDEN_FILE"


def test_one_file_may_not_be_too_large_nor_all_of_them_together(tree: tuple[Path, Path]) -> None:
    assert run(tree, "two.mat", file=299)["failures"]["two.mat"]["code"] == "FORBIDDEN_FILE"
    report = run(tree, "two.mat", "a/one.mat", total=302)
    assert set(report["files"]) == {"two.mat"}


def test_a_tree_deeper_than_python_recurses_is_walked(tree: tuple[Path, Path]) -> None:
    handle = os.open(tree[0], os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=handle)
        inner = os.open("d", os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
    os.close(handle)
    report = run(tree, "two.mat")
    # pytest's own clean-up recurses
    subprocess.run(["rm", "-rf", str(tree[0] / "d")], check=True)
    assert report["unexpected"] == 1


def test_a_full_store_is_an_error_and_not_a_missing_file(tree: tuple[Path, Path]) -> None:
    with pytest.raises(OSError, match="No such file"):
        archive(
            root=str(tree[0]),
            store=tree[1] / "gone",
            expected=["two.mat"],
            max_file_bytes=2**20,
            max_total_bytes=2**20,
        )


def test_looking_counts_expected_regular_files_alone(tree: tuple[Path, Path]) -> None:
    root, _ = tree
    (root / "link.mat").symlink_to("two.mat")
    (root / "folder.mat").mkdir()
    seen = look(root=str(root), expected=["a/one.mat", "two.mat", "link.mat", "folder.mat", "absent.mat"])
    assert seen["present"] == 2
    assert 0 < seen["bytes_used"] <= seen["bytes_total"]
    assert 0 < seen["inodes_used"] <= seen["inodes_total"]


def test_the_output_digest_depends_on_path_size_and_content_and_not_on_order() -> None:
    one, two = ArchivedFile(sha256="1" * 64, size=1), ArchivedFile(sha256="2" * 64, size=2)
    digest = output_digest({"a": one, "b": two})
    assert digest == output_digest({"b": two, "a": one})
    others = [
        {"a": two, "b": one},
        {"a": one, "c": two},
        {"a": one},
        {},
        {"a": one, "b": two.model_copy(update={"size": 3})},
    ]
    assert digest not in {output_digest(other) for other in others}
    assert output_digest({"a": one}) == hashlib.sha256(b"a\x001\x00" + b"1" * 64 + b"\n").hexdigest()
