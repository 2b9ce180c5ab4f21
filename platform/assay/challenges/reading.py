"""Reads a challenge file for the site: what is wrong becomes a refusal."""

from __future__ import annotations

from assay.challenges.errors import ChallengeFileRefused
from assay.challenges.plan import ChallengePlan, read_plan
from assay.challenges.problems import FileFaults


def read_file(*, text: str, filename: str) -> ChallengePlan:
    """Parse and check a challenge file. Raises ChallengeFileRefused naming every mistake with line, column and fix."""
    try:
        return read_plan(text)
    except FileFaults as faults:
        raise ChallengeFileRefused(filename=filename, problems=faults.problems) from faults
