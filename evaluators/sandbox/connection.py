"""One connection to the engine: SDK client, command line, labels, and the translation of its errors."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import docker
import docker.errors
import requests

from evaluators.sandbox.errors import EngineFailure
from evaluators.sandbox.interface import Owner, Role

#: seconds that one call to the engine may take
CALL_TIMEOUT = 120
LABEL_WORKER = "assay.worker"
LABEL_EVALUATION = "assay.evaluation"
LABEL_ATTEMPT = "assay.attempt"
LABEL_DEADLINE = "assay.deadline"
LABEL_ROLE = "assay.role"


def connect() -> docker.DockerClient:
    """A client of the engine that DOCKER_HOST names, or of the local one. Raises EngineFailure."""
    try:
        return docker.from_env(timeout=CALL_TIMEOUT)
    except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
        raise EngineFailure("no Docker Engine answers: run compose/engine.sh, or set DOCKER_HOST") from error


@contextmanager
def engine_errors(doing: str) -> Iterator[None]:
    """Whatever the engine answers wrongly while `doing` becomes an EngineFailure that says so."""
    try:
        yield
    except docker.errors.APIError as error:
        raise EngineFailure(f"{doing}: {error.explanation or error}") from error
    except (docker.errors.DockerException, requests.exceptions.RequestException, OSError) as error:
        raise EngineFailure(f"{doing}: {error}") from error


def run_cli(argv: Sequence[str], *, doing: str) -> str:
    """stdout of a command line, stripped. Raises EngineFailure with the end of its stderr."""
    # the same engine as the SDK's: a `docker context` of the user must not send the run elsewhere
    environment = {**os.environ, **({} if "DOCKER_HOST" in os.environ else {"DOCKER_CONTEXT": "default"})}
    try:
        done = subprocess.run(argv, capture_output=True, text=True, env=environment, timeout=CALL_TIMEOUT, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineFailure(f"{doing}: {error}") from error
    if done.returncode:
        raise EngineFailure(f"{doing}: {done.stderr.strip()[-300:]}")
    return done.stdout.strip()


def labels_of(owner: Owner, *, role: Role) -> dict[str, str]:
    """The labels that every object of ours carries. They override labels that an image brings along."""
    return {
        LABEL_WORKER: owner.worker,
        LABEL_EVALUATION: owner.evaluation,
        LABEL_ATTEMPT: str(owner.attempt),
        LABEL_DEADLINE: str(owner.deadline),
        LABEL_ROLE: role,
    }


def owner_of(labels: Mapping[str, str]) -> Owner | None:
    """The owner written on an object; None when the labels are not ours or not whole."""
    try:
        return Owner(
            worker=labels[LABEL_WORKER],
            evaluation=labels[LABEL_EVALUATION],
            attempt=int(labels[LABEL_ATTEMPT]),
            deadline=int(labels[LABEL_DEADLINE]),
        )
    except (KeyError, ValueError):
        return None


def new_name(owner: Owner, *, role: Role) -> str:
    """A fresh object name that a person at the console can place."""
    evaluation = re.sub(r"[^A-Za-z0-9]", "", owner.evaluation)[:24]
    return f"assay-{evaluation}-{owner.attempt}-{role}-{secrets.token_hex(4)}"


def remove_container(client: docker.DockerClient, identity: str) -> None:
    """Kill and remove it with its anonymous volumes; gone already is fine. Raises EngineFailure."""
    with engine_errors("removing a container"):
        try:
            client.api.remove_container(identity, force=True, v=True)
        except docker.errors.NotFound:
            return
        except docker.errors.APIError as error:
            if error.status_code != 409:  # its removal is in progress
                raise


def inspect_state(client: docker.DockerClient, identity: str) -> dict[str, Any]:
    """The engine's State of a container. Raises EngineFailure, also when somebody removed it."""
    with engine_errors("looking at a container"):
        state: dict[str, Any] = client.api.inspect_container(identity)["State"]
    return state
