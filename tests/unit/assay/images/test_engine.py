"""An archive as the real engine of this machine saves it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from assay.images.archive import inspect_archive
from tests.unit.assay.samples import layer

pytestmark = pytest.mark.engine


def _docker(*words: str, given: bytes | None = None) -> str:
    done = subprocess.run(["docker", *words], input=given, capture_output=True, check=True, timeout=120)
    return done.stdout.decode().strip()


@pytest.fixture
def image() -> Iterator[str]:
    """The id of a tiny image with two tags."""
    name = f"assay-test-{uuid4().hex[:12]}"
    found = _docker("import", "--change", 'ENTRYPOINT ["/app/run"]', "-", f"{name}:one", given=layer())
    _docker("tag", found, f"{name}:two")
    yield found.removeprefix("sha256:")
    _docker("rmi", f"{name}:one", f"{name}:two")


def test_what_docker_save_writes_passes_under_the_engines_own_id(image: str, tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    _docker("save", "--output", str(path), image)

    found = inspect_archive(path, config_digest=image, max_unpacked=2**20)
    assert found.unpacked_bytes == len(layer())
