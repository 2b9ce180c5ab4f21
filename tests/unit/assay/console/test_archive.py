"""The archive of a finished challenge: it opens from a disk, every link of it lives, and nothing in it is hidden or private."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from assay.challenges.models import Phase
from assay.console import writing
from assay.datasets.models import Dataset
from assay.leaderboards import services as leaderboards
from assay.leaderboards.models import Snapshot
from assay.submissions.models import Submission
from tests.unit.assay.web.conftest import _fresh_health, as_role, world  # noqa: F401 -- fixtures
from tests.unit.assay.web.reading import Page, read
from tests.unit.assay.web.samples import draw_sample
from tests.unit.assay.web.world import World


@pytest.fixture
def finished(world: World) -> World:  # noqa: F811
    """Closed yesterday; one board published, one snapshot of a board that nobody may read yet, news, a page, pictures."""
    organiser = world.people["organiser"]
    draw_sample(world, "Zero-filled")
    card = {"Architecture": "unrolled network", "Questions": "ask private.person@hospital.example"}
    Submission.objects.filter(method="PromptNet").update(card=card)
    phase = Phase.objects.select_related("task__challenge", "ranked").get(pk=world.phase.pk)
    kept = leaderboards.publish(actor=organiser, phase=phase, now=world.now)
    place = f"/c/{phase.address}/board/{kept.name}"
    text = f"Read [the board]({place}), [the help](/help) and [a paper](https://doi.org/10.1000/1)."
    writing.announce(actor=organiser, challenge=phase.task.challenge, title="It is over", text=text, now=world.now)
    writing.write_page(
        actor=organiser, challenge=phase.task.challenge, slug="rules", text="One entry a day.", now=world.now
    )
    Phase.objects.filter(pk=phase.pk).update(closes_at=world.now - timedelta(days=1))
    return world


@pytest.fixture
def folder(finished: World, tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    call_command("challenge_archive", "cine-demo", str(folder), "--licence", "CC BY 4.0")
    return folder


def pages(folder: Path) -> dict[Path, Page]:
    found = {}
    for path in sorted(folder.rglob("*.html")):
        page = Page()
        page.feed(path.read_text())
        found[path] = page
    return found


def test_every_link_leads_to_a_file_beside_it_or_far_away(folder: Path) -> None:
    seen = set()
    for path, page in pages(folder).items():
        targets = [e.attrs[name] for e in page.elements for name in ("href", "src") if name in e.attrs]
        for target in targets:
            if target.startswith("https://doi.org/"):
                continue
            place, _, fragment = target.partition("#")
            assert not place.startswith(("/", "http", "file", "//")), (path.name, target)
            file = (path.parent / place).resolve() if place else path
            assert file.is_relative_to(folder.resolve())
            assert file.is_file(), (path.name, target)
            seen.add(file)
            if fragment:
                assert any(
                    e.attrs.get("id") == fragment
                    for e in pages(folder)[folder / file.relative_to(folder.resolve())].elements
                )
    # nothing lies there that no page leads to
    assert {path.resolve() for path in folder.rglob("*") if path.is_file()} - {
        (folder / "index.html").resolve()
    } <= seen


def test_it_needs_no_script_and_asks_nothing_of_a_network(folder: Path) -> None:
    for page in pages(folder).values():
        assert not page.all("script")
        assert not [e for e in page.elements if e.tag in {"iframe", "object", "embed", "form", "base"}]
        assert not [name for e in page.elements for name in e.attrs if name.startswith("on")]
        fetched = [e.attrs.get("src") or e.attrs.get("href", "") for e in page.elements if e.tag in {"img", "link"}]
        assert not [source for source in fetched if "//" in source or source.startswith("/")]
    assert "url(" not in (folder / "style.css").read_text()
    assert "@import" not in (folder / "style.css").read_text()


def test_nothing_hidden_and_nobodys_address_is_in_it(finished: World, folder: Path) -> None:
    hidden = finished.phase.ranked
    files = [file for case in hidden.cases.all() for file in case.files.all()]
    secrets = [
        "subject-", "wrapped", "@hospital.example", "@team.example",
        *(file.sha256 for file in files),
        *(case.label for case in hidden.cases.all()[10:]),
        *(one.evaluation.pseudonym_seed for one in finished.submissions.values()),
        *(str(one.evaluation_id) for one in finished.submissions.values()),
    ]  # fmt: skip
    told = {path: path.read_bytes().decode(errors="replace") for path in folder.rglob("*") if path.is_file()}
    assert [(path.name, secret) for path, text in told.items() for secret in secrets if secret in text] == []
    # a detector is shown to fire
    assert any("(address left out)" in text for text in told.values())
    assert any(hidden.sha256 in text for text in told.values() if hidden.sha256)


def test_pictures_are_of_public_cases_alone(finished: World, folder: Path) -> None:
    names = {path.stem for path in (folder / "pictures").iterdir()}
    assert len(names) > 2
    assert {hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "pictures").iterdir()} == names
    Dataset.objects.filter(name="cine-demo-sample").update(is_public=False)
    again = folder.parent / "again"
    call_command("challenge_archive", "cine-demo", str(again))
    assert not (again / "pictures").exists()


def test_a_board_that_was_not_public_stays_out(finished: World, tmp_path: Path) -> None:
    Phase.objects.filter(pk=finished.phase.pk).update(board_from=finished.now + timedelta(days=9))
    Snapshot.objects.update(public_from=finished.now + timedelta(days=9))
    call_command("challenge_archive", "cine-demo", str(tmp_path / "a"))
    assert not (tmp_path / "a" / "boards").exists()
    assert "PromptNet" not in (tmp_path / "a" / "challenge.json").read_text()


def test_the_documents_hold_the_published_numbers(folder: Path) -> None:
    document: dict[str, Any] = json.loads((folder / "challenge.json").read_text())
    snapshot = Snapshot.objects.get()
    (board,) = document["boards"]
    assert board["sha256"] == snapshot.sha256
    assert board["document"] == json.loads(snapshot.document)
    rows = list(csv.DictReader(io.StringIO((folder / "boards.csv").read_text())))
    best = next(row for row in rows if row["rank"] == "1" or row["rank"] == "1.0")
    known = next(row for row in board["document"]["board"]["rows"] if row["rank"] == 1)
    assert float(best["value"]) == known["metrics"][best["metric"]]
    assert {row["stratum"] for row in rows} >= {"", "af=4"}
    table = pq.read_table(folder / "boards.parquet").to_pylist()
    assert [(row["method"], row["stratum"], row["metric"]) for row in table] == [
        (row["method"], row["stratum"], row["metric"]) for row in rows
    ]
    assert [row["value"] for row in table] == [float(row["value"]) if row["value"] else None for row in rows]


def test_the_data_card_tells_counts_digests_and_licence(finished: World, folder: Path) -> None:
    card = pages(folder)[folder / "data-card.html"]
    assert "CC BY 4.0" in card.text
    assert "72 cases of 12 subjects" in card.text
    assert ["Acceleration", "4", "24"] in card.rows
    assert f"sha256:{finished.phase.ranked.sha256}" in card.text


def test_a_challenge_that_goes_on_is_refused_and_a_folder_in_use_too(world: World, tmp_path: Path) -> None:  # noqa: F811
    with pytest.raises(CommandError, match=r"cine-demo/cine-multicoil/test: Open, without an end\."):
        call_command("challenge_archive", "cine-demo", str(tmp_path / "a"))
    assert not (tmp_path / "a").exists()
    call_command("challenge_archive", "cine-demo", str(tmp_path / "a"), "--unfinished")
    with pytest.raises(CommandError, match="is not an empty folder"):
        call_command("challenge_archive", "cine-demo", str(tmp_path / "a"), "--unfinished")


def test_organisers_download_the_same_files(finished: World, folder: Path, as_role) -> None:  # noqa: F811
    client: Client = as_role(finished, "organiser")
    answer: Any = client.get("/c/cine-demo/console/archive.zip?licence=CC+BY+4.0")
    packed = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    names = {name.removeprefix("cine-demo/") for name in packed.namelist()}
    assert names == {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert packed.read("cine-demo/boards.csv") == (folder / "boards.csv").read_bytes()
    for role, status in (("anonymous", 302), ("captain", 403)):
        assert as_role(finished, role).get("/c/cine-demo/console/archive.zip").status_code == status
    Phase.objects.update(closes_at=None)
    assert "Open, without an end." in read(client.get("/c/cine-demo/console/archive.zip")).text
