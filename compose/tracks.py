"""What `make demo` and `make demo-full TRACK=x` run: one file of compose/tracks a track, nothing of it written in code.

python -m compose.tracks NAME: the words that build its baselines' images; `make` puts them behind baselines/runtime/build.py.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from baselines.runtime.recipes import variants_of

ROOT = Path(__file__).resolve().parents[1]
TRACKS = ROOT / "compose" / "tracks"
LIBRARY = ROOT / "platform" / "assay" / "challenges" / "library"
BASELINES = ROOT / "baselines"
#: a track of its own place, since `make demo` has always written there
DEMO = "demo"
#: FOLDER:* stands for every variant that a recipe lists
EVERY = "*"
#: whoever enters a phase
ALL = "all"


class TrackError(Exception):
    """The track cannot be run as its file stands; the message says what to change."""


class _DatasetFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    phantom: str = Field(description="words of `assay dataset phantom` besides name, version and seed")


class _TrackFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    challenges: list[str] = Field(min_length=1, description="files of the library, without .yaml")
    baselines: list[str] | str | dict[str, list[str] | str] = Field(
        description="folders of baselines/, FOLDER:VARIANT and FOLDER:* for all its variants, or the kind of task that they are "
        "made for; they enter every phase, or those below the challenge or challenge/task that is the key"
    )
    strata_of: str = Field(description="the column that is printed stratum by stratum")
    datasets: dict[str, _DatasetFile] = Field(description="name@version -> how it is made")
    drawn: dict[str, list[str] | Literal["all"]] = Field(
        default_factory=dict,
        description="phase -> whose answers to its public sample the viewer shows: all who enter it, or some as `baselines` names them",
    )
    drawn_within: int = Field(
        default=180, gt=0, description="seconds for all of these; whose turn comes later is left out"
    )


@dataclass(frozen=True, kw_only=True)
class Method:
    """A baseline of this repository as a team would hold it: an image and a card."""

    folder: str
    title: str
    #: one of those that its Dockerfile lists; empty: the image without an argument
    variant: str = ""

    @property
    def recipe(self) -> str:
        """What `build.py --baseline` calls it."""
        return ":".join(filter(None, (self.folder, self.variant)))

    @property
    def image(self) -> str:
        """The tag that `build.py --baseline` gave it."""
        return f"assay-baseline/{'-'.join(filter(None, (self.folder, self.variant)))}:latest"

    @property
    def card(self) -> Path:
        """Questions about the method, and its answers."""
        return BASELINES / self.folder / "card.yaml"


@dataclass(frozen=True, kw_only=True)
class TrackDataset:
    """One dataset version; `phantom`: words of `assay dataset phantom`."""

    name: str
    version: str
    phantom: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Track:
    """Challenges with their data, and which methods enter which of their phases."""

    name: str
    title: str
    challenges: tuple[Path, ...]
    datasets: tuple[TrackDataset, ...]
    #: challenge/task/phase, in the challenges' order -> who enters it
    entrants: Mapping[str, tuple[Method, ...]]
    strata_of: str
    #: phase -> whose answers to its public sample the viewer shows, and how many seconds that may take in all
    drawn: Mapping[str, tuple[Method, ...]]
    drawn_within: int

    @property
    def phases(self) -> tuple[str, ...]:
        """Every board."""
        return tuple(self.entrants)

    @property
    def methods(self) -> tuple[Method, ...]:
        """Everybody who enters anywhere, each once."""
        return tuple(dict.fromkeys(method for methods in self.entrants.values() for method in methods))

    @property
    def entries(self) -> tuple[tuple[Method, str], ...]:
        """(method, phase), method by method."""
        return tuple(
            (method, phase) for method in self.methods for phase in self.phases if method in self.entrants[phase]
        )

    @property
    def out(self) -> Path:
        """Where its results go."""
        return out_of(self.name)


def out_of(name: str) -> Path:
    """The folder of a track's results."""
    return ROOT / "var" / (DEMO if name == DEMO else f"demo-full/{name}")


def names() -> list[str]:
    """Every track that there is."""
    return sorted(path.stem for path in TRACKS.glob("*.yaml"))


def read_track(name: str) -> Track:
    """Raises TrackError: no such track, a file with mistakes, data that its challenges need and nobody makes, no baseline."""
    if name not in names():
        raise TrackError(f"there is no track {name!r}; write TRACK= one of {', '.join(names())}")
    file = _file(TRACKS / f"{name}.yaml")
    challenges = tuple(LIBRARY / f"{challenge}.yaml" for challenge in file.challenges)
    if lacking := [path.stem for path in challenges if not path.is_file()]:
        raise TrackError(f"{name}.yaml: there is no {lacking[0]}.yaml in {LIBRARY.relative_to(ROOT)}")
    phases = {address: data for path in challenges for address, data in _phases(path).items()}
    needed = [dataset for data in phases.values() for dataset in data]
    if lacking := [dataset for dataset in needed if dataset not in file.datasets]:
        raise TrackError(
            f"{name}.yaml: its challenges need {', '.join(lacking)}; say under `datasets` how they are made"
        )
    if idle := sorted(set(file.datasets) - set(needed)):
        raise TrackError(f"{name}.yaml: no phase of its challenges uses {', '.join(idle)}; take it out of `datasets`")
    entrants = _entrants(file.baselines, phases=tuple(phases), track=name)
    return Track(
        name=name,
        title=file.title,
        challenges=challenges,
        datasets=tuple(_dataset(address, made) for address, made in file.datasets.items()),
        entrants=entrants,
        strata_of=file.strata_of,
        drawn={phase: _drawn(phase, words, entrants=entrants, track=name) for phase, words in file.drawn.items()},
        drawn_within=file.drawn_within,
    )


def _file(path: Path) -> _TrackFile:
    try:
        return _TrackFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise TrackError(f"{path.name} is no YAML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise TrackError(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _phases(path: Path) -> dict[str, list[str]]:
    """challenge/task/phase -> datasets that it needs. The site judges the file; here it is only asked for its names."""
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {
        f"{document['challenge']}/{task['task']}/{phase['phase']}": list(phase["data"].values())
        for task in document["tasks"]
        for phase in task["phases"]
    }


def _dataset(address: str, made: _DatasetFile) -> TrackDataset:
    name, _, version = address.partition("@")
    return TrackDataset(name=name, version=version, phantom=tuple(shlex.split(made.phantom)))


def _entrants(
    wanted: list[str] | str | Mapping[str, list[str] | str], *, phases: tuple[str, ...], track: str
) -> dict[str, tuple[Method, ...]]:
    """phase -> its methods."""
    if not isinstance(wanted, Mapping):
        return dict.fromkeys(phases, _methods(wanted, track=track))
    entrants: dict[str, tuple[Method, ...]] = dict.fromkeys(phases, ())
    for place, names_of_it in wanted.items():
        below = [phase for phase in phases if phase.startswith(f"{place}/")]
        if not below:
            raise TrackError(
                f"{track}.yaml: no phase of its challenges lies below {place!r}; there are {', '.join(phases)}"
            )
        methods = _methods(names_of_it, track=track)
        entrants |= {phase: tuple(dict.fromkeys((*entrants[phase], *methods))) for phase in below}
    if empty := [phase for phase, methods in entrants.items() if not methods]:
        raise TrackError(f"{track}.yaml: nobody enters {', '.join(empty)}; say under `baselines` who does")
    return entrants


def _drawn(
    phase: str, words: list[str] | str, *, entrants: Mapping[str, tuple[Method, ...]], track: str
) -> tuple[Method, ...]:
    """Those of a phase's entrants whose answers are drawn."""
    if phase not in entrants:
        raise TrackError(f"{track}.yaml: drawn: there is no phase {phase!r}; there are {', '.join(entrants)}")
    if words == ALL:
        return entrants[phase]
    wanted = _methods(words, track=track)
    if strange := [method.recipe for method in wanted if method not in entrants[phase]]:
        raise TrackError(f"{track}.yaml: drawn: {strange[0]} does not enter {phase}")
    return wanted


def _methods(wanted: list[str] | str, *, track: str) -> tuple[Method, ...]:
    """Those of a kind come in by being there: a folder with a baseline.yaml."""
    there: Mapping[str, Any] = {
        path.parent.name: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted(BASELINES.glob("*/baseline.yaml"))
    }
    kind = wanted if isinstance(wanted, str) else None
    words = [name for name, document in there.items() if document["task"]["kind"] == kind] if kind else list(wanted)
    if not words:
        raise TrackError(f"{track}.yaml: no baselines/*/baseline.yaml has a task of the kind {kind}")
    found: list[Method] = []
    for word in words:
        folder, _, variant = word.partition(":")
        if folder not in there:
            raise TrackError(f"{track}.yaml: baselines/{folder}/baseline.yaml is missing; there are {', '.join(there)}")
        for part in ("Dockerfile", "card.yaml"):
            if not (BASELINES / folder / part).is_file():
                raise TrackError(f"baselines/{folder} has a baseline.yaml but no {part}: it cannot enter a board")
        title = there[folder]["title"]
        found += [
            Method(folder=folder, title=f"{title}: {one}" if one else title, variant=one)
            for one in _variants(folder, asked_for=variant, track=track)
        ]
    return tuple(found)


def _variants(folder: str, *, asked_for: str, track: str) -> tuple[str, ...]:
    """What a word names after its colon; ("",) where it has none."""
    if not asked_for:
        return ("",)
    known = variants_of((BASELINES / folder / "Dockerfile").read_text(encoding="utf-8"))
    if known and asked_for == EVERY:
        return known
    if asked_for not in known:
        raise TrackError(f"{track}.yaml: {folder} has no variant {asked_for!r}; there are {', '.join(known) or 'none'}")
    return (asked_for,)


def asked() -> Track:
    """The track that stands first on the command line. Ends the process with code 2 and a sentence where it cannot be run."""
    try:
        return read_track(sys.argv[1] if len(sys.argv) > 1 else "")
    except TrackError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


def main() -> int:
    """Print `--baseline NAME` for every method of the track that is asked for."""
    print(" ".join(f"--baseline {method.recipe}" for method in asked().methods))
    return 0


if __name__ == "__main__":
    sys.exit(main())
