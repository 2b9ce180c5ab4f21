"""The scorer's image writes the perfect answer of every case: a container of ours without a network, which reads references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import docker
from docker.types import Mount

from evaluators.sandbox.archiving import archive_of, store_mount
from evaluators.sandbox.errors import EngineFailure
from evaluators.sandbox.interface import Archive, ImageInfo, Owner, Role, ScorerLimits
from evaluators.sandbox.ours import ask_new_container

_COMMAND = ["python3", "-m", "evaluators.rehearsal"]
#: seconds for its start, and for a case
_START, _CASE = 120.0, 30.0


def rehearse(
    *,
    client: docker.DockerClient,
    owner: Owner,
    image: ImageInfo,
    question: Mapping[str, Any],
    expected: Sequence[str],
    references: Path,
    store: Path,
) -> Archive:
    """See Sandbox."""
    limits = ScorerLimits()
    answer = ask_new_container(
        client=client,
        owner=owner,
        role=Role.SCORER,
        image=image.reference,
        entrypoint=_COMMAND,
        mounts=[
            Mount(target="/references", source=str(references), type="bind", read_only=True),
            store_mount(store),
        ],
        question=question,
        timeout=_START + _CASE * len(expected),
        memory=limits.memory,
        tmp=limits.tmp,
    )
    if "fault" in answer:
        raise EngineFailure(f"writing the perfect answer: {str(answer['fault'])[:200]}")
    return archive_of(answer, expected=expected, store=store, timed=False)
