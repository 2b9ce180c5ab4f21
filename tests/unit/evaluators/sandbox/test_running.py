"""What happens to volumes that an image declares."""

from __future__ import annotations

from evaluators.contract.docker_line import sandbox_flags
from evaluators.contract.limits import EXTRA_TMPFS_BYTES, Limits
from evaluators.sandbox.running import limits_with_volumes


def test_a_declared_volume_becomes_a_small_tmpfs_and_its_memory_is_granted() -> None:
    limits = Limits()
    widened = limits_with_volumes(limits=limits, volumes=("/data/", "/cache"))
    assert widened.extra_tmpfs == ("/cache", "/data")
    assert widened.engine_memory == limits.engine_memory + 2 * EXTRA_TMPFS_BYTES
    flags = sandbox_flags(limits=widened, input_mount="i", output_mount="o")
    assert sum(flag.startswith(("--tmpfs=/data:", "--tmpfs=/cache:")) for flag in flags) == 2


def test_declaring_input_or_output_changes_nothing() -> None:
    limits = Limits(extra_tmpfs=("/cache",))
    assert limits_with_volumes(limits=limits, volumes=("/input", "/output/", "/tmp", "/cache")) == limits
