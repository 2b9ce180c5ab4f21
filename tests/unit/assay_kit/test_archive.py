"""Fetching a finished challenge as plain pages."""

from __future__ import annotations

import io
import zipfile

import pytest

from tests.unit.assay_kit.conftest import Person
from tests.unit.assay_kit.site import Site


def packed(**files: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name, text in files.items():
            file.writestr(name, text)
    return content.getvalue()


def test_its_files_lie_in_the_folder_that_was_named(alice: Person, site: Site) -> None:
    site.archives["demo"] = packed(**{"demo/index.html": "front", "demo/boards/a.html": "board"})
    ran = alice.runs("challenge", "archive", "demo", "kept")
    assert (ran.code, ran.out.strip()) == (0, "kept/index.html")
    assert (alice.work / "kept" / "boards" / "a.html").read_text() == "board"
    # a folder in use is left alone
    assert alice.runs("challenge", "archive", "demo", "kept").code == 2


def test_a_challenge_that_goes_on_is_refused_by_the_rules(alice: Person, site: Site) -> None:
    ran = alice.runs("challenge", "archive", "demo", "kept")
    assert (ran.code, (alice.work / "kept").exists()) == (6, False)


@pytest.mark.parametrize(
    "name", ["demo/../../outside.html", "/etc/outside.html", "demo/a/../../../outside.html", "outside.html"]
)
def test_nothing_is_written_outside_the_folder(name: str, alice: Person, site: Site) -> None:
    site.archives["demo"] = packed(**{"demo/index.html": "front", name: "x"})
    assert alice.runs("challenge", "archive", "demo", "kept").code == 7
    assert not (alice.work / "kept").exists()


def test_what_is_no_archive_is_the_sites_trouble(alice: Person, site: Site) -> None:
    site.archives["demo"] = b"<html>"
    assert alice.runs("challenge", "archive", "demo", "kept").code == 7
