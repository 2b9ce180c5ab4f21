"""The flags that options of metrics become, read from the catalogue's text: help must load neither pydantic nor a metric."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from evaluators import contract

Verb = TypeVar("Verb", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Flag:
    """One option, shared by every metric that has an option of this name."""

    #: as a metric's spec writes it
    name: str
    help: str

    @property
    def typed(self) -> str:
        """As a person types it."""
        return f"--{self.name.replace('_', '-')}"


def known_flags() -> tuple[Flag, ...]:
    """One flag for every option of a metric, or of the task kinds that serve it, by name."""
    told: dict[str, dict[str, list[str]]] = {}
    for metric, option, values in _options(json.loads(_catalogue_text())):
        told.setdefault(option, {}).setdefault(values, []).append(metric)
    return tuple(Flag(name=name, help=_sentence(told[name])) for name in sorted(told))


def with_flags(function: Verb) -> Verb:
    """`function(..., **options)` with each flag as a parameter of its own, so that the parser knows and explains it."""
    signature = inspect.signature(function, eval_str=True)
    named = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    flags = [
        inspect.Parameter(
            flag.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[str | None, typer.Option(flag.typed, metavar="VALUE", help=flag.help)],
        )
        for flag in known_flags()
        if flag.name not in signature.parameters
    ]
    function.__signature__ = signature.replace(parameters=[*named, *flags])  # type: ignore[attr-defined]
    return function


def _catalogue_text() -> str:
    return Path(str(contract.__file__)).with_name("catalogue.json").read_text(encoding="utf-8")


def _options(catalogue: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(metric, option, its values in words)."""
    for key, spec in catalogue["metrics"].items():
        for name, option in spec["options"].items():
            yield key, name, "|".join(option["values"]) if "values" in option else f"a number in {option['unit']}"
    for kind in catalogue["kinds"].values():
        for key in kind["metrics"]:
            if catalogue["metrics"][key]["family"] == "volume":
                continue
            for name in kind["takes"].get(key, kind["options"]):
                yield key, name, "|".join(kind["options"][name]["values"])


def _sentence(values: Mapping[str, list[str]]) -> str:
    return "; ".join(f"{', '.join(dict.fromkeys(metrics))}: {written}" for written, metrics in values.items()) + "."
