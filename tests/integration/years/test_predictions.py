"""Result files through the whole door: what a container wrote at home, sent as a ZIP, scores as the container does here."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest

from assay_kit.client import Client
from evaluators.contract.api import SubmissionIn
from tests.integration.years.conftest import TEAM, Years
from tests.integration.years.later import FIRST
from tests.unit.evaluators.sandbox.zips import write_zip

pytestmark = pytest.mark.engine
#: what of the download a container of that year sees as /input
MOUNTED = {"2024": "MultiCoil", "2025": "."}


@dataclass(kw_only=True)
class GivenOut:
    """A phase of a year whose inputs the organiser gave out, and the folder as a team holds it."""

    years: Years
    year: str
    folder: Path

    @property
    def phase(self) -> str:
        return f"given-{self.year}/whole/test"

    def made_at_home(self, *, into: Path) -> Path:
        """What that year's container writes when a team runs it on its own copy of the inputs."""
        into.mkdir()
        docker.from_env().containers.run(
            self.years.image(self.year),
            network_mode="none",
            remove=True,
            volumes={
                str((self.folder / MOUNTED[self.year]).resolve()): {"bind": "/input", "mode": "ro"},
                str(into): {"bind": "/output", "mode": "rw"},
            },
        )
        return into

    def submit(self, archive: Path, *words: str, codes: tuple[int, ...] = (0,)) -> str:
        """`assay submit --predictions … --wait`; its stdout."""
        return self.years.assay(
            "submit", "--predictions", str(archive), "--phase", self.phase, "--team", TEAM, "--wait", *words,
            codes=codes,
        )  # fmt: skip


def zipped(folder: Path, archive: Path, *, inside: str = "") -> Path:
    """The whole tree, as `zip -r` packs it, below the folder `inside`."""
    with zipfile.ZipFile(archive, "w", compression=zipfile.ZIP_DEFLATED) as target:
        for path in sorted(folder.rglob("*")):
            target.write(path, f"{inside}{path.relative_to(folder).as_posix()}")
    return archive


@pytest.fixture(scope="module", params=FIRST)
def given(request: pytest.FixtureRequest, years: Years, tmp_path_factory: pytest.TempPathFactory) -> GivenOut:
    year, folder = request.param, tmp_path_factory.mktemp("given")
    contract, name = FIRST[year], f"given-{year}"
    contract.write(folder)
    years.assay(
        "dataset", "import", contract.layout, str(folder), "--name", name, "--version", "1", "--inputs-given-out"
    )  # fmt: skip
    text = contract.challenge(name=name)
    (folder / "challenge.yaml").write_text(text + "        predictions: given-out\n")
    years.assay("challenge", "apply", str(folder / "challenge.yaml"), "--yes")
    return GivenOut(years=years, year=year, folder=folder)


def test_a_containers_own_outputs_sent_as_files_score_as_the_container(given: GivenOut, tmp_path: Path) -> None:
    given.years.board_with(given.years.image(given.year), phase=given.phase, method="container")
    outputs = given.made_at_home(into=tmp_path / "output")
    archive = zipped(outputs, tmp_path / "predictions.zip", inside="Submission/")
    entered = given.submit(archive, "--method", "files").split()
    assert "scored" in entered
    rows = json.loads(given.years.assay("board", given.phase, "--json"))["rows"]
    container, files = sorted(rows, key=lambda row: row["method"])
    assert (container["predictions"], files["predictions"]) == (False, True)
    assert (files["cases"], files["failures"], files["seconds_a_case"]) == (FIRST[given.year].cases, {}, None)
    assert files["metrics"] == pytest.approx(container["metrics"], rel=1e-9)
    for stratum, means in container["strata"].items():
        assert files["strata"][stratum] == pytest.approx(means, rel=1e-9)
    # the same files again are the same entry
    assert given.submit(archive, "--method", "files").split()[0] == entered[0]


def test_a_case_without_a_file_and_one_of_another_format_fail_as_a_containers_would(
    given: GivenOut, tmp_path: Path
) -> None:
    outputs = given.made_at_home(into=tmp_path / "output")
    first, second, *_ = sorted(path for path in outputs.rglob("*.mat"))
    content = {path.relative_to(outputs).as_posix(): path.read_bytes() for path in outputs.rglob("*.mat")}
    del content[first.relative_to(outputs).as_posix()]
    content[second.relative_to(outputs).as_posix()] = b"no matrix"
    archive = write_zip(tmp_path / "broken.zip", content)
    given.submit(archive, "--method", "broken", codes=(1,))
    given.submit(archive, "--method", "broken", "--incomplete")
    rows = json.loads(given.years.assay("board", given.phase, "--json"))["rows"]
    (row,) = [row for row in rows if row["method"] == "broken"]
    assert row["failures"] == {"MISSING_FILE": 1, "BAD_FORMAT": 1}


def test_a_hostile_archive_that_passes_by_the_command_is_a_typed_failure_here(given: GivenOut, tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "hostile.zip", {"../../escape": b"x", "a.mat": b"x"})
    refused = given.submit(archive, "--method", "hostile", "--json", codes=(1,))
    assert json.loads(refused)["error"] == "PROTOCOL"
    sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
    with Client(site=given.years.stack.url, token=given.years.token) as client:
        offer = client.offer_predictions(team=TEAM, sha256=sha256, archive_bytes=archive.stat().st_size)
        client.send_predictions(offer=offer, path=archive)
        entered = client.submit(SubmissionIn(team=TEAM, phase=given.phase, predictions=sha256, method="hostile"))
    given.years.assay("status", entered.id, "--wait", "--timeout", "120", codes=(1,))
    told = json.loads(given.years.assay("status", entered.id, "--json", codes=(1,)))
    assert (told["state"], told["failure"]["code"]) == ("failed", "PROTOCOL")
    assert told["failure"]["detail"] == "entry 1 has a name that is no plain path below the archive's root"
