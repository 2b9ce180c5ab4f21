"""A site with a small hidden dataset in each year's layout, and one image a year that was made for that year's contract."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.served import Served, site_in
from tests.integration.years.later import CONTRACTS
from tests.unit.assay.samples import LIBRARY

HERE = Path(__file__).parent
TEAM = "years-team"
#: dataset of the library's challenge -> words of `assay dataset phantom`
PHANTOMS = {
    "cmrxrecon-2023-cine": (),
    "cmrxrecon-2023-cine-single": ("--single-coil",),
    "cmrxrecon-2023-t1": ("--scan", "T1map"),
    "cmrxrecon-2023-t2": ("--scan", "T2map"),
}
SIZE = "48x40x2x2x3"


@dataclass(kw_only=True)
class Years(Served):
    """What a test does: submit the image of a year to a phase, and look at the answer."""

    def image(self, year: str) -> str:
        """The tag of that year's container; built once."""
        tag = f"assay-test-years/{year}:latest"
        dockerfile = (
            "FROM assay/runtime-numeric:latest\nCOPY container.py /app/container.py\n"
            f'ENTRYPOINT ["python3", "/app/container.py", "{year}"]\n'
        )
        return self.build(tag, dockerfile=dockerfile, container=HERE / "container.py")

    def board(self, *, year: str, phase: str) -> dict[str, Any]:
        """Submit that year's container, wait for its end, and read the board."""
        return self.board_with(self.image(year), phase=phase, method="zero-filled")

    def board_with(self, image: str, *, phase: str, method: str) -> dict[str, Any]:
        """Submit an image, wait for its end, and read the board."""
        code = self.assay("submit", image, "--phase", phase, "--team", TEAM, "--method", method, "-q").strip()
        told = self.assay("status", code, "--wait", "--timeout", "280", codes=(0, 1))
        board: dict[str, Any] = json.loads(self.assay("board", phase, "--json"))
        assert board["rows"], told
        return board


@pytest.fixture(scope="package")
def years(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Years]:
    folder = tmp_path_factory.mktemp("years")
    with site_in(folder, team=TEAM, title="Years team") as (stack, token):
        years = Years(stack=stack, token=token)
        for name, words in PHANTOMS.items():
            seed = stack.manage("dataset", "seed", f"{name}@1")
            years.assay(
                "dataset", "phantom", "--name", name, "--version", "1", "--seed-file", "-", "--subjects", "1",
                "--size", SIZE, *words, stdin=seed,
            )  # fmt: skip
        # the library's file as it is, but for the public samples
        challenges = {"2023": re.sub(r", sample: [^}]+", "", (LIBRARY / "cmrxrecon-2023.yaml").read_text())}
        for layout, contract in CONTRACTS.items():
            contract.write(folder / layout)
            years.assay("dataset", "import", layout, str(folder / layout), "--name", layout, "--version", "1")
            challenges[layout] = contract.challenge(name=layout)
        for name, text in challenges.items():
            (folder / f"{name}.yaml").write_text(text)
            years.assay("challenge", "apply", str(folder / f"{name}.yaml"), "--yes")
        stack.start_evaluator()
        yield years
    years.remove_images()
