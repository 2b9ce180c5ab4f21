"""What an image is made of decides its name, and nothing else is sent to the engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from baselines.runtime.base import apt_sources
from baselines.runtime.build import ROOT
from baselines.runtime.console import BuildFailed, output_of
from baselines.runtime.engine import content_hash
from baselines.runtime.recipes import IMAGES, baseline, copied_files, variants_of
from baselines.table import documents


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("a/one.py", "a/deep/two.py", "a/__pycache__/one.pyc", "b.txt", "secret.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def test_only_what_copy_lines_name_goes_into_the_context(tree: Path) -> None:
    dockerfile = "FROM x\nCOPY a /app/a\nCOPY b.txt \\\n  /app/\n# COPY secret.txt /app/\nRUN true\n"
    assert sorted(copied_files(root=tree, dockerfile=dockerfile)) == ["a/deep/two.py", "a/one.py", "b.txt"]


def test_files_of_an_earlier_stage_are_not_looked_for_here(tree: Path) -> None:
    assert (
        copied_files(root=tree, dockerfile="FROM x AS build\nFROM x\nCOPY --from=build /usr/local /usr/local\n") == {}
    )


def test_a_copy_of_nothing_is_named(tree: Path) -> None:
    with pytest.raises(BuildFailed, match=r"COPY weights\.safetensors"):
        copied_files(root=tree, dockerfile="COPY weights.safetensors /app/\n")


def test_a_baseline_without_a_dockerfile_or_a_runtime_is_told_what_to_write(tree: Path) -> None:
    with pytest.raises(BuildFailed, match="Dockerfile is missing"):
        baseline(root=tree, name="nothing")
    folder = tree / "baselines" / "odd"
    folder.mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM debian\n")
    with pytest.raises(BuildFailed, match="ARG RUNTIME=assay/"):
        baseline(root=tree, name="odd")


def test_variants_are_those_that_the_dockerfile_lists_and_another_is_told(tree: Path) -> None:
    folder = tree / "baselines" / "many"
    folder.mkdir(parents=True)
    text = "# variants: one two\nARG RUNTIME=assay/runtime-numeric:latest\nFROM ${RUNTIME}\n"
    (folder / "Dockerfile").write_text(text)
    assert variants_of(text) == ("one", "two")
    with pytest.raises(BuildFailed, match="no variant 'three'; there are: one, two"):
        baseline(root=tree, name="many:three")
    (folder / "Dockerfile").write_text(text.partition("\n")[2])
    with pytest.raises(BuildFailed, match="there are: none"):
        baseline(root=tree, name="many:one")


def test_the_name_changes_with_content_file_name_and_parent_and_with_nothing_else(tree: Path) -> None:
    one, two = tree / "a" / "one.py", tree / "b.txt"
    name = content_hash(parts=["parent"], files={"one.py": one})
    assert name == content_hash(parts=["parent"], files={"one.py": one})
    others = [(["other"], {"one.py": one}), (["parent"], {"one.py": two}), (["parent"], {"1.py": one})]
    assert name not in {content_hash(parts=parts, files=files) for parts, files in others}


def test_every_baseline_of_the_repository_names_files_that_exist() -> None:
    dockerfiles = [ROOT / "baselines" / folder / "Dockerfile" for folder in documents()]
    assert len(dockerfiles) >= 3
    for dockerfile in dockerfiles:
        files = copied_files(root=ROOT, dockerfile=dockerfile.read_text())
        assert f"baselines/{dockerfile.parent.name}/infer.py" in files
        assert not any(path.endswith("train.py") for path in files)


def test_the_sources_of_this_release_alone_are_used() -> None:
    codename = output_of(["sh", "-c", ". /etc/os-release; echo $VERSION_CODENAME"])
    lines = apt_sources(codename).splitlines()
    assert all(line.startswith("deb ") and f" {codename}" in line for line in lines)
    with pytest.raises(BuildFailed, match="no apt source"):
        apt_sources("no-such-release")


def test_a_failing_command_is_told_with_its_own_last_words() -> None:
    with pytest.raises(BuildFailed, match="out of luck"):
        output_of(["sh", "-c", "echo out of luck >&2; exit 1"])
    with pytest.raises(BuildFailed, match="not installed"):
        output_of(["no-such-program-here"])


def test_packages_are_pinned_to_one_version() -> None:
    lists = sorted((ROOT / "baselines" / "runtime").glob("requirements-*.txt"))
    assert {"base", "tools", "runtime-numeric", "runtime-torch", "scorer"} == set(IMAGES)
    assert all("==" in line for path in lists for line in path.read_text().split())
