"""What a killed worker leaves in the engine, found again by its labels."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import docker

from evaluators.sandbox.connection import LABEL_ROLE, LABEL_WORKER, engine_errors, owner_of, remove_container
from evaluators.sandbox.interface import ObjectKind, OwnedObject
from evaluators.sandbox.volumes import Volumes


def owned(*, client: docker.DockerClient, volumes: Volumes, worker: str) -> list[OwnedObject]:
    """Containers first: a volume can only go when nothing mounts it any more."""
    with engine_errors("listing containers"):
        rows = client.api.containers(all=True, filters={"label": f"{LABEL_WORKER}={worker}"})
    containers = [
        OwnedObject(kind=ObjectKind.CONTAINER, identity=row["Id"], role=row["Labels"].get(LABEL_ROLE, ""), owner=owner)
        for row in rows
        if (owner := owner_of(row["Labels"]))
    ]
    return [*containers, *volumes.owned(worker=worker)]


def remove(*, client: docker.DockerClient, volumes: Volumes, objects: Iterable[OwnedObject]) -> None:
    """In the order containers, volumes, loop devices. Raises EngineFailure."""
    order = list(ObjectKind)
    for thing in sorted(objects, key=lambda thing: order.index(thing.kind)):
        match thing.kind:
            case ObjectKind.CONTAINER:
                remove_container(client, thing.identity)
            case ObjectKind.VOLUME:
                volumes.remove(name=thing.identity)
            case ObjectKind.LOOP:
                volumes.remove_loop(image=Path(thing.identity))


def superfluous(*, objects: Iterable[OwnedObject], keep: Collection[tuple[str, int]], now: int) -> list[OwnedObject]:
    """Those past their deadline or of an (evaluation, attempt) that nobody works on."""
    return [
        thing
        for thing in objects
        if now > thing.owner.deadline or (thing.owner.evaluation, thing.owner.attempt) not in keep
    ]
