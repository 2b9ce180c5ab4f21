"""The site as an organiser with a team sees it from a shell: the `assay` command, nothing around it."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from compose.native import BIN, ROOT, Stack, StackError
from compose.tracks import Method, TrackDataset
from evaluators.contract.states import FINAL

#: seconds after which it is looked whether the evaluator still runs
_LOOK = "600"
#: what the command says when --timeout is over
_WAITED = 124


@dataclass(frozen=True, kw_only=True)
class Door:
    """Who stands before it: a stack's organiser, and the team that enters baselines."""

    stack: Stack
    token: str
    team: str

    def bring(self, dataset: TrackDataset) -> None:
        """Simulate and upload one dataset version, unless it is there. Raises StackError."""
        # only the site's own machine can derive the seed of hidden data
        seed = self.stack.manage("dataset", "seed", f"{dataset.name}@{dataset.version}")
        named = ("--name", dataset.name, "--version", dataset.version, "--seed-file", "-", "--if-missing")
        self.assay("dataset", "phantom", *named, *dataset.phantom, stdin=seed)

    def apply(self, challenge: Path) -> None:
        """Put a challenge file on the site. Raises StackError."""
        self.assay("challenge", "apply", str(challenge), "--yes")

    def submit(self, method: Method, *, phase: str, fresh: bool) -> str:
        """Enter a method as a baseline; the submission's id, the old one's where this very image stands there. Raises StackError."""
        words = ["--team", self.team, "--method", method.title, "--card", str(method.card), "--baseline"]
        again = ["--again"] if fresh else []
        return self.assay("submit", method.image, "--phase", phase, *words, *again, "-q").strip()

    def wait(self, code: str) -> dict[str, Any]:
        """Wait for one submission under a progress line; what `assay status --json` then says of it.

        Raises StackError, also when a part of the site ends meanwhile: nobody would run the rest.
        """
        while True:
            self.stack.check_alive()
            words = ["--site", self.stack.url, "status", code, "--wait", "--timeout", _LOOK]
            self._run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            # 1 and 7: the run ended badly, which is an answer too
            found = self._document("status", code, "--json", codes=(0, 1, 7))
            if found["state"] in FINAL:
                return found

    def draw(self, method: Method, *, phase: str, within: float) -> bool:
        """Show in the viewer what a method makes of the phase's public sample; False: `within` seconds were not enough.

        Raises StackError, also where a check of the method is red.
        """
        shown = self._document("show", phase, "--json")
        if shown["sample"] is None:
            raise StackError(f"{phase} has no public sample that could be drawn")
        name, _, version = shown["sample"].partition("@")
        output = shown["task"]["output"]
        labels = ["--phase", phase] if output["classes"] else []
        variable = ["--variable", output["variable"]] if output["variable"] else []
        with TemporaryDirectory(prefix="assay-drawn-") as kept:
            limit = str(max(1, round(within)))
            words = ("check", method.image, "--phase", phase, "--keep", kept, "--timeout", limit)
            # what is fetched for it belongs to this site, not to the person
            done = self._run(
                ["--site", self.stack.url, *words, "-q"],
                stdout=subprocess.DEVNULL,
                cache=str(self.stack.work_root / "samples"),
            )
            if done.returncode == _WAITED:
                return False
            if done.returncode:
                raise StackError(f"{method.title} is no good on the sample of {phase}: assay {' '.join(words)}")
            named = ("--version", version, "--method", method.title, "--outputs", kept)
            self.assay("dataset", "pictures", name, *named, *labels, *variable)
        return True

    def board(self, phase: str) -> dict[str, Any]:
        """A phase's leaderboard as `assay board --json` has it. Raises StackError."""
        return self._document("board", phase, "--json")

    def assay(self, *words: str, stdin: str = "", codes: tuple[int, ...] = (0,)) -> str:
        """Run the command as a person would; progress stays visible, the answer comes back. Raises StackError."""
        done = self._run(["--site", self.stack.url, *words], input=stdin, stdout=subprocess.PIPE, text=True)
        if done.returncode not in codes:
            raise StackError(f"assay {' '.join(words)} ended with code {done.returncode}")
        return str(done.stdout)

    def _document(self, *words: str, codes: tuple[int, ...] = (0,)) -> dict[str, Any]:
        answer = self.assay(*words, codes=codes)
        try:
            found: dict[str, Any] = json.loads(answer)
        except json.JSONDecodeError:
            raise StackError(f"assay {' '.join(words)} gave no answer") from None
        return found

    def _run(self, words: list[str], *, cache: str = "", **how: Any) -> subprocess.CompletedProcess[Any]:
        environment = {**self.stack.env(), "ASSAY_TOKEN": self.token}
        if cache:
            environment["XDG_CACHE_HOME"] = cache
        return subprocess.run([str(BIN / "assay"), *words], env=environment, cwd=ROOT, check=False, **how)
