"""The Sandbox that drives a Docker Engine. Each verb lives in its own module; this one hands over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import docker

from evaluators.contract.limits import Limits
from evaluators.sandbox import facts, leftovers
from evaluators.sandbox.archiving import archive, unpack
from evaluators.sandbox.connection import connect, remove_container
from evaluators.sandbox.holder import Holder
from evaluators.sandbox.images import Images
from evaluators.sandbox.interface import (
    Archive,
    EngineFacts,
    ImageInfo,
    Observation,
    OutputVolume,
    OwnedObject,
    Owner,
    RunOutcome,
    RunRequest,
    ScorerLimits,
    ScorerSession,
    Talk,
)
from evaluators.sandbox.rehearsing import rehearse
from evaluators.sandbox.running import Run
from evaluators.sandbox.scorer import scorer_session
from evaluators.sandbox.talking import talk
from evaluators.sandbox.volumes import Volumes

TOOLS_IMAGE = "assay/tools:latest"


class DockerSandbox:
    """A Sandbox. One per worker process; not shared between threads."""

    def __init__(self, *, work_root: Path, tools_image: str = TOOLS_IMAGE) -> None:
        """work_root: the worker's folder, at the same path for worker and engine. Raises EngineFailure."""
        self._client: docker.DockerClient = connect()
        self._tools_image = tools_image
        self._volumes = Volumes(client=self._client, loops=work_root / "loops")

    def close(self) -> None:
        """Drop the connection to the engine."""
        self._client.close()

    def facts(self) -> EngineFacts:
        """See Sandbox."""
        return facts.engine_facts(client=self._client)

    def find_image(self, *, config_digest: str) -> ImageInfo | None:
        """See Sandbox."""
        return self._images.find(config_digest=config_digest)

    def own_image(self, *, name: str) -> ImageInfo:
        """See Sandbox."""
        return self._images.own(name=name)

    def load_image(self, *, archive: Iterable[bytes], config_digest: str, limit: int) -> ImageInfo:
        """See Sandbox."""
        return self._images.load(archive=archive, config_digest=config_digest, limit=limit)

    def remove_image(self, *, config_digest: str) -> None:
        """See Sandbox."""
        self._images.remove(config_digest=config_digest)

    @contextmanager
    def output_volume(self, *, owner: Owner, limits: Limits) -> Iterator[OutputVolume]:
        """See Sandbox."""
        name = self._volumes.create(owner=owner, limits=limits)
        try:
            holder = self._holder.start(owner=owner, volume=name)
            try:
                yield OutputVolume(name=name, holder=holder, limits=limits)
            finally:
                remove_container(self._client, holder)
        finally:
            self._volumes.remove(name=name)

    def run(
        self,
        *,
        owner: Owner,
        request: RunRequest,
        observe: Callable[[Observation], None] = lambda _: None,
        every: float = 5.0,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> RunOutcome:
        """See Sandbox."""
        return Run(
            client=self._client,
            holder=self._holder,
            owner=owner,
            request=request,
            observe=observe,
            every=every,
            cancelled=cancelled,
        ).outcome()

    def talk(
        self, *, owner: Owner, request: RunRequest, cancelled: Callable[[], bool] = lambda: False
    ) -> AbstractContextManager[Talk]:
        """See Sandbox."""
        return talk(client=self._client, holder=self._holder, owner=owner, request=request, cancelled=cancelled)

    def archive(
        self, *, owner: Owner, output: OutputVolume, expected: Sequence[str], store: Path, max_file_bytes: int
    ) -> Archive:
        """See Sandbox."""
        return archive(
            client=self._client,
            tools=self._tools,
            owner=owner,
            output=output,
            expected=expected,
            store=store,
            max_file_bytes=max_file_bytes,
        )

    def rehearse(
        self,
        *,
        owner: Owner,
        image: ImageInfo,
        question: Mapping[str, Any],
        expected: Sequence[str],
        references: Path,
        store: Path,
    ) -> Archive:
        """See Sandbox."""
        return rehearse(
            client=self._client,
            owner=owner,
            image=image,
            question=question,
            expected=expected,
            references=references,
            store=store,
        )

    def unpack(self, *, owner: Owner, archive: Path, limits: Limits, expected: Sequence[str], store: Path) -> Archive:
        """See Sandbox."""
        return unpack(
            client=self._client,
            tools=self._tools,
            owner=owner,
            archive=archive,
            limits=limits,
            expected=expected,
            store=store,
        )

    def scorer(
        self, *, owner: Owner, image: ImageInfo, outputs: Path, references: Path, limits: ScorerLimits
    ) -> AbstractContextManager[ScorerSession]:
        """See Sandbox."""
        return scorer_session(
            client=self._client, owner=owner, image=image, outputs=outputs, references=references, limits=limits
        )

    def owned(self, *, worker: str) -> list[OwnedObject]:
        """See Sandbox."""
        return leftovers.owned(client=self._client, volumes=self._volumes, worker=worker)

    def remove(self, *, objects: Iterable[OwnedObject]) -> None:
        """See Sandbox."""
        leftovers.remove(client=self._client, volumes=self._volumes, objects=objects)

    def tidy(self, *, worker: str, keep: Collection[tuple[str, int]], now: int) -> list[OwnedObject]:
        """See Sandbox."""
        gone = leftovers.superfluous(objects=self.owned(worker=worker), keep=keep, now=now)
        self.remove(objects=gone)
        return gone

    @cached_property
    def _images(self) -> Images:
        return Images(client=self._client, architecture=self.facts().architecture)

    @cached_property
    def _tools(self) -> str:
        # by id from now on: a tag could be moved while we work
        return self.own_image(name=self._tools_image).reference

    @cached_property
    def _holder(self) -> Holder:
        return Holder(client=self._client, tools=self._tools)
