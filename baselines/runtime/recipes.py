"""What each image is made of: its parent, its files, its packages. The name's tag is the hash of all that."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from baselines.runtime import base
from baselines.runtime.console import BuildFailed
from baselines.runtime.engine import build, content_hash, image_id, tag
from baselines.runtime.wheels import python_of, wheels_for

_HERE = Path(__file__).parent
#: what the scorer container holds of our code
SCORER_SOURCES = ("contract", "metrics", "readers", "relaxometry", "tasks", "scoring")
SCORER_CATALOGUE = "evaluators/contract/catalogue.json"


@cache
def build_base(*, root: Path) -> str:
    """assay/base: Python and nothing else."""
    del root
    return base.base()


@cache
def build_numeric(*, root: Path) -> str:
    """assay/runtime-numeric: numpy, scipy, h5py."""
    return _packages(root=root, name="runtime-numeric", parent=build_base(root=root), below=())


@cache
def build_torch(*, root: Path) -> str:
    """assay/runtime-torch: PyTorch for the CPU, monai, safetensors, on top of numeric."""
    return _packages(root=root, name="runtime-torch", parent=build_numeric(root=root), below=("numeric",), torch=True)


@cache
def build_scorer(*, root: Path) -> str:
    """assay/scorer: readers, metrics and tasks, with their kernels compiled. Raises BuildFailed without a catalogue."""
    parent = _packages(root=root, name="scorer-packages", parent=build_numeric(root=root), below=("numeric",))
    catalogue = root / SCORER_CATALOGUE
    if not catalogue.exists():
        raise BuildFailed(f"{SCORER_CATALOGUE} is missing: run `make catalogue`")
    folders = [root / "evaluators" / name for name in SCORER_SOURCES]
    files = {"evaluators/__init__.py": root / "evaluators" / "__init__.py"}
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in {".py", ".json"}):
        files[str(path.relative_to(root))] = path
    scorer = json.loads(catalogue.read_text())["scorer"]
    exact = _image(
        root / "evaluators" / "scoring" / "Dockerfile",
        name="scorer",
        parent=parent,
        files=files,
        labels={"assay.scorer": scorer},
    )
    # what a worker looks for: `latest` may be another checkout's
    tag(exact, f"assay/scorer:release-{scorer[:12]}")
    return exact


@cache
def build_tools(*, root: Path) -> str:
    """assay/tools: what the sandbox runs beside and after a submission."""
    folder = root / "evaluators" / "sandbox" / "tools"
    packages = [root / "evaluators", root / "evaluators" / "sandbox"]
    paths = [*(package / "__init__.py" for package in packages), *sorted(folder.glob("*.py"))]
    files = {str(path.relative_to(root)): path for path in paths}
    return _image(folder / "Dockerfile", name="tools", parent=build_base(root=root), files=files, labels={})


#: name -> how to build it; the order is the order of a full build
IMAGES: Mapping[str, Callable[..., str]] = MappingProxyType(
    {
        "base": build_base,
        "tools": build_tools,
        "runtime-numeric": build_numeric,
        "runtime-torch": build_torch,
        "scorer": build_scorer,
    }
)


def baseline(*, root: Path, name: str) -> str:
    """assay-baseline/NAME from baselines/NAME/Dockerfile: only what its COPY lines name is sent. Raises BuildFailed.

    name: a folder, or folder:variant where the Dockerfile lists variants (`# variants: one two`) and takes `ARG VARIANT`; then the
    image is assay-baseline/NAME-VARIANT. Rivals that share code and weights are variants of one recipe.
    """
    folder, _, variant = name.partition(":")
    dockerfile = root / "baselines" / folder / "Dockerfile"
    if not dockerfile.is_file():
        raise BuildFailed(f"baselines/{folder}/Dockerfile is missing")
    text = dockerfile.read_text()
    found = re.search(r"^ARG RUNTIME=assay/([a-z-]+):latest$", text, flags=re.MULTILINE)
    if found is None or found[1] not in IMAGES:
        raise BuildFailed(
            f"baselines/{folder}/Dockerfile must name its runtime: ARG RUNTIME=assay/runtime-numeric:latest"
        )
    if variant and variant not in (known := variants_of(text)):
        raise BuildFailed(f"{folder} has no variant {variant!r}; there are: {', '.join(known) or 'none'}")
    runtime = IMAGES[found[1]](root=root)
    files = copied_files(root=root, dockerfile=text)
    content = content_hash(parts=[image_id(runtime) or "", text, *([variant] if variant else [])], files=files)
    return build(
        name=f"assay-baseline/{folder}{'-' if variant else ''}{variant}",
        content=content,
        dockerfile=dockerfile,
        files=files,
        arguments={"RUNTIME": runtime, **({"VARIANT": variant} if variant else {})},
        labels={"assay.baseline": name},
    )


def variants_of(dockerfile: str) -> tuple[str, ...]:
    """What a Dockerfile's line `# variants: one two` lists; empty without one."""
    found = re.search(r"^# variants: (.+)$", dockerfile, flags=re.MULTILINE)
    return tuple(found[1].split()) if found else ()


def copied_files(*, root: Path, dockerfile: str) -> dict[str, Path]:
    """{path from the root: file} for every source of a plain COPY line; folders and globs are followed. Raises BuildFailed."""
    files: dict[str, Path] = {}
    for line in dockerfile.replace("\\\n", " ").splitlines():
        words = line.split()
        # what comes --from an earlier stage is not ours to send
        if not words or words[0].upper() != "COPY" or any(word.startswith("--from") for word in words):
            continue
        for source in [word for word in words[1:-1] if not word.startswith("--")]:
            matches = sorted(root.glob(source.strip("/")))
            if not matches:
                raise BuildFailed(f"COPY {source}: no such file")
            inside = [path for match in matches for path in ([match] if match.is_file() else sorted(match.rglob("*")))]
            files |= {str(path.relative_to(root)): path for path in inside if path.is_file() and path.suffix != ".pyc"}
    return files


def _packages(*, root: Path, name: str, parent: str, below: tuple[str, ...], torch: bool = False) -> str:
    own = name.removeprefix("runtime-").removesuffix("-packages")
    requirements = _requirements(own)
    pinned = [line for layer in below for line in _requirements(layer)]
    python = python_of(root=root, image=parent)
    folder = wheels_for(root=root, name=own, requirements=requirements, pinned=pinned, python=python, torch=torch)
    held = {_distribution(line) for line in pinned}
    files = {
        f"wheels/{path.name}": path
        for path in sorted(folder.iterdir())
        if path.name == "requirements.txt" or (path.suffix == ".whl" and _distribution(path.name) not in held)
    }
    # the wheels themselves are not hashed: they follow from the requirements, and reading 300 MB would not be instant
    parts = [image_id(parent) or "", folder.name, *files, (_HERE / "layer.Dockerfile").read_text()]
    return build(
        name=f"assay/{name}",
        content=content_hash(parts=parts, files={}),
        dockerfile=_HERE / "layer.Dockerfile",
        files=files,
        arguments={"BASE": parent},
        labels={},
    )


def _image(dockerfile: Path, *, name: str, parent: str, files: Mapping[str, Path], labels: Mapping[str, str]) -> str:
    parts = [image_id(parent) or "", dockerfile.read_text(), *(f"{key}={value}" for key, value in labels.items())]
    content = content_hash(parts=parts, files=files)
    return build(
        name=f"assay/{name}",
        content=content,
        dockerfile=dockerfile,
        files=files,
        arguments={"BASE": parent},
        labels=labels,
    )


def _requirements(name: str) -> list[str]:
    lines = (_HERE / f"requirements-{name}.txt").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _distribution(text: str) -> str:
    name = text.split("-", 1)[0] if text.endswith(".whl") else re.split(r"[=<>~!]", text, maxsplit=1)[0]
    return name.strip().lower().replace("_", "-")
