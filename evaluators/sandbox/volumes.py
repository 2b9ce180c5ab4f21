"""/output of one run: capped by the kernel in bytes and inodes, as a tmpfs volume or as an ext4 file on a loop device."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import docker
import docker.errors

from evaluators.contract.limits import Limits
from evaluators.sandbox.connection import LABEL_WORKER, engine_errors, labels_of, new_name, owner_of, run_cli
from evaluators.sandbox.errors import EngineFailure
from evaluators.sandbox.interface import ObjectKind, OwnedObject, Owner, Role

_MEBI = 2**20
#: ext4's own inodes, besides those a container may use
_EXT4_INODES = 16


class Volumes:
    """Makes and removes them. Files behind loop devices lie in one folder of the worker, each beside a note of its owner."""

    def __init__(self, *, client: docker.DockerClient, loops: Path) -> None:
        """loops: a folder on the host's disk, at the same path for worker and engine."""
        self._client = client
        self._loops = loops

    def create(self, *, owner: Owner, limits: Limits) -> str:
        """The name of a fresh, empty volume. Raises EngineFailure."""
        name = new_name(owner, role=Role.OUTPUT)
        try:
            self._create(name=name, owner=owner, limits=limits)
        except EngineFailure:
            self.remove(name=name)
            raise
        return name

    def remove(self, *, name: str) -> None:
        """The volume and, where there is one, its loop device and file; gone already is fine. Raises EngineFailure."""
        with engine_errors("removing /output"), suppress(docker.errors.NotFound):
            self._client.api.remove_volume(name, force=True)
        self.remove_loop(image=self._loops / f"{name}.ext4")

    def remove_loop(self, *, image: Path) -> None:
        """Detach every loop device of a file, then delete the file. Raises EngineFailure."""
        if image.exists():
            for device in _devices_of(image):
                run_cli(["losetup", "--detach", device], doing="detaching a loop device")
            image.unlink(missing_ok=True)
        image.with_suffix(".json").unlink(missing_ok=True)

    def owned(self, *, worker: str) -> Iterator[OwnedObject]:
        """Volumes first, then loop devices, also those whose volume was never made."""
        with engine_errors("listing volumes"):
            volumes = self._client.volumes.list(filters={"label": f"{LABEL_WORKER}={worker}"})
        for volume in volumes:
            labels = volume.attrs.get("Labels") or {}
            if owner := owner_of(labels):
                yield OwnedObject(kind=ObjectKind.VOLUME, identity=volume.name, role=Role.OUTPUT, owner=owner)
        for note in sorted(self._loops.glob("*.json")):
            owner = Owner(**json.loads(note.read_text()))
            if owner.worker == worker:
                image = note.with_suffix(".ext4")
                yield OwnedObject(kind=ObjectKind.LOOP, identity=str(image), role=Role.OUTPUT, owner=owner)

    def _create(self, *, name: str, owner: Owner, limits: Limits) -> None:
        if limits.output_in_memory:
            options = {"type": "tmpfs", "device": "tmpfs", "o": _tmpfs_options(limits)}
        else:
            device = self._loop_device(name=name, owner=owner, limits=limits)
            options = {"type": "ext4", "device": device, "o": "nodev,nosuid,noexec"}
        with engine_errors("creating /output"):
            self._client.volumes.create(
                name=name, driver="local", driver_opts=options, labels=labels_of(owner, role=Role.OUTPUT)
            )

    def _loop_device(self, *, name: str, owner: Owner, limits: Limits) -> str:
        self._loops.mkdir(parents=True, exist_ok=True)
        image = self._loops / f"{name}.ext4"
        inodes = limits.output_files + _EXT4_INODES
        # the file system's own tables must not be taken from what the phase promises
        size = limits.output + inodes * 256 + limits.output // 50 + 16 * _MEBI
        size += -size % _MEBI
        if shutil.disk_usage(self._loops).free < size + limits.output:
            raise EngineFailure(f"not enough disk under {self._loops} for /output and its copy")
        # the note is first: a file without one would never be found again
        image.with_suffix(".json").write_text(json.dumps(asdict(owner)))
        with engine_errors("making a file for /output"), image.open("xb") as handle:
            os.truncate(handle.fileno(), size)
        uid = limits.uid
        options = f"root_owner={uid}:{uid},lazy_itable_init=0"
        make = ["mkfs.ext4", "-q", "-F", "-m", "0", "-O", "^has_journal", "-N", str(inodes), "-E", options, str(image)]
        run_cli(make, doing="making /output (are e2fsprogs installed?)")
        # a container that lists its own /output should find it empty
        run_cli(["debugfs", "-w", "-R", "rmdir lost+found", str(image)], doing="emptying /output")
        return run_cli(
            ["losetup", "--find", "--show", "--nooverlap", str(image)], doing="attaching a loop device (root?)"
        )


def _tmpfs_options(limits: Limits) -> str:
    # the volume's own root counts as one inode
    inodes = limits.output_files + 1
    return f"size={limits.output},nr_inodes={inodes},uid={limits.uid},gid={limits.uid},mode=0755,nodev,nosuid,noexec"


def _devices_of(image: Path) -> list[str]:
    listed = run_cli(["losetup", "--associated", str(image), "--noheadings", "--output", "NAME"], doing="losetup")
    return listed.split()
