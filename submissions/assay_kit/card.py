"""The method card: what a method is, in the team's words, as a small YAML file of questions and answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from assay_kit.errors import WrongUsage
from evaluators.contract.api import PhaseOut
from evaluators.contract.cards import CardProblem, missing_fields, read_card


@dataclass(frozen=True, kw_only=True)
class LocalCard:
    """A card's answers by the schema's keys, and the method's name where the file gives one; empty: it does not."""

    method: str = ""
    answers: dict[str, str]


def read_card_file(path: Path) -> LocalCard:
    """A card as the site takes it. Raises WrongUsage."""
    written = _lines(path)
    method = written.pop("method", "")
    try:
        return LocalCard(method=method, answers=read_card(written))
    except CardProblem as problem:
        raise WrongUsage(f"{path}: {problem}") from problem


def check_complete(card: dict[str, str], *, phase: PhaseOut) -> None:
    """Raises WrongUsage where the phase's task asks for more."""
    if missing := missing_fields(card, required=phase.card_required):
        asked = ", ".join(field.key for field in missing)
        lines = "; ".join(f"`{field.key}: …` ({field.hint})" for field in missing)
        raise WrongUsage(
            f"{phase.address} asks every entry for {asked}", code="CARD_INCOMPLETE", next=f"--card FILE with {lines}"
        )


def _lines(path: Path) -> dict[str, str]:
    """Question -> answer, both text. Numbers and yes/no are taken as written."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - builds text alone
    except FileNotFoundError as error:
        raise WrongUsage(f"there is no file {path}", next="leave --card out, or name the card") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise WrongUsage(f"{path}: {error}") from error
    if document in (None, ""):
        return {}
    if not isinstance(document, dict):
        raise WrongUsage(f"{path} must be a list of `question: answer` lines")
    for key, value in document.items():
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            document[key] = ", ".join(value)
        elif not isinstance(value, str):
            raise WrongUsage(f"{path}: the answer to {key!r} must be text")
    return {str(key): str(value) for key, value in document.items()}
