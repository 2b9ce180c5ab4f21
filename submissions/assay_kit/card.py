"""The method card: what a method is, in the team's words, as a small YAML file of questions and answers."""

from __future__ import annotations

from pathlib import Path

import yaml

from assay_kit.errors import WrongUsage


def read_card(path: Path) -> dict[str, str]:
    """Question -> answer, both text. Numbers and yes/no are taken as written. Raises WrongUsage."""
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
