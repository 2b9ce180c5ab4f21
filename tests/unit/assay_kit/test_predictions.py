"""Submitting result files: what is looked at before they travel, what is sent, what the site is told."""

from __future__ import annotations

import hashlib
import json
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from assay_kit.client import Client
from evaluators.contract.api import PredictionsOut
from tests.unit.assay_kit.conftest import Person
from tests.unit.assay_kit.site import API, PREDICTIONS, Site, board, board_row, failed, phase, taking
from tests.unit.evaluators.sandbox.zips import write_zip

PHASE = "demo/cine-multicoil/validation"
WHOLE = dict.fromkeys(PREDICTIONS, b"values")
#: the last file lies in another case's folder
ASTRAY = {**dict.fromkeys(PREDICTIONS[:2], b"x"), PREDICTIONS[0].replace("sax", "lax"): b"x"}


def packed(alice: Person, files: Mapping[str, bytes] = WHOLE, *, links: Iterable[str] = ()) -> Path:
    """VarNet.zip in her folder."""
    return write_zip(alice.work / "VarNet.zip", files, links=links)


def test_the_archive_is_sent_and_entered_and_its_id_printed(alice: Person, site: Site) -> None:
    path = packed(alice, {f"Submission/{name}": content for name, content in WHOLE.items()})
    (alice.work / "card.yaml").write_text("training data: fastMRI\n")

    ran = alice.types("submit", "--predictions", "VarNet.zip", "--phase", "validation", "--card", "card.yaml")

    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (ran.code, ran.out) == (0, f"S1  {site.address}/s/S1\n")
    assert "VarNet.zip: 3 of 3 cases" in ran.err
    assert site.predictions == {sha256: path.read_bytes()}
    (entry,) = site.entered
    assert (entry.team, entry.phase, entry.method, entry.card) == (
        "leeds",
        PHASE,
        "VarNet",
        {"training_data": "fastMRI"},
    )
    assert (entry.predictions, entry.config_digest) == (sha256, None)


def test_the_same_archive_is_sent_once_and_gives_the_old_id_unless_again_is_said(alice: Person, site: Site) -> None:
    packed(alice)
    submit = ("submit", "--predictions", "VarNet.zip", "--phase", PHASE)

    assert alice.runs(*submit, "-q").out == "S1\n"
    second = alice.runs(*submit)
    assert second.out.startswith("S1 ")
    assert "nothing to send" in second.err
    assert "This very archive already stands in the phase as S1" in second.err
    assert alice.runs(*submit, "-q", "--again").out == "S2\n"
    assert sum(count for call, count in site.calls.items() if call.startswith(f"PUT {API}/predictions")) == 1


def test_an_upload_that_breaks_is_begun_anew(alice: Person, site: Site) -> None:
    packed(alice)
    site.trouble[rf"PUT {API}/predictions/.*"] = [503, 0]
    assert alice.runs("submit", "--predictions", "VarNet.zip", "--phase", PHASE, "-q").out == "S1\n"


def test_waiting_ends_with_the_code_of_the_end(alice: Person, site: Site) -> None:
    packed(alice)
    site.script = [{"state": "scoring", "sentence": "scoring"}, failed("PROTOCOL", "entry 1 is damaged")]

    ran = alice.runs("submit", "--predictions", "VarNet.zip", "--phase", PHASE, "--wait")

    assert (ran.code, "failed[PROTOCOL]: " in ran.err) == (1, True)


@pytest.mark.parametrize(
    ("files", "links", "code", "told"),
    [
        ({**WHOLE, "../x": b"x"}, (), "PROTOCOL", "'../x'"),
        ({**WHOLE, "x": bytes(2**21)}, (), "OUTPUT_TOO_LARGE", "pack at most 10 files of 1 MiB together"),
        (WHOLE | {f"{number}.txt": b"" for number in range(8)}, (), "OUTPUT_TOO_LARGE", "11 files"),
        (dict.fromkeys(PREDICTIONS[:2], b"x"), (), "MISSING_FILE", f"no {PREDICTIONS[2]}"),
        (ASTRAY, (), "MISSING_FILE", "cine_lax.mat: a file of no case, wanted cine_sax.mat"),
        (dict.fromkeys(PREDICTIONS[:2], b"x"), PREDICTIONS[2:], "MISSING_FILE", "a link, wanted a file"),
        ({"results/P1.mat": b"x"}, (), "NO_OUTPUT", f"a path looks like {PREDICTIONS[0]}"),
    ],
)
def test_what_cannot_be_scored_does_not_travel(
    *, alice: Person, site: Site, files: Mapping[str, bytes], links: Iterable[str], code: str, told: str
) -> None:
    packed(alice, files, links=links)

    ran = alice.runs("submit", "--predictions", "VarNet.zip", "--phase", PHASE)

    assert ran.code == 1
    assert ran.err.startswith(f"error[{code}]: VarNet.zip: ")
    assert told in ran.err
    assert not site.predictions
    assert not site.entered


def test_what_is_no_archive_is_told_so(alice: Person, site: Site) -> None:
    (alice.work / "x.zip").write_text("no archive")
    ran = alice.runs("submit", "--predictions", "x.zip", "--phase", PHASE)
    assert (ran.code, "it is not a ZIP archive that can be read" in ran.err) == (1, True)
    assert "zip -r predictions.zip ." in ran.err
    assert alice.runs("submit", "--predictions", "none.zip", "--phase", PHASE).code == 2


def test_an_incomplete_archive_is_sent_when_that_is_meant(alice: Person, site: Site) -> None:
    packed(alice, ASTRAY)
    ran = alice.runs("submit", "--predictions", "VarNet.zip", "--phase", PHASE, "--incomplete")
    assert (ran.code, len(site.entered)) == (0, 1)
    assert "2 of 3 cases" in ran.err
    assert "warning: left out\n  " in ran.err
    assert "cine_lax.mat: a file of no case" in ran.err


def test_of_many_files_that_answer_no_case_a_few_are_named(alice: Person, site: Site) -> None:
    packed(alice, {**WHOLE, **{f"Cine/old/{number}.mat": b"x" for number in range(7)}})
    ran = alice.runs("submit", "--predictions", "VarNet.zip", "--phase", PHASE)
    assert (ran.code, len(site.entered)) == (0, 1)
    assert ran.err.count("a file of no case") == 5
    assert "and 2 more" in ran.err


def test_a_folder_is_told_how_to_become_an_archive(alice: Person, site: Site) -> None:
    for name in WHOLE:
        path = alice.work / "my results" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"values")
    ran = alice.runs("submit", "--predictions", "my results", "--phase", PHASE)
    assert (ran.code, "my results is a folder" in ran.err) == (2, True)
    pack = next(line for line in ran.err.splitlines() if "zipfile" in line).partition("pack it: ")[2]
    _, *words = shlex.split(pack)
    subprocess.run([sys.executable, *words], cwd=alice.work, check=True)
    assert alice.runs("submit", "--predictions", "predictions.zip", "--phase", PHASE).code == 0
    assert len(site.entered) == 1


@pytest.mark.parametrize("becomes", [b"PK other bytes", None])
def test_an_archive_that_changes_while_it_is_sent_is_told_so(
    alice: Person, site: Site, monkeypatch: pytest.MonkeyPatch, becomes: bytes | None
) -> None:
    path = packed(alice)
    offer = Client.offer_predictions

    def offers_late(client: Client, *, team: str, sha256: str, archive_bytes: int) -> PredictionsOut:
        """Between the look and the sending somebody packs anew."""
        found = offer(client, team=team, sha256=sha256, archive_bytes=archive_bytes)
        path.unlink() if becomes is None else path.write_bytes(becomes)
        return found

    monkeypatch.setattr(Client, "offer_predictions", offers_late)
    ran = alice.runs("submit", "--predictions", "VarNet.zip", "--phase", PHASE)
    assert (ran.code, "VarNet.zip changed while it was looked at or sent" in ran.err) == (2, True)
    assert not site.predictions


def test_a_phase_of_containers_alone_says_so(alice: Person, site: Site) -> None:
    packed(alice)
    ran = alice.runs("submit", "--predictions", "VarNet.zip", "--phase", "cine-multicoil/test")
    assert (ran.code, ran.err.startswith("error[PREDICTIONS_NOT_TAKEN]")) == (6, True)
    assert "assay submit IMAGE" in ran.err


def test_a_closed_phase_and_a_spent_quota_refuse_before_the_bytes_travel(alice: Person, site: Site) -> None:
    packed(alice)
    for one in (phase(PHASE, is_open=False), phase(PHASE, left=0)):
        site.phases = [taking(one)]
        assert alice.runs("submit", "--predictions", "VarNet.zip", "--phase", PHASE).code == 6
    assert not site.predictions


def test_an_image_and_files_at_once_are_refused(alice: Person, site: Site) -> None:
    packed(alice)
    assert alice.runs("submit", "varnet:1", "--predictions", "VarNet.zip", "--phase", PHASE).code == 2
    assert alice.runs("submit", "varnet:1", "--incomplete", "--phase", PHASE).code == 2


def test_a_dry_run_looks_at_everything_and_sends_nothing(alice: Person, site: Site) -> None:
    path = packed(alice)
    ran = alice.runs("submit", "--predictions", "VarNet.zip", "--phase", PHASE, "--dry-run", "--json")
    told = json.loads(ran.out)
    assert told["predictions"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert told["bytes"] == path.stat().st_size
    assert not site.predictions
    assert not site.entered


def test_show_says_what_a_phase_takes(alice: Person, site: Site) -> None:
    out = alice.runs("show", "validation").out
    assert "a ZIP of Cine/AccFactor{af:02d}/{subject}/cine_{view}.mat (mat-v7 or mat-v7.3, variable img4ranking;" in out
    assert (
        "; each holds the two middle slices) for cases whose inputs the organisers gave out, at most 1 MiB unpacked"
        in out
    )
    assert "none, containers alone" in alice.runs("show", "cine-multicoil/test").out


def test_the_board_marks_result_files_in_place_of_seconds(alice: Person, site: Site) -> None:
    nothing = {"predictions": True, "seconds": None, "seconds_a_case": None, "peak_memory": None}
    site.boards["demo/cine-multicoil/test"] = board(board_row(1, "varnet"), board_row(2, "elsewhere", **nothing))
    lines = alice.runs("board", "cine-multicoil/test").out.splitlines()
    assert ["result files" in line for line in lines if "varnet" in line or "elsewhere" in line] == [False, True]
