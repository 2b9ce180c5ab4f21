"""Images in the engine: found by digest, loaded from an untrusted archive, removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import docker
import docker.errors

from evaluators.contract.failures import RunFailure
from evaluators.sandbox.connection import engine_errors
from evaluators.sandbox.errors import EngineFailure, LoadFailure
from evaluators.sandbox.image_archive import ImageArchive
from evaluators.sandbox.interface import ImageInfo

#: the one name under which a submitted image lies in the engine; nobody but us writes it
_REPOSITORY = "assay-submitted/image"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
#: an image with more declared volumes than this is refused: each costs memory of its own
_VOLUMES = 8


class Images:
    """All that is known of an image comes from the engine or from a config whose hash we took."""

    def __init__(self, *, client: docker.DockerClient, architecture: str) -> None:
        """architecture: as the engine names its own, such as x86_64."""
        self._client = client
        self._architecture = _ARCHITECTURES.get(architecture, architecture)

    def find(self, *, config_digest: str) -> ImageInfo | None:
        """By our own name, else by id: an image that was built on this very machine has no name of ours."""
        for reference in (f"{_REPOSITORY}:{config_digest}", f"sha256:{config_digest}"):
            found = self._inspect(reference)
            if found is not None:
                return _info(found, config_digest=config_digest)
        return None

    def own(self, *, name: str) -> ImageInfo:
        """One of ours by its tag. Raises EngineFailure."""
        found = self._inspect(name)
        if found is None:
            raise EngineFailure(f"the image {name} is missing: run `python3 baselines/runtime/build.py`")
        return _info(found, config_digest=str(found["Id"]).removeprefix("sha256:"))

    def layers_there(self, diff_ids: Sequence[str]) -> int:
        """See Sandbox. The engine names a layer by all that is below it, so only a common beginning counts."""
        with engine_errors("listing images"):
            listed = self._client.api.images(quiet=True)
        wanted = [f"sha256:{diff_id}" for diff_id in diff_ids]
        return max((_common(wanted, _layers(self._inspect(found))) for found in set(listed)), default=0)

    def load(self, *, archive: Iterable[bytes], config_digest: str, limit: int, above: int) -> ImageInfo:
        """Stream it in, unless it is there. Raises LoadFailure, EngineFailure; then nothing of it stays."""
        try:
            info = self.find(config_digest=config_digest)
            if info is None:
                info = self._load(archive=archive, config_digest=config_digest, limit=limit, above=above)
            self._judge(info=info, limit=limit)
        except LoadFailure:
            self.remove(config_digest=config_digest)
            raise
        return info

    def remove(self, *, config_digest: str) -> None:
        """Forget our name for it; the engine drops what no other name and no container needs."""
        with engine_errors("removing an image"):
            try:
                self._client.api.remove_image(f"{_REPOSITORY}:{config_digest}")
            except docker.errors.ImageNotFound:
                return
            except docker.errors.APIError as error:
                if error.status_code != 409:  # a container still uses it
                    raise

    def _load(self, *, archive: Iterable[bytes], config_digest: str, limit: int, above: int) -> ImageInfo:
        tag = f"{_REPOSITORY}:{config_digest}"
        filtered = ImageArchive(source=archive, config_digest=config_digest, tag=tag, limit=limit, above=above)
        problem = ""
        with engine_errors("loading an image"):
            # a LoadFailure of the filter breaks the upload off, and the engine drops what it has so far
            for event in self._client.api.load_image(filtered.filtered()):  # type: ignore[no-untyped-call]
                problem = problem or str(event.get("error", ""))
        self._check_architecture(filtered.config)
        info = self.find(config_digest=config_digest)
        if info is None:
            # the engine's words may quote the archive, so the team does not get them; only this one cause is ours
            if "no space left" in problem:
                raise EngineFailure("loading an image: no space left on the engine's disk")
            raise LoadFailure(code=RunFailure.IMAGE_PULL, detail="the engine refused it") from EngineFailure(problem)
        return info

    def _check_architecture(self, config: Mapping[str, Any]) -> None:
        system, architecture = str(config.get("os", "linux")), str(config.get("architecture", ""))
        if (system, architecture) != ("linux", self._architecture):
            raise LoadFailure(
                code=RunFailure.IMAGE_ARCH, detail=f"it is not linux/{self._architecture}, which the evaluators are"
            )

    def _judge(self, *, info: ImageInfo, limit: int) -> None:
        found = self._inspect(info.reference) or {}
        self._check_architecture({"os": found.get("Os"), "architecture": found.get("Architecture")})
        if info.size > limit:
            detail = f"{info.size} bytes unpacked, the phase allows {limit}"
            raise LoadFailure(code=RunFailure.IMAGE_SIZE, detail=detail)
        if len(info.volumes) > _VOLUMES:
            detail = f"it declares {len(info.volumes)} volumes, at most {_VOLUMES} are served"
            raise LoadFailure(code=RunFailure.IMAGE_PULL, detail=detail)

    def _inspect(self, reference: str) -> dict[str, Any] | None:
        with engine_errors("looking for an image"):
            try:
                found: dict[str, Any] = self._client.api.inspect_image(reference)  # type: ignore[no-untyped-call]
            except docker.errors.ImageNotFound:
                return None
        return found


def _layers(found: Mapping[str, Any] | None) -> Sequence[str]:
    return ((found or {}).get("RootFS") or {}).get("Layers") or ()


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the common beginning."""
    return next(
        (at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right),
        min(len(one), len(other)),
    )


def _info(found: Mapping[str, Any], *, config_digest: str) -> ImageInfo:
    config = found.get("Config") or {}
    return ImageInfo(
        reference=str(found["Id"]),
        config_digest=config_digest,
        size=int(found.get("Size") or 0),
        labels=dict(config.get("Labels") or {}),
        volumes=tuple(sorted(config.get("Volumes") or {})),
        has_command=bool(config.get("Entrypoint") or config.get("Cmd")),
    )
