"""Reads and clones challenge files on this machine, by the same code as the site."""

from __future__ import annotations

import re
from datetime import date

from assay.challenges.clone import clone_file
from assay.challenges.edit import CannotEdit
from assay.challenges.marked_yaml import YamlProblem
from assay.challenges.plan import read_plan
from assay.challenges.problems import FileFaults
from assay_kit.errors import AnswerIsNo, WrongUsage
from evaluators.contract.api import SLUG
from evaluators.contract.challenge_files import FileProblem


def problems_in(text: str) -> list[FileProblem]:
    """What is wrong with the file by itself, in its order."""
    try:
        read_plan(text)
    except FileFaults as faults:
        return [
            FileProblem(line=each.at.line, column=each.at.column, message=each.message, fix=each.fix)
            for each in faults.problems
        ]
    return []


def cloned(text: str, *, name: str, start: date | None, title: str, site: str) -> str:
    """See `clone_file`. Raises WrongUsage (the name), AnswerIsNo (the file cannot be cloned)."""
    if not re.fullmatch(SLUG, name) or len(name) > 80:
        raise WrongUsage(f"--as {name} is no address; use small letters and digits, with single hyphens between words")
    try:
        return clone_file(text, name=name, start=start, title=title, site=site)
    except YamlProblem as problem:
        raise AnswerIsNo(
            f"line {problem.at.line}: {problem.message}", code="CHALLENGE_FILE", next=problem.fix
        ) from problem
    except (CannotEdit, KeyError, TypeError, ValueError) as error:
        raise AnswerIsNo(
            f"this file cannot be cloned: {error}",
            code="CHALLENGE_FILE",
            next="assay challenge lint names its mistakes",
        ) from error
