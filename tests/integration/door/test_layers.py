"""A team's second image on the same base: its own layers alone travel, are kept, and make it run."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import docker
import pytest

from tests.integration.door.conftest import HERE, PHASE, SHAPE, TEAM, Door

pytestmark = pytest.mark.engine


def kept(door: Door) -> int:
    """Bytes of the site's image folder."""
    return sum(path.stat().st_size for path in Path(door.stack.var / "images").rglob("*") if path.is_file())


def received(door: Door) -> list[int]:
    """Bytes of every archive that arrived, oldest first, as the site's own record has them."""
    with sqlite3.connect(door.folder / "site" / "site.sqlite3") as database:
        rows = database.execute(
            "select detail from audit_entry where tag = 'team:image:receive' order by id"
        ).fetchall()
    return [int(json.loads(detail)["bytes"]) for (detail,) in rows]


def enter(door: Door, name: str) -> str:
    """Build an image of that name, submit it, and take it from the engine again: the evaluator must fetch it."""
    dockerfile = (
        f"FROM assay/base:latest\nCOPY container.py /app/container.py\nENV SHAPE={','.join(map(str, SHAPE))}\n"
        f'LABEL assay.test={name}\nENTRYPOINT ["python3", "/app/container.py", "good"]\n'
    )
    tag = door.build(f"assay-test-door/{name}:latest", dockerfile=dockerfile, container=HERE / "container.py")
    code = door.assay("submit", tag, "--phase", PHASE, "--team", TEAM, "--method", name, "-q").strip()
    docker.from_env().images.remove(tag, force=True)
    door.built.remove(tag)
    return code


def test_a_second_image_sends_its_own_layers_alone_and_runs(door: Door) -> None:
    door.stack.stop_part("evaluator")
    try:
        first = enter(door, "layers-first")
        before, base = kept(door), docker.from_env().images.get("assay/base:latest").attrs["Size"]
        second = enter(door, "layers-second")
        assert received(door)[-1] < base / 100
        assert kept(door) - before < base / 100
        assert before > base
    finally:
        door.stack.start_evaluator()

    for code in (first, second):
        status = door.wait_for(code, "scored", "failed", "platform_error")
        assert (status["state"], status["failure"]) == ("scored", None)
