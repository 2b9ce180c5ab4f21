"""Memory of a running container as the kernel counts it, cgroup v1 or v2: the engine's API tells no peak on v2."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")


@dataclass(frozen=True, kw_only=True)
class MemoryReading:
    """Bytes, page cache and tmpfs included; `kills` is how many processes the kernel killed at the limit."""

    used: int
    peak: int | None
    kills: int


@dataclass(frozen=True, kw_only=True)
class MemoryGroup:
    """The files of one container's memory cgroup."""

    folder: Path
    unified: bool

    def read(self) -> MemoryReading | None:
        """What they say now; None when the container is gone."""
        try:
            if self.unified:
                used = int((self.folder / "memory.current").read_text())
                peak = self.folder / "memory.peak"  # kernels before 5.19 have none
                kills = _field(self.folder / "memory.events", name="oom_kill")
                return MemoryReading(used=used, peak=int(peak.read_text()) if peak.exists() else None, kills=kills)
            used = int((self.folder / "memory.usage_in_bytes").read_text())
            highest = int((self.folder / "memory.max_usage_in_bytes").read_text())
            kills = _field(self.folder / "memory.oom_control", name="oom_kill")
            return MemoryReading(used=used, peak=highest, kills=kills)
        except OSError:
            return None

    def processes(self) -> list[int]:
        """Ids of its processes, as they are told here; empty when the container is gone."""
        try:
            return [int(line) for line in (self.folder / "cgroup.procs").read_text().split()]
        except OSError:
            return []


def memory_group(*, pid: int, container: str, proc: Path = Path("/proc"), root: Path = _ROOT) -> MemoryGroup | None:
    """The memory cgroup of the process `pid`, or None where it cannot be seen, as from inside another container.

    container: its id, which must stand in the cgroup's path: with another pid namespace the number means another process.
    """
    try:
        lines = (proc / str(pid) / "cgroup").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if container not in path:
            continue
        unified = controllers == ""
        if unified or "memory" in controllers.split(","):
            folder = (root if unified else root / "memory") / path.lstrip("/")
            if (folder / ("memory.current" if unified else "memory.usage_in_bytes")).exists():
                return MemoryGroup(folder=folder, unified=unified)
    return None


def _field(path: Path, *, name: str) -> int:
    for line in path.read_text().splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0
