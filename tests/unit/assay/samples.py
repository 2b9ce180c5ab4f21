"""Small true-to-form things that tests send: image archives, dataset manifests, the library's challenge file."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import assay.challenges
from assay.accounts.models import User
from assay.datasets import services
from assay.datasets.models import Dataset
from assay.images.composed import compose
from assay.images.store import Staging
from evaluators.contract.datasets import CaseManifest, DatasetManifest, FileRef

LIBRARY = Path(assay.challenges.__file__).parent / "library"
CHALLENGE = (LIBRARY / "cine-demo.yaml").read_text()


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A `docker save` archive and the image id that it holds."""

    content: bytes
    config_digest: str


def sha256(content: bytes) -> str:
    """Hex digest."""
    return hashlib.sha256(content).hexdigest()


def tar_of(members: Mapping[str, bytes], *, links: Mapping[str, str] | None = None) -> bytes:
    """A tar of these files, then these symbolic links, in this order."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type = tarfile.SYMTYPE
            info.linkname = target
            tar.addfile(info)
    return buffer.getvalue()


def members_of(archive: Archive) -> dict[str, bytes]:
    """Name -> content, of an archive of plain files."""
    members: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(archive.content)) as tar:
        for info in tar:
            file = tar.extractfile(info)
            assert file is not None
            members[info.name] = file.read()
    return members


def layer(text: str = "hello") -> bytes:
    """A layer with one file."""
    return tar_of({"app/run": text.encode()})


def config_of(*layers: bytes, **changes: Any) -> bytes:
    """An image config over these (unpacked) layers."""
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": ["/app/run"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{sha256(content)}" for content in layers]},
    }
    return json.dumps(config | changes).encode()


def docker_archive(*layers: bytes, config: bytes | None = None, **more: bytes) -> Archive:
    """The layout that Docker Engine writes before version 25."""
    layers = layers or (layer(),)
    config = config or config_of(*layers)
    digest = sha256(config)
    paths = [f"{sha256(content)}/layer.tar" for content in layers]
    manifest = [{"Config": f"{digest}.json", "RepoTags": ["mine:latest"], "Layers": paths}]
    members = {f"{digest}.json": config, "manifest.json": json.dumps(manifest).encode(), "repositories": b"{}"}
    return Archive(content=tar_of(members | dict(zip(paths, layers, strict=True)) | more), config_digest=digest)


def keep(archive: Archive) -> None:
    """Put the image's layers and config where the site keeps them, without a team."""
    with tarfile.open(fileobj=io.BytesIO(archive.content)) as tar, Staging() as staging:
        for member in tar:
            content = tar.extractfile(member)
            assert content is not None
            body = content.read()
            staging.take(sha256(body), [body])
        staging.settle()


def fetched(archive: Archive) -> bytes:
    """The archive of this image as a worker fetches it."""
    return b"".join(compose(archive.config_digest).chunks())


def oci_archive(*stored: bytes, config: bytes, attested: bool = False, nested: bool = False) -> Archive:
    """An OCI layout without Docker's manifest. stored: the layers as they lie in the archive, plain or compressed."""
    blobs: dict[str, bytes] = {}

    def put(content: bytes) -> str:
        blobs[f"blobs/sha256/{sha256(content)}"] = content
        return f"sha256:{sha256(content)}"

    manifest = {"config": {"digest": put(config)}, "layers": [{"digest": put(content)} for content in stored]}
    entries: list[dict[str, Any]] = [{"digest": put(json.dumps(manifest).encode())}]
    if attested:
        note = {"vnd.docker.reference.type": "attestation-manifest"}
        entries.append({"digest": put(b"{}"), "annotations": note})
    if nested:
        entries = [{"digest": put(json.dumps({"manifests": entries}).encode())}]
    index = json.dumps({"manifests": entries}).encode()
    members = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": index}
    return Archive(content=tar_of(members | blobs), config_digest=sha256(config))


def dataset_manifest(
    *, subjects: int = 2, public: bool = False, given_out: bool = False
) -> tuple[DatasetManifest, dict[str, bytes]]:
    """The cine layout with files of a few bytes: 6 cases a subject, the last subject `real`. Gives the blobs by hash."""
    blobs: dict[str, bytes] = {}

    def put(path: str, content: str) -> FileRef:
        digest = sha256(content.encode())
        blobs[digest] = content.encode()
        return FileRef(path=path, sha256=digest, size=len(content))

    cases: list[CaseManifest] = []
    for subject in range(1, subjects + 1):
        for af in (4, 8, 10):
            for view in ("sax", "lax"):
                number = len(cases) + 1
                folder = f"MultiCoil/Cine/TestSet/AccFactor{af:02d}/{{name}}"
                who = f"{subject} {af} {view} public={public}"
                cases.append(
                    CaseManifest(
                        label=f"case {number:02d}",
                        unit=f"P{subject:03d}",
                        group=f"P{subject:03d}/AccFactor{af:02d}",
                        strata={
                            "af": str(af),
                            "view": view,
                            "anatomy": "real" if subject == subjects > 1 else "phantom",
                        },
                        inputs=(
                            put(f"{folder}/cine_{view}.mat", f"k-space {who}"),
                            put(f"{folder}/cine_{view}_mask.mat", f"mask {who}"),
                        ),
                        references=(put(f"case-{number:02d}.npy", f"reference {who}"),),
                        shape=(96, 72, 2, 8),
                        given_as=f"P{subject:03d}" if given_out else None,
                    )
                )
    visibility = "public" if public else "hidden"
    return DatasetManifest(layout="cmrxrecon-2023", visibility=visibility, cases=tuple(cases)), blobs


def upload_dataset(
    *,
    owner: User,
    name: str,
    version: int,
    subjects: int,
    public: bool,
    now: datetime,
    layout: str = "cmrxrecon-2023",
    given_out: bool = False,
) -> Dataset:
    """Open, send, seal: as an organiser does."""
    manifest, blobs = dataset_manifest(subjects=subjects, public=public, given_out=given_out)
    manifest = manifest.model_copy(update={"layout": layout})
    draft = services.open_draft(actor=owner, name=name, version=version, now=now)
    for digest, content in blobs.items():
        services.store_blob(actor=owner, dataset=draft, sha256=digest, chunks=[content], now=now)
    return services.seal(actor=owner, dataset=draft, manifest=manifest, now=now)
