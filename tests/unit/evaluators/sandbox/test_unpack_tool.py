"""The unpacker's script on hostile archives, without a container around it."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from evaluators.contract.failures import RunFailure
from evaluators.contract.limits import Limits
from evaluators.sandbox.errors import UnpackFailure
from evaluators.sandbox.fake import FakeSandbox
from evaluators.sandbox.interface import Owner
from evaluators.sandbox.tools.unpack import unpack
from evaluators.sandbox.tools.zipped import BadArchive, home_of
from tests.unit.evaluators.sandbox.zips import write_zip

GOOD = {"a/P001/one.mat": b"one", "a/P002/two.mat": b"two" * 100}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


def run(archive: Path, store: Path, *expected: str, entries: int = 100, total: int = 2**20) -> dict[str, Any]:
    return unpack(
        archive=archive, store=store, expected=expected or tuple(GOOD), max_entries=entries, max_file_bytes=total,
        max_total_bytes=total,
    )  # fmt: skip


def refused(archive: Path, store: Path, **limits: int) -> BadArchive:
    """What the whole archive is refused for; nothing whole is left in the store then."""
    with pytest.raises(BadArchive) as caught:
        run(archive, store, **limits)
    assert not [path for path in store.iterdir() if not path.name.startswith(".")]
    return caught.value


def patched(path: Path, *changes: tuple[bytes, bytes]) -> Path:
    """The archive with bytes replaced wherever they stand, directory and files alike."""
    content = path.read_bytes()
    for old, new in changes:
        assert old in content
        assert len(old) == len(new)
        content = content.replace(old, new)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("wrapping", ["", "Submission/", "zip/Submission/"])
def test_files_lie_under_their_hash_whatever_folders_wrap_the_tree(tmp_path: Path, store: Path, wrapping: str) -> None:
    files = {f"{wrapping}{path}": content for path, content in GOOD.items()} | {f"{wrapping}readme.txt": b"hello"}
    report = run(write_zip(tmp_path / "x.zip", files), store)
    digest = hashlib.sha256(b"one").hexdigest()
    assert report["files"]["a/P001/one.mat"] == {"sha256": digest, "size": 3}
    assert (store / digest).read_bytes() == b"one"
    assert (report["failures"], report["unexpected"]) == ({}, 1)
    # what nobody asked for is not written at all
    assert len(list(store.iterdir())) == 2


def test_what_is_not_there_is_missing_and_a_link_is_forbidden(tmp_path: Path, store: Path) -> None:
    archive = write_zip(tmp_path / "x.zip", {"a/P001/one.mat": b"one"}, links=["a/P002/two.mat"])
    report = run(archive, store, *GOOD, "a/P003/three.mat")
    assert {path: note["code"] for path, note in report["failures"].items()} == {
        "a/P002/two.mat": "FORBIDDEN_FILE",
        "a/P003/three.mat": "MISSING_FILE",
    }


@pytest.mark.parametrize(
    "name", ["/etc/cron.d/x", "../x", "a/../../x", "a//x", "./x", "a\\..\\x", "C:/x", "a/\u202ex", "a/\nx", "n" * 401]
)
def test_a_name_that_is_no_plain_path_refuses_the_whole_archive(tmp_path: Path, store: Path, name: str) -> None:
    bad = refused(write_zip(tmp_path / "x.zip", {**GOOD, name: b"x"}), store)
    assert (bad.code, "entry 3" in bad.detail) == ("PROTOCOL", True)
    # the site's record holds our words alone
    assert name not in bad.detail


def test_a_name_cut_short_by_a_null_is_no_other_name(tmp_path: Path, store: Path) -> None:
    archive = write_zip(tmp_path / "x.zip", {"a/P001/one.mat0x": b"x"})
    assert refused(patched(archive, (b"one.mat0x", b"one.mat\0x")), store).code == "PROTOCOL"


@pytest.mark.parametrize("twice", ["a/P001/one.mat", "a/P001/one.mat/"])
def test_a_path_twice_is_refused(tmp_path: Path, store: Path, twice: str) -> None:
    bad = refused(write_zip(tmp_path / "x.zip", [*GOOD.items(), (twice, b"")]), store)
    assert (bad.code, bad.detail) == ("PROTOCOL", "entry 3 is there twice")


def test_an_encrypted_file_is_refused(tmp_path: Path, store: Path) -> None:
    archive = write_zip(tmp_path / "x.zip", GOOD)
    # flags stand behind the versions in both headers
    plain, locked = struct.pack("<HH", 20, 0), struct.pack("<HH", 20, 1)
    bad = refused(patched(archive, (plain, locked)), store)
    assert (bad.code, "encrypted" in bad.detail) == ("PROTOCOL", True)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compression_that_takes_memory_is_refused(tmp_path: Path, store: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", compression=method) as archive:
        for name, content in GOOD.items():
            archive.writestr(name, content)
    assert "deflate" in refused(tmp_path / "x.zip", store).detail


def test_a_bomb_is_refused_by_what_its_directory_says_before_a_byte_is_written(tmp_path: Path, store: Path) -> None:
    archive = write_zip(tmp_path / "x.zip", {**GOOD, "zeros": bytes(2**21)})
    assert archive.stat().st_size < 2**14
    assert refused(archive, store).code == "OUTPUT_TOO_LARGE"
    assert not list(store.iterdir())


def test_a_bomb_that_lies_of_its_size_stops_at_the_size_it_told(tmp_path: Path, store: Path) -> None:
    archive = write_zip(tmp_path / "x.zip", {"a/P001/one.mat": bytes(2**22)})
    size = struct.pack("<I", 2**22)
    bad = refused(patched(archive, (size, struct.pack("<I", 100))), store)
    assert bad.code in {"PROTOCOL", "OUTPUT_TOO_LARGE"}
    assert sum(path.stat().st_size for path in store.iterdir()) <= 100


@pytest.mark.parametrize("offset", [0, 2**31, 2**63 - 1, 2**63, 2**64 - 1])
def test_an_entry_that_lies_outside_or_over_another_is_the_teams_fault_and_not_the_disks(
    tmp_path: Path, store: Path, offset: int
) -> None:
    archive = write_zip(tmp_path / "x.zip", GOOD)
    with zipfile.ZipFile(archive, "a") as target:
        target.infolist()[1].header_offset = offset
        # the directory is written anew when something was added
        target.writestr("readme.txt", b"")
    bad = refused(archive, store)
    assert (bad.code, bad.name) == ("PROTOCOL", "a/P002/two.mat")
    assert "outside the archive or over another entry" in bad.detail


def test_bytes_are_read_once_however_many_files_claim_them(tmp_path: Path, store: Path) -> None:
    """A hundred cases over the same bytes would be a hundred times the reading."""
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w", compression=zipfile.ZIP_DEFLATED) as target:
        target.writestr("a/P001/one.mat", b"one")
        target.writestr("a/P002/two.mat", bytes(range(256)))
        first, second = target.infolist()
        first.compress_size += second.compress_size
    assert "over another entry" in refused(archive, store).detail


def test_an_archive_of_nothing_has_no_file(tmp_path: Path, store: Path) -> None:
    report = run(write_zip(tmp_path / "x.zip", {}), store)
    assert (report["files"], {note["code"] for note in report["failures"].values()}) == ({}, {"MISSING_FILE"})


def test_the_tree_is_found_among_ten_thousand_folders_in_one_pass() -> None:
    many = [f"a{number}/b{number}/x.mat" for number in range(10_000)]
    assert home_of([*many, "a1/b1/a/P001/one.mat"], expected=list(GOOD)) == "a1/b1/"


def test_what_macos_packs_beside_the_tree_is_no_home_of_it(tmp_path: Path, store: Path) -> None:
    copies = {f"__MACOSX/{path}": b"resource fork" for path in GOOD}
    report = run(write_zip(tmp_path / "x.zip", {**copies, **{f"runs/{path}": b"x" for path in GOOD}}), store)
    assert (report["failures"], report["unexpected"]) == ({}, 2)
    assert {file["size"] for file in report["files"].values()} == {1}


def test_more_entries_than_the_phase_has_inodes_are_refused(tmp_path: Path, store: Path) -> None:
    archive = write_zip(tmp_path / "x.zip", {**GOOD, **{f"x/{number}": b"" for number in range(20)}})
    assert refused(archive, store, entries=21).code == "OUTPUT_TOO_LARGE"
    assert run(archive, store, entries=22)["unexpected"] == 20


def test_a_directory_of_gigabytes_is_never_held_in_memory(tmp_path: Path, store: Path) -> None:
    entry = zipfile.ZipInfo("x")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry, b"")
    whole = buffer.getvalue()
    at = whole.index(b"PK\1\2")
    end = whole.index(b"PK\5\6")
    many = whole[at:end] * 200_000
    tail = bytearray(whole[end:])
    struct.pack_into("<II", tail, 12, len(many), at)
    (tmp_path / "x.zip").write_bytes(whole[:at] + many + bytes(tail))
    bad = refused(tmp_path / "x.zip", store)
    assert (bad.code, "directory" in bad.detail) == ("PROTOCOL", True)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 and then nothing", b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_zip_is_told_so(tmp_path: Path, store: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    bad = refused(tmp_path / "x.zip", store)
    assert (bad.code, bad.detail) == ("PROTOCOL", "it is not a ZIP archive that can be read")


def test_a_zip_behind_other_bytes_is_no_zip_here_as_at_the_sites_door(tmp_path: Path, store: Path) -> None:
    archive = write_zip(tmp_path / "x.zip", GOOD)
    archive.write_bytes(b"#!/bin/sh\n" + archive.read_bytes())
    assert zipfile.is_zipfile(archive)
    assert refused(archive, store).detail == "it is not a ZIP archive that can be read"


def test_bytes_behind_the_archive_do_no_harm(tmp_path: Path, store: Path) -> None:
    archive = write_zip(tmp_path / "x.zip", GOOD)
    archive.write_bytes(archive.read_bytes() + bytes(1000))
    assert run(archive, store)["files"].keys() == GOOD.keys()


@pytest.mark.parametrize("at", range(30, 200, 7))
def test_a_damaged_byte_is_a_typed_refusal_or_does_no_harm(tmp_path: Path, store: Path, at: int) -> None:
    content = bytearray(write_zip(tmp_path / "x.zip", GOOD).read_bytes())
    content[at % len(content)] ^= 0xFF
    (tmp_path / "x.zip").write_bytes(content)
    try:
        report = run(tmp_path / "x.zip", store)
    except BadArchive as bad:
        report = {"refused": bad.code}
    told = report["refused"] if "refused" in report else {**report["files"], **report["failures"]}
    assert told in RunFailure.__members__ if isinstance(told, str) else told.keys() == GOOD.keys()


def test_a_flipped_byte_of_a_file_is_found_by_its_checksum(tmp_path: Path, store: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a/P001/one.mat", b"one")
    content = (tmp_path / "x.zip").read_bytes().replace(b"matone", b"matONE")
    (tmp_path / "x.zip").write_bytes(content)
    bad = refused(tmp_path / "x.zip", store)
    assert (bad.code, bad.detail) == ("PROTOCOL", "entry 1 is damaged")


def test_the_script_runs_with_nothing_of_ours_but_the_tools(tmp_path: Path) -> None:
    """As inside the container: one question on stdin, one answer on stdout; here there is no /archive."""
    question = {"archive": "x.zip", "expected": [], "max_entries": 1, "max_file_bytes": 1, "max_total_bytes": 1}
    done = subprocess.run(
        [sys.executable, "-m", "evaluators.sandbox.tools.unpack"],
        input=json.dumps(question) + "\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "unpacking stopped: No such file or directory\n"


def test_the_fake_refuses_as_the_engine_does(tmp_path: Path, store: Path) -> None:
    archive = write_zip(tmp_path / "x.zip", {"../x": b"x"})
    owner = Owner(worker="w", evaluation="e", attempt=1, deadline=0)
    with pytest.raises(UnpackFailure) as caught:
        FakeSandbox().unpack(owner=owner, archive=archive, limits=Limits(), expected=["x"], store=store)
    assert caught.value.note.code == "PROTOCOL"
