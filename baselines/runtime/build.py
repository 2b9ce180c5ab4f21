"""Builds our local images, named by their content: base, one layer a track, scorer, tools, and any baseline.

python3 baselines/runtime/build.py                          everything but the baselines
python3 baselines/runtime/build.py --only base tools        these and what they stand on
python3 baselines/runtime/build.py --baseline unet          everything and this baseline
python3 baselines/runtime/build.py --only --baseline unet   this baseline and what it stands on
python3 baselines/runtime/build.py --only --baseline topology_refinement:network-b   one of the variants that its Dockerfile lists
python3 baselines/runtime/build.py --print-ids              image ids as JSON on stdout; builds nothing
"""

from __future__ import annotations

import argparse
import fcntl
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # run as a script, by a Python that has nothing of ours installed

from baselines.runtime import recipes  # noqa: E402
from baselines.runtime.console import BuildFailed, say, succeeds  # noqa: E402
from baselines.runtime.engine import image_id  # noqa: E402


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0, or 1 after one message on stderr."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", nargs="*", choices=sorted(recipes.IMAGES), metavar="NAME", help=", ".join(recipes.IMAGES)
    )
    parser.add_argument(
        "--baseline",
        action="append",
        default=[],
        metavar="NAME",
        help="a folder of baselines/ with a Dockerfile, or FOLDER:VARIANT",
    )
    parser.add_argument("--print-ids", action="store_true", help="what is built, as JSON")
    asked = parser.parse_args(argv)
    if asked.print_ids:
        print(json.dumps(built_ids(), indent=2))
        return 0
    names = list(recipes.IMAGES) if asked.only is None else asked.only
    try:
        build(names=names, baselines=asked.baseline)
    except BuildFailed as failure:
        say(f"error: {failure}")
        return 1
    return 0


def build(*, names: Sequence[str], baselines: Sequence[str] = ()) -> dict[str, str]:
    """Build what is missing and return {name: tag}; one build at a time on a machine. Raises BuildFailed."""
    if not succeeds(["docker", "info"]):
        raise BuildFailed("no Docker Engine answers: run compose/engine.sh")
    with _alone():
        tags = {name: recipes.IMAGES[name](root=ROOT) for name in names}
        return tags | {name: recipes.baseline(root=ROOT, name=name) for name in baselines}


def built_ids() -> dict[str, str | None]:
    """{tag: image id}, None where it is not built."""
    tags = [f"assay/{name}:latest" for name in recipes.IMAGES]
    for dockerfile in sorted((ROOT / "baselines").glob("*/Dockerfile")):
        endings = ["", *(f"-{variant}" for variant in recipes.variants_of(dockerfile.read_text()))]
        tags += [f"assay-baseline/{dockerfile.parent.name}{ending}:latest" for ending in endings]
    return {tag: image_id(tag) for tag in tags}


@contextmanager
def _alone() -> Iterator[None]:
    lock = ROOT / "var" / "images.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another image build is under way; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())
