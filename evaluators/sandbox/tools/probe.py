"""Tells what a sealed-off container sees of its own walls; the body of `python -m evaluators.sandbox.self_check`."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any


def probe(*, output: Path) -> dict[str, Any]:
    """Facts, each under the name that self_check judges it by."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    mounts = {row.split()[1]: row.split()[3] for row in Path("/proc/self/mounts").read_text().splitlines()}
    fill = os.statvfs(output)
    return {
        "uid": os.getuid(),
        "gid": os.getgid(),
        "groups": sorted(os.getgroups()),
        "capabilities": int(status["CapEff"], 16) | int(status["CapPrm"], 16) | int(status["CapBnd"], 16),
        "no_new_privileges": status["NoNewPrivs"].strip() == "1",
        "seccomp": status["Seccomp"].strip() == "2",
        "interfaces": sorted(name for _, name in socket.if_nameindex()),
        "reaches_network": _reaches_network(),
        "writable": sorted(path for path in ("/", "/etc", "/input", "/output", "/tmp", "/dev/shm") if _writable(path)),
        "output_options": sorted(mounts.get(str(output), "").split(",")),
        "output_bytes": fill.f_blocks * fill.f_frsize,
        "output_entries": sorted(entry.name for entry in output.iterdir()),
        "devices": sorted(entry.name for entry in Path("/dev").iterdir() if entry.is_block_device()),
        "environment": {key: os.environ.get(key, "") for key in ("HOME", "USER", "LOGNAME")},
        "first_process": Path("/proc/1/comm").read_text().strip(),
        "engine_socket": Path("/var/run/docker.sock").exists(),
    }


def _reaches_network() -> bool:
    try:
        # a documentation address: nothing answers, but a route would let the datagram leave
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe_socket:
            probe_socket.sendto(b"", ("192.0.2.1", 9))
    except OSError:
        return False
    return True


def _writable(folder: str) -> bool:
    path = Path(folder) / "probe.part"
    try:
        path.write_bytes(b"1")
        path.unlink()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    facts = probe(output=Path("/output"))
    Path("/output/probe.json").write_text(json.dumps(facts))
