"""One real stack for these tests: site, site worker and evaluator as processes, the real engine, a small hidden dataset."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.served import Served, site_in

HERE = Path(__file__).parent
PHASE = "door/cine/test"
#: case by case, ranked by speed behind a gate
TIMED = "door/timed/test"
TEAM = "door-team"
#: nx, ny, coils, slices, frames
SIZE = (40, 32, 2, 2, 3)
SHAPE = (SIZE[0], SIZE[1], SIZE[3], SIZE[4])
#: one subject, two views, three accelerations
CASES = 6

CHALLENGE = """\
schema: 1
challenge: door
title: Through the door
summary: A tiny hidden set for tests of the whole path.
organisers: [organiser]
tasks:
  - task: cine
    title: Cine
    kind: reconstruction
    mode: batch
    layout: cmrxrecon-2023
    input: "MultiCoil/Cine/{set}/AccFactor{af:02d}/{subject}/cine_{view}.mat"
    output: {path: same-as-input, formats: [mat-v7, mat-v7.3], variable: img4ranking, dtype: float32, axes: x y slice frame, shape: as-reference}
    case: [subject, af, view]
    independent: subject
    strata:
      af: {title: Acceleration, values: [4, 8, 10]}
      view: {title: View, values: {sax: short axis, lax: long axis}}
      anatomy: {title: Anatomy, values: {phantom: phantom, real: real}}
    metrics:
      - {metric: ssim, normalisation: cmrxrecon2023, region: full, digits: 3}
      - {metric: nmse, normalisation: cmrxrecon2023, region: full, digits: 4}
    ranking: {rule: mean_then_rank, strata: cases, ties: min, missing: worst}
    baselines: {ranked: true}
    limits: {hardware: cpu, time: 15s, memory: 192MiB, shm: 16MiB, tmp: 16MiB, cpus: 2, pids: 64, output: 8MiB, output_files: 64, image: 4GiB, user: root-without-capabilities}
    phases:
      - phase: test
        title: Test
        data: {ranked: door-test@1}
        quota: {submissions: 1000, every: day, attempts: 2000}
        counts: best
  - task: timed
    title: Cine, timed
    kind: reconstruction
    mode: per_case
    layout: cmrxrecon-2023
    input: "MultiCoil/Cine/{set}/AccFactor{af:02d}/{subject}/cine_{view}.mat"
    output: {path: same-as-input, formats: [mat-v7, mat-v7.3], variable: img4ranking, dtype: float32, axes: x y slice frame, shape: as-reference}
    case: [subject, af, view]
    independent: subject
    strata: {af: {title: Acceleration, values: [4, 8, 10]}}
    metrics:
      - {metric: ssim, normalisation: cmrxrecon2023, region: full, digits: 3}
      - {metric: nmse, normalisation: cmrxrecon2023, region: full, digits: 4, ranks: false}
    ranking: {rule: speed, gate: {metric: ssim, better_than: half}, strata: cases, ties: min, missing: worst}
    baselines: {methods: [half], ranked: true}
    limits: {hardware: cpu, time: 120s, case_time: 6s, memory: 192MiB, shm: 16MiB, tmp: 16MiB, cpus: 2, pids: 64, output: 8MiB, output_files: 64, image: 4GiB, user: root-without-capabilities}
    phases:
      - phase: test
        title: Test
        data: {ranked: door-test@1}
        quota: {submissions: 1000, every: day, attempts: 2000}
        counts: last
"""
#: behaviours of a container that fail its whole run, and the code of each
RUN_FAILURES = [
    ("exits-3", "EXIT_CODE"),
    ("writes-nothing", "NO_OUTPUT"),
    ("runs-too-long", "TIMEOUT"),
    ("eats-memory", "OOM_RAM"),
    ("fills-bytes", "OUTPUT_TOO_LARGE"),
]


@dataclass(kw_only=True)
class Door(Served):
    """What a test does: build an image, submit it as a team, look at the answer."""

    folder: Path
    http: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, timeout=30))

    def image(self, behaviour: str) -> str:
        """The tag of an image that behaves so; built once."""
        tag = f"assay-test-door/{behaviour}:latest"
        dockerfile = (
            "FROM assay/base:latest\nCOPY container.py /app/container.py\n"
            f"ENV SHAPE={','.join(map(str, SHAPE))}\n"
            f'ENTRYPOINT ["python3", "/app/container.py", "{behaviour}"]\n'
        )
        return self.build(tag, dockerfile=dockerfile, container=HERE / "container.py")

    def submit(
        self, behaviour: str, *words: str, method: str | None = None, again: bool = False, phase: str = PHASE
    ) -> str:
        """Submit by the command, as a team does; the code. An image that already failed here makes it say 1."""
        named = ["--team", TEAM, "--method", method or behaviour, *words, *(["--again"] if again else [])]
        return self.assay("submit", self.image(behaviour), "--phase", phase, *named, "-q", codes=(0, 1)).strip()

    def get(self, path: str) -> dict[str, Any]:
        """A document of the public API."""
        answer = self.http.get(f"{self.stack.url}/api/v1/{path}", headers={"Authorization": f"Bearer {self.token}"})
        assert answer.is_success, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def status(self, code: str) -> dict[str, Any]:
        """The submission as the API tells it."""
        return self.get(f"submissions/{code}")

    def wait_for(self, code: str, *states: str, seconds: float = 120) -> dict[str, Any]:
        """Poll until the submission is in one of `states`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status = self.status(code)
            if status["state"] in states:
                return status
            time.sleep(0.1)
        pytest.fail(f"{code} stayed {status['state']} for {seconds} s: {status}")

    def ended(self, behaviour: str, *words: str, phase: str = PHASE) -> dict[str, Any]:
        """Submit and wait for the end."""
        code = self.submit(behaviour, *words, phase=phase)
        return self.wait_for(code, "scored", "failed", "platform_error", "cancelled")

    def board(self, phase: str = PHASE) -> dict[str, Any]:
        """The public board."""
        return self.get(f"boards/{phase}")


@pytest.fixture(scope="package")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("door")
    with site_in(folder, team=TEAM, title="Door team", ASSAY_LEASE_SECONDS="12") as (stack, token):
        door = Door(stack=stack, token=token, folder=folder)
        size = "x".join(map(str, SIZE))
        seed = stack.manage("dataset", "seed", "door-test@1")
        door.assay(
            "dataset", "phantom", "--name", "door-test", "--version", "1", "--seed-file", "-", "--subjects", "1",
            "--real", "0", "--size", size, "--set", "TestSet",
            stdin=seed,
        )  # fmt: skip
        (folder / "challenge.yaml").write_text(CHALLENGE)
        door.assay("challenge", "apply", str(folder / "challenge.yaml"))
        stack.start_evaluator()
        yield door
    door.remove_images()
