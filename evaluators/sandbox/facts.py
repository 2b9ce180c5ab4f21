"""What an engine and its machine are, for claims and for the provenance of results."""

from __future__ import annotations

import subprocess

import docker

from evaluators.sandbox.connection import engine_errors
from evaluators.sandbox.interface import EngineFacts


def engine_facts(*, client: docker.DockerClient) -> EngineFacts:
    """Asked anew at every call. Raises EngineFailure."""
    with engine_errors("asking the engine about itself"):
        info = client.api.info()
    options = tuple(sorted(str(option) for option in info.get("SecurityOptions") or ()))
    uuids, driver = _gpus()
    return EngineFacts(
        engine=str(info["ServerVersion"]),
        kernel=str(info["KernelVersion"]),
        architecture=str(info["Architecture"]),
        storage_driver=str(info["Driver"]),
        cgroup_version=str(info.get("CgroupVersion") or "1"),
        security_options=options,
        cpus=int(info["NCPU"]),
        memory=int(info["MemTotal"]),
        userns_remap=any("name=userns" in option for option in options),
        gpu_uuids=uuids,
        gpu_driver=driver,
    )


def _gpus() -> tuple[tuple[str, ...], str]:
    """UUIDs and the driver's version; empty where there is no NVIDIA driver."""
    query = ["nvidia-smi", "--query-gpu=uuid,driver_version", "--format=csv,noheader"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=30, check=False)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return (), ""
    rows = [row.split(", ") for row in done.stdout.splitlines()] if done.returncode == 0 else []
    return tuple(row[0] for row in rows), rows[0][1] if rows else ""
