"""How a verb joins the command: its help starts with examples, and global options work before and after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import typer

Verb = TypeVar("Verb", bound=Callable[..., Any])

GLOBALS = "Everywhere: --site --json -q -v --no-input --no-color --timeout --token-stdin (see assay -h)"
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}

#: what may stand after the verb as well; --version and --help are left out, some verbs have their own
FLAGS = frozenset({"--json", "-q", "--quiet", "-v", "--verbose", "--no-input", "--no-color", "--token-stdin"})
VALUED = frozenset({"--site", "--timeout"})
_SHORT = frozenset(flag[1] for flag in FLAGS if len(flag) == 2)


def new_app(*, help: str = "") -> typer.Typer:  # noqa: A002
    """An empty group. Plain help: no ANSI, and nothing heavy to load."""
    return typer.Typer(
        help=help or None,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=CONTEXT,
    )


def verb(app: typer.Typer, name: str, *, examples: Sequence[str]) -> Callable[[Verb], Verb]:
    """Register a function under `name`. Its docstring explains it; `examples` are shown before."""

    def register(function: Verb) -> Verb:
        words = " ".join((function.__doc__ or "").split())
        # \b keeps the formatter from joining the lines of a paragraph
        text = "\b\nExamples:\n" + "\n".join(f"  {example}" for example in examples) + f"\n\n{words}"
        short = words.partition(". ")[0].rstrip(".") + "."
        app.command(name, help=text, short_help=short, epilog=GLOBALS)(function)
        return function

    return register


def hoist(arguments: Sequence[str]) -> list[str]:
    """Move global options to the front, where the parser expects them. Nothing behind `--` is touched."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        name, equals, _ = word.partition("=")
        if word == "--":
            rest += [word, *words]
        elif word in FLAGS or (name in VALUED and equals) or _is_bundle(word):
            front.append(word)
        elif word in VALUED:
            front += [word, *([value] if (value := next(words, None)) is not None else [])]
        else:
            rest.append(word)
    return front + rest


def _is_bundle(word: str) -> bool:
    return len(word) > 2 and word[0] == "-" and set(word[1:]) <= _SHORT
