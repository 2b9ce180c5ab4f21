"""What a person reads before anything is typed in earnest."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main
from typer.exceptions import TyperException

from assay_kit import __version__
from assay_kit.console import Output
from assay_kit.main import app
from assay_kit.session import Session
from assay_kit.verbs import FLAGS, VALUED, hoist
from tests.unit.assay_kit.conftest import Person

SERVED = {
    "login": [],
    "logout": [],
    "whoami": [],
    "phases": ["--open"],
    "show": ["PHASE"],
    "submit": ["IMAGE", "--phase", "--team", "--method", "--card", "--wait", "--again", "--baseline", "--dry-run"],
    "status": ["ID", "--watch", "--wait"],
    "cancel": ["ID"],
    "board": ["PHASE", "--stratum", "--snapshot", "--csv"],
    "score": [
        *("METRIC", "PREDICTION", "REFERENCE", "--list", "--axes", "--reference-axes", "--spacing", "--classes"),
        *("--mask", "--variable", "--reference-variable", "--normalisation", "--order", "--region", "--connectivity"),
        *("--variant", "--tolerance"),
    ],
    "rank": ["TABLE.csv", "--rule", "--missing", "--ties", "--gate", "--bootstrap", "--seed"],
    "dataset check": ["LAYOUT", "PATH"],
    "dataset import": ["LAYOUT", "PATH", "--name", "--version", "--set", "--public", "--if-missing"],
    "dataset pictures": ["NAME", "--version", "--method", "--outputs", "--variable"],
    "dataset phantom": [
        "--name",
        "--version",
        "--seed-file",
        "--subjects",
        "--real",
        "--size",
        "--set",
        "--public",
        "--out",
    ],
    "challenge apply": ["FILE", "--yes", "--confirm"],
    "challenge clone": ["FILE|NAME", "--as", "--start", "--title", "--out"],
    "challenge diff": ["FILE"],
    "challenge dry-run": ["PHASE", "--latest", "--no-wait"],
    "challenge lint": ["FILE"],
    "challenge schema": [],
    "challenge publish": ["PHASE", "--confirm", "--note"],
    "challenge rescore": ["PHASE", "--all", "--note", "--wait", "--do"],
    "evaluator": ["--poll", "--once", "--hardware", "--name", "--work-root", "--broker"],
}


def _commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(_commands(typer.main.get_command(app)))


def _examples(command: Any) -> list[str]:
    return [line.strip() for line in command.help.splitlines() if line.startswith("  assay ")]


EXAMPLES = [(name, example) for name, command in COMMANDS.items() for example in _examples(command)]


def test_exactly_the_served_verbs_exist() -> None:
    assert set(COMMANDS) == set(SERVED)


@pytest.mark.parametrize("name", SERVED)
def test_help_of_a_verb_starts_with_examples_and_names_every_option(stranger: Person, name: str) -> None:
    ran = stranger.runs(*name.split(), "-h")

    assert ran.code == 0
    assert ran.out.index("Examples:") < ran.out.index("Options:")
    assert f"assay {name}" in ran.out[ran.out.index("Examples:") :]
    for word in SERVED[name]:
        assert word in ran.out
    for word in ("--site", "--json", "--timeout", "--no-input"):
        assert word in ran.out


@pytest.mark.parametrize("option", [*FLAGS, *VALUED, "--version"])
def test_help_of_the_command_names_every_global_option(stranger: Person, option: str) -> None:
    assert option in stranger.runs("-h").out


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_every_example_is_understood_as_it_stands(name: str, example: str) -> None:
    words = shlex.split(example.partition(" <")[0].partition(" >")[0])[1:]
    verb = name.split()
    hoisted = hoist(words)
    start = next(index for index in range(len(hoisted)) if hoisted[index : index + len(verb)] == verb)

    refused = ""
    try:
        # an unknown option, a missing argument or a value of the wrong kind is told here
        typer.main.get_command(app).make_context("assay", [*hoisted[:start], "logout"], obj=Session(out=Output()))
        COMMANDS[name].make_context(name, hoisted[start + len(verb) :])
    except TyperException as error:
        refused = str(error) or type(error).__name__
    assert refused == ""


def test_no_words_at_all_show_the_help(stranger: Person) -> None:
    ran = stranger.runs()

    assert ran.code == 0
    assert "Usage: assay" in ran.out


def test_the_version_is_told(stranger: Person) -> None:
    assert stranger.runs("--version").out == f"assay {__version__}\n"


def test_a_mistyped_verb_gets_a_suggestion_and_exit_code_2(stranger: Person) -> None:
    ran = stranger.runs("sumbit")

    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("error[USAGE]: ")
    assert "submit" in ran.err
    assert "next: assay -h" in ran.err


def test_an_unknown_option_points_to_the_help_of_its_verb(stranger: Person) -> None:
    ran = stranger.runs("dataset", "phantom", "--sise", "1x1")

    assert ran.code == 2
    assert "next: assay dataset phantom -h" in ran.err


def test_help_loads_nothing_heavy(stranger: Person) -> None:
    command, environment = stranger.process("submit", "-h")
    heavy = ("httpx", "docker", "numpy", "h5py", "rich", "yaml", "torch", "django")
    code = (
        "import sys; from assay_kit.main import execute; execute(['submit', '-h']);"
        f"sys.stderr.write(', '.join(name for name in {heavy!r} if name in sys.modules))"
    )
    done = subprocess.run([command[0], "-c", code], env=environment, capture_output=True, text=True, check=False)

    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        (["board", "test", "--json"], ["--json", "board", "test"]),
        (["status", "--timeout", "5", "4F7Q", "-q"], ["--timeout", "5", "-q", "status", "4F7Q"]),
        (["phases", "--site=https://a.example", "-qv"], ["--site=https://a.example", "-qv", "phases"]),
        (["show", "--", "--json"], ["show", "--", "--json"]),
        (["dataset", "import", "--version", "1"], ["dataset", "import", "--version", "1"]),
        (["phases", "--site"], ["--site", "phases"]),
    ],
)
def test_global_options_may_stand_anywhere(typed: list[str], understood: list[str]) -> None:
    assert hoist(typed) == understood
