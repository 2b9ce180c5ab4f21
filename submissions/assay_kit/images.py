"""The team's own container engine: which image a name means, and its `docker save` stream. Nothing is kept on disk."""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import docker
import docker.errors
import requests

from assay_kit.errors import KitError, NotFound, WrongUsage
from assay_kit.streams import Readable
from assay_kit.suggest import did_you_mean

#: an old engine writes the whole archive before its first byte
_ENGINE_PATIENCE = 1800
_CHUNK = 1 << 20
_EVALUATORS_PLATFORM = "linux/amd64"


class EngineMissing(KitError):
    """No container engine answers here."""

    exit_code = WrongUsage.exit_code
    default_code = "ENGINE_MISSING"


@dataclass(frozen=True, kw_only=True)
class LocalImage:
    """config_digest: 64 hex digits; identity: the engine's own, the same but where it names images by their manifests.
    layers: diff_ids, lowest first, hex.

    size: bytes, unpacked; where the engine counts it otherwise, an estimate.
    """

    name: str
    identity: str
    config_digest: str
    size: int
    platform: str
    exact_size: bool
    layers: tuple[str, ...] = ()


class Engine:
    """The engine behind DOCKER_HOST or the current docker context. Raises EngineMissing."""

    def __init__(self) -> None:
        try:
            self._client: Any = (
                docker.DockerClient(base_url=engine_address(), timeout=_ENGINE_PATIENCE)
                if engine_address()
                else docker.from_env(timeout=_ENGINE_PATIENCE)
            )
            self._info = self._client.info()
        except (docker.errors.DockerException, requests.RequestException) as error:
            raise EngineMissing(
                f"no container engine answers: {error}",
                next="start Docker, or set DOCKER_HOST; `docker info` must work",
            ) from error

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    @property
    def _names_manifests(self) -> bool:
        """Whether image ids are manifest digests here (the containerd image store) and not config digests."""
        return any(
            "io.containerd.snapshotter" in " ".join(map(str, pair)) for pair in self._info.get("DriverStatus") or []
        )

    def inspect(self, name: str) -> LocalImage:
        """Raises NotFound with the nearest name that is there."""
        try:
            facts = self._client.api.inspect_image(name)
        except docker.errors.ImageNotFound as error:
            tags = [tag for image in self._client.images.list() for tag in image.tags]
            near = did_you_mean(name, tags + [tag.partition(":")[0] for tag in tags])
            raise NotFound(
                f"the engine here has no image {name!r}",
                code="IMAGE_UNKNOWN",
                next=near or f"docker build -t {name} .",
            ) from error
        except docker.errors.APIError as error:
            raise WrongUsage(f"the engine refuses {name!r}: {error.explanation}", code="IMAGE_NAME") from error
        identity = str(facts["Id"])
        digest = self._config_digest(identity) if self._names_manifests else identity
        return LocalImage(
            name=name,
            identity=identity.removeprefix("sha256:"),
            config_digest=digest.removeprefix("sha256:"),
            size=max(1, int(facts["Size"])),
            platform=f"{facts.get('Os', '?')}/{facts.get('Architecture', '?')}",
            exact_size=not self._names_manifests,
            layers=tuple(layer.removeprefix("sha256:") for layer in (facts.get("RootFS") or {}).get("Layers") or ()),
        )

    def size_of(self, local: LocalImage, *, layers: Collection[str]) -> int | None:
        """Bytes of these layers of the image, about; None where the engine's history does not tell layer by layer."""
        steps = [int(step["Size"]) for step in reversed(self._client.api.history(local.name)) if step["Size"]]
        if len(steps) != len(local.layers):
            return None
        return sum(size for size, layer in zip(steps, local.layers, strict=True) if layer in layers)

    def _config_digest(self, identity: str) -> str:
        return config_digest_of(self.save(identity))

    def save(self, identity: str) -> Iterator[bytes]:
        """`docker save` of one image, chunk by chunk."""
        try:
            yield from self._client.api.get_image(identity, chunk_size=_CHUNK)
        except (docker.errors.DockerException, requests.RequestException) as error:
            raise EngineMissing(
                f"the engine broke off `docker save`: {error}", code="ENGINE", next="try again"
            ) from error


def platform_warning(image: LocalImage) -> str:
    """What to say of an image that evaluators cannot run; empty: they can."""
    if image.platform == _EVALUATORS_PLATFORM:
        return ""
    return (
        f"warning: {image.name} is built for {image.platform}, evaluators are usually {_EVALUATORS_PLATFORM}: "
        f"docker build --platform {_EVALUATORS_PLATFORM} ."
    )


def engine_address() -> str | None:
    """Host of the current docker context; None where DOCKER_HOST or the default decide."""
    if os.environ.get("DOCKER_HOST"):
        return None
    context: Any = docker.ContextAPI.get_current_context()
    return None if context is None or context.name == "default" else str(context.Host)


def config_digest_of(archive: Iterable[bytes]) -> str:
    """sha256 of the image's config as `manifest.json` names it, read from a `docker save` stream.

    Needed where an engine's own id is the digest of a manifest. Raises WrongUsage for an archive of several images.
    """
    with tarfile.open(fileobj=Readable(archive), mode="r|") as tar:
        for member in tar:
            if member.name.removeprefix("./") != "manifest.json":
                continue
            file = tar.extractfile(member)
            listed = json.loads(file.read()) if file is not None else []
            if len(listed) != 1:
                raise WrongUsage(
                    f"the archive holds {len(listed)} images", next="build for one platform: --platform linux/amd64"
                )
            # blobs/sha256/<digest> in today's archives, <digest>.json in older ones
            return str(listed[0]["Config"]).rsplit("/", 1)[-1].removesuffix(".json")
    raise WrongUsage(
        "the engine's archive has no manifest.json", code="IMAGE_PULL", next="is this an image of containers?"
    )
