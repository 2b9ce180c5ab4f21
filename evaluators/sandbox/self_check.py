"""The conformance list: what must hold inside any engine that runs submissions. `python -m evaluators.sandbox.self_check`."""

from __future__ import annotations

import io
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import docker

from evaluators.contract.limits import Limits, RunUser
from evaluators.sandbox.connection import engine_errors
from evaluators.sandbox.docker_sandbox import TOOLS_IMAGE, DockerSandbox
from evaluators.sandbox.errors import EngineFailure
from evaluators.sandbox.interface import ImageInfo, Owner, RunRequest, Sandbox

PROBE_IMAGE = "assay/probe:latest"
_REPORT = "probe.json"
_MIB = 2**20

Seen = Mapping[str, Any]
#: sentence -> whether it holds, given what the probe saw and the limits that it ran under
CHECKS: Mapping[str, Callable[[Seen, Limits], bool]] = MappingProxyType(
    {
        "runs as the user that the phase names": lambda seen, limits: seen["uid"] == seen["gid"] == limits.uid,
        "holds no capability and can gain none": lambda seen, _: seen["capabilities"] == 0,
        "cannot gain privileges by setuid": lambda seen, _: bool(seen["no_new_privileges"]),
        "system calls are filtered": lambda seen, _: bool(seen["seccomp"]),
        "has loopback and nothing else": lambda seen, _: seen["interfaces"] == ["lo"],
        "has no route out": lambda seen, _: not seen["reaches_network"],
        "writes to /output, /tmp and /dev/shm alone": lambda seen, _: (
            seen["writable"] == ["/dev/shm", "/output", "/tmp"]
        ),
        "/output holds no devices, no setuid files and no programs": lambda seen, _: (
            {"nodev", "nosuid", "noexec"} <= set(seen["output_options"])
        ),
        "/output is as large as promised, and capped": lambda seen, limits: (
            0.98 * limits.output <= seen["output_bytes"] <= 1.05 * limits.output + 64 * _MIB
        ),
        "/output is empty at the start": lambda seen, _: seen["output_entries"] == [],
        "sees no disk of the host": lambda seen, _: seen["devices"] == [],
        "has a home and a user name": lambda seen, _: (
            seen["environment"] == {"HOME": "/tmp", "USER": "team", "LOGNAME": "team"}
        ),
        "orphans are reaped by an init": lambda seen, _: "init" in seen["first_process"],
        "cannot talk to the engine": lambda seen, _: not seen["engine_socket"],
    }
)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of the report."""

    sentence: str
    holds: bool


def self_check(*, sandbox: Sandbox, image: ImageInfo, limits: Limits, scratch: Path) -> list[Finding]:
    """Run the probe once and judge what it saw. scratch: an empty folder. Raises EngineFailure when it did not run."""
    owner = Owner(
        worker=f"self-check-{scratch.name}", evaluation="self-check", attempt=1, deadline=int(time.time()) + 600
    )
    inputs, store = scratch / "input", scratch / "store"
    inputs.mkdir()
    store.mkdir(mode=0o700)
    with sandbox.output_volume(owner=owner, limits=limits) as output:
        request = RunRequest(
            image=image, limits=limits, input_folder=inputs, output=output, expected=[_REPORT], log_bytes=2000
        )
        outcome = sandbox.run(owner=owner, request=request)
        copied = sandbox.archive(owner=owner, output=output, expected=[_REPORT], store=store, max_file_bytes=_MIB)
    if _REPORT not in copied.files:
        raise EngineFailure(f"the probe left no report (exit code {outcome.exit_code}): {outcome.log[-300:]}")
    seen = json.loads((store / copied.files[_REPORT].sha256).read_bytes())
    return [Finding(sentence=sentence, holds=check(seen, limits)) for sentence, check in CHECKS.items()]


def build_probe(*, sandbox: Sandbox, tools_image: str = TOOLS_IMAGE) -> ImageInfo:
    """assay/tools with the probe as its command. Raises EngineFailure."""
    dockerfile = f'FROM {tools_image}\nENTRYPOINT ["python3", "-m", "evaluators.sandbox.tools.probe"]\n'
    with engine_errors("building the probe"):
        docker.from_env().images.build(fileobj=io.BytesIO(dockerfile.encode()), tag=PROBE_IMAGE, rm=True)
    return sandbox.own_image(name=PROBE_IMAGE)


def main() -> int:
    """Exit code 0 when everything holds for both users."""
    good = True
    with tempfile.TemporaryDirectory(prefix="assay-self-check-") as folder:
        sandbox = DockerSandbox(work_root=Path(folder))
        image = build_probe(sandbox=sandbox)
        for user in RunUser:
            sys.stdout.write(f"{user}\n")
            scratch = Path(folder) / user
            scratch.mkdir()
            limits = Limits(user=user, memory=256 * _MIB, output=32 * _MIB, time=60)
            for finding in self_check(sandbox=sandbox, image=image, limits=limits, scratch=scratch):
                sys.stdout.write(f"  {'ok  ' if finding.holds else 'FAIL'} {finding.sentence}\n")
                good = good and finding.holds
        sandbox.close()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
