"""`make demo`: from nothing to three ranked methods, each a container submitted through the public API as a team would.

Nothing here reaches around the door: data, challenge and submissions go through the `assay` command. Only accounts,
the hidden seed and the worker's token come from manage.py, as they would on the site's own machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from compose.native import BIN, ROOT, Stack, StackError

OUT = ROOT / "var" / "demo"
CHALLENGE = ROOT / "platform" / "assay" / "challenges" / "library" / "cine-demo.yaml"
PHASE = "cine-demo/cine-multicoil/test"
TEAM = "assay-baselines"


@dataclass(frozen=True, kw_only=True)
class DemoSet:
    """One dataset version of the demo."""

    name: str
    layout_set: str
    phantoms: int
    real: int
    public: bool


#: 12 hidden phantom subjects and 3 of real anatomy; 5 public ones, one of them real
HIDDEN = DemoSet(name="cine-demo-test", layout_set="TestSet", phantoms=12, real=3, public=False)
SAMPLE = DemoSet(name="cine-demo-sample", layout_set="ValidationSet", phantoms=4, real=1, public=True)


@dataclass(frozen=True, kw_only=True)
class Method:
    """A baseline of this repository as a team would hold it: an image and a card."""

    folder: str
    title: str

    @property
    def image(self) -> str:
        """The tag that `make images` gave it."""
        return f"assay-baseline/{self.folder}:latest"

    @property
    def card(self) -> Path:
        """Six questions about the method."""
        return ROOT / "baselines" / self.folder / "card.yaml"


METHODS = (
    Method(folder="zero_filled", title="Zero-filled"),
    Method(folder="unet", title="U-Net"),
    Method(folder="e2e_varnet", title="E2E-VarNet"),
)


class Steps:
    """Seconds of each step, printed as they end and once more at the end."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        noted = OUT / "steps.tsv"
        if noted.exists():  # what `make` did before: setup, engine, images
            for line in noted.read_text().splitlines():
                name, seconds = line.split("\t")
                self.seconds[name] = float(seconds)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time the block."""
        print(f"demo: {name} …", file=sys.stderr, flush=True)
        start = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - start, 1)


def main() -> int:
    """Run the demo. Returns 0 when all three are ranked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="evaluate again what stands on the board already")
    arguments = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    steps = Steps()
    try:
        with Stack(port=int(os.environ.get("PORT", "8000"))) as stack:
            return _demo(stack=stack, steps=steps, fresh=arguments.fresh)
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _demo(*, stack: Stack, steps: Steps, fresh: bool) -> int:
    with steps.step("site"):
        stack.prepare()
        organiser = stack.manage(
            "assay_user", "--username", "organiser", "--email", "organiser@assay.example", "--organiser",
            "--team", TEAM, "--team-name", "Assay baselines", "--token-name", "demo",
        )  # fmt: skip
        stack.start_site()
    with steps.step("data"):
        for demo_set in (SAMPLE, HIDDEN):
            _bring_data(stack=stack, token=organiser, demo_set=demo_set)
    with steps.step("challenge"):
        _assay(stack, organiser, "challenge", "apply", str(CHALLENGE), "--yes")
    stack.start_evaluator()
    with steps.step("submissions"):
        codes = [_submit(stack=stack, token=organiser, method=method, fresh=fresh) for method in METHODS]
    with steps.step("evaluations"):
        failed = [code for code in codes if not _wait(stack=stack, token=organiser, code=code)]
    board = json.loads(_assay(stack, organiser, "board", PHASE, "--json"))
    target = OUT / "leaderboard.json"
    target.write_text(json.dumps(board, indent=2, ensure_ascii=False) + "\n")
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(_board_table(board))
    console.print(_strata_table(board))
    console.print(_steps_table(steps))
    console.print(f"site and worker together: at most {stack.peak_memory / 2**20:.0f} MiB resident")
    console.print(f"written: {target.relative_to(ROOT)} · `make serve` shows the same board at {stack.url}")
    ranked = {row["method"] for row in board["rows"] if row["rank"] is not None}
    missing = [method.title for method in METHODS if method.title not in ranked]
    if failed or missing:
        print(f"error: not ranked: {', '.join(missing) or failed}; logs in {stack.logs}", file=sys.stderr)
        return 1
    return 0


def _bring_data(*, stack: Stack, token: str, demo_set: DemoSet) -> None:
    seed = stack.manage("dataset", "seed", f"{demo_set.name}@1")
    _assay(
        stack, token, "dataset", "phantom", "--name", demo_set.name, "--version", "1", "--seed-file", "-",
        "--set", demo_set.layout_set, "--subjects", str(demo_set.phantoms), "--real", str(demo_set.real),
        "--if-missing", *(["--public"] if demo_set.public else []),
        stdin=seed,
    )  # fmt: skip


def _submit(*, stack: Stack, token: str, method: Method, fresh: bool) -> str:
    words = ["--team", TEAM, "--method", method.title, "--card", str(method.card), "--baseline"]
    return _assay(
        stack, token, "submit", method.image, "--phase", PHASE, *words, *(["--again"] if fresh else []), "-q"
    ).strip()


def _wait(*, stack: Stack, token: str, code: str) -> bool:
    """Wait for one submission under a progress line. False when it failed."""
    done = subprocess.run(
        [str(BIN / "assay"), "--site", stack.url, "status", code, "--wait", "--timeout", "1800"],
        env={**stack.env(), "ASSAY_TOKEN": token},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0


def _assay(stack: Stack, token: str, *words: str, stdin: str = "") -> str:
    """Run the command as a person would; progress stays visible, the answer comes back. Raises StackError."""
    done = subprocess.run(
        [str(BIN / "assay"), "--site", stack.url, *words],
        env={**stack.env(), "ASSAY_TOKEN": token},
        cwd=ROOT,
        input=stdin,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StackError(f"assay {' '.join(words)} ended with code {done.returncode}")
    return done.stdout


def _board_table(board: dict[str, Any]) -> Table:
    keys = list(dict.fromkeys(key for row in board["rows"] for key in row["metrics"]))
    table = Table(title=board["phase"])
    for heading in ("rank", "method", "team", *keys, "cases", "failures"):
        table.add_column(heading, justify="left" if heading in {"method", "team"} else "right")
    for row in board["rows"]:
        table.add_row(
            "–" if row["rank"] is None else f"{row['rank']:g}",
            ("◆ " if row["baseline"] else "") + row["method"],
            row["team"],
            *(_number(row["metrics"].get(key)) for key in keys),
            str(row["cases"]),
            str(sum(row["failures"].values())),
        )
    return table


def _strata_table(board: dict[str, Any]) -> Table:
    strata = list(dict.fromkeys(stratum for row in board["rows"] for stratum in row["strata"]))
    table = Table(title="SSIM (full frame) by stratum")
    for heading in ("method", *strata):
        table.add_column(heading, justify="left" if heading == "method" else "right")
    for row in board["rows"]:
        table.add_row(row["method"], *(_number(row["strata"].get(s, {}).get("ssim_full")) for s in strata))
    return table


def _steps_table(steps: Steps) -> Table:
    table = Table(title="seconds")
    table.add_column("step")
    table.add_column("s", justify="right")
    for name, seconds in steps.seconds.items():
        table.add_row(name, f"{seconds:.1f}")
    table.add_row("together", f"{sum(steps.seconds.values()):.1f}")
    return table


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


if __name__ == "__main__":
    sys.exit(main())
