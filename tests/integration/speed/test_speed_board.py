"""The library's speed track through the real engine: shipped images and the templates, asked case by case and ranked by their seconds."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from compose.native import ROOT
from tests.integration.served import Served, site_in

pytestmark = pytest.mark.engine
LIBRARY = ROOT / "platform" / "assay" / "challenges" / "library"
TEMPLATES = ROOT / "submissions" / "templates"
TEAM = "speed-team"
SPEED, BATCH = "cine-speed/cine-multicoil/test", "cine-demo/cine-multicoil/test"
SIZE = "48x40x2x2x3"
#: one subject, two views, three factors
CASES = 6


@dataclass(kw_only=True)
class Speed(Served):
    """A site with the speed track and the same data in batch mode."""

    done: set[tuple[str, str]] = field(default_factory=set)

    def scored(self, image: str, *, method: str, phase: str, baseline: bool = False) -> None:
        """Submit once and wait; every case has its scores."""
        if (method, phase) in self.done:
            return
        self.done.add((method, phase))
        words = ["--team", TEAM, "--method", method, *(["--baseline"] if baseline else [])]
        code = self.assay("submit", image, "--phase", phase, *words, "-q").strip()
        self.assay("status", code, "--wait", "--timeout", "280", codes=(0, 1))
        told = json.loads(self.assay("status", code, "--json"))
        assert (told["state"], told["cases"]["scored"]) == ("scored", CASES), told

    def baseline(self, folder: str, *, phase: str) -> None:
        """Enter a shipped image under its title."""
        method = {"zero_filled": "Zero-filled", "unet": "U-Net"}[folder]
        self.scored(f"assay-baseline/{folder}:latest", method=method, phase=phase, baseline=True)

    def board(self, phase: str) -> dict[str, dict[str, Any]]:
        """Method -> its row."""
        return {row["method"]: row for row in json.loads(self.assay("board", phase, "--json"))["rows"]}

    def template(self, mode: str) -> str:
        """The tag of a template's image, on our runtime in place of one from a registry."""
        tag = f"assay-test-template/{mode}:latest"
        words = ["-q", "-f", f"{mode}/Dockerfile", "--build-arg", "BASE=assay/runtime-numeric:latest", "-t", tag, "."]
        subprocess.run(["docker", "build", *words], cwd=TEMPLATES, check=True, capture_output=True)
        self.built.append(tag)
        return tag


@pytest.fixture(scope="module")
def speed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Speed]:
    folder: Path = tmp_path_factory.mktemp("speed")
    with site_in(folder, team=TEAM, title="Speed team") as (stack, token):
        speed = Speed(stack=stack, token=token)
        for name, words in (("cine-speed-test", ()), ("cine-speed-sample", ("--public",))):
            seed = stack.manage("dataset", "seed", f"{name}@1")
            named = (
                "--name",
                name,
                "--version",
                "1",
                "--seed-file",
                "-",
                "--subjects",
                "1",
                "--real",
                "0",
                "--size",
                SIZE,
                *words,
            )
            speed.assay("dataset", "phantom", *named, stdin=seed)
        timed = (LIBRARY / "cine-speed.yaml").read_text()
        # at this size no network is ahead of the U-Net: everybody passes, and the seconds alone decide
        assert "better_than: unet" in timed
        (folder / "speed.yaml").write_text(timed.replace("better_than: unet", "first: 10"))
        (folder / "batch.yaml").write_text(
            (LIBRARY / "cine-demo.yaml")
            .read_text()
            .replace("cine-demo-test", "cine-speed-test")
            .replace("cine-demo-sample", "cine-speed-sample")
        )
        for file in ("speed.yaml", "batch.yaml"):
            speed.assay("challenge", "apply", str(folder / file), "--yes")
        stack.start_evaluator()
        yield speed
    speed.remove_images()


def test_the_baselines_stand_on_the_board_of_speed_with_their_seconds_a_case(speed: Speed) -> None:
    speed.baseline("zero_filled", phase=SPEED)
    speed.baseline("unet", phase=SPEED)
    board = speed.board(SPEED)
    quick, slow = sorted((board["Zero-filled"], board["U-Net"]), key=lambda row: row["seconds_a_case"])
    # of hidden data the sum is told in whole seconds, so small and quick scans may tie
    tied = quick["seconds_a_case"] == slow["seconds_a_case"]
    assert (quick["rank"], slow["rank"]) == (1, 1 if tied else 2)
    assert quick["failures"] == slow["failures"] == {}


def test_one_image_gives_the_same_images_in_both_modes(speed: Speed) -> None:
    for phase in (SPEED, BATCH):
        speed.baseline("zero_filled", phase=phase)
    (timed, together) = (speed.board(phase)["Zero-filled"]["metrics"] for phase in (SPEED, BATCH))
    assert timed == {key: together[key] for key in timed}


@pytest.mark.parametrize(("mode", "phase"), [("per_case", SPEED), ("batch", BATCH)])
def test_a_template_is_taken_as_it_stands_and_scores_as_the_zero_filled_baseline(
    speed: Speed, mode: str, phase: str
) -> None:
    speed.baseline("zero_filled", phase=phase)
    speed.scored(speed.template(mode), method="Template", phase=phase)
    board = speed.board(phase)
    assert board["Template"]["metrics"] == pytest.approx(board["Zero-filled"]["metrics"], abs=1e-4)
    assert board["Template"]["rank"] is not None
