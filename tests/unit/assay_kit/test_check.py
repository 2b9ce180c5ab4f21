"""What a check says before anything runs; runs of containers are in tests/integration/door."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from assay_kit.errors import WrongUsage
from assay_kit.rehearsal import tools
from assay_kit.rehearsal.here import limits_here
from assay_kit.rehearsal.tools import bring_tools
from evaluators.contract.limits import TMPFS_OUTPUT_CEILING, Limits
from evaluators.sandbox.interface import EngineFacts
from tests.unit.assay_kit.conftest import Person
from tests.unit.assay_kit.site import API, Site, phase
from tests.unit.evaluators.tasks.specs import reconstruction_task

PHASE = "demo/cine/test"
SIZE = ("--subjects", "1", "--size", "32x32x2x1x2")
EMPTY = "assay-kit-test/empty:1"
GIB = 2**30


def enter(site: Site, *, sample: str | None = "demo@1", image: str = "10GiB") -> None:
    one = phase(PHASE, image=image)
    site.phases = [one.model_copy(update={"sample": sample, "task": reconstruction_task()})]


@pytest.fixture
def sample(alice: Person) -> None:
    words = ("--name", "demo", "--version", "1", *SIZE, "--public", "--seed-file", "-")
    ran = alice.runs("dataset", "phantom", *words, stdin="a secret that nobody else has")
    assert ran.code == 0, ran.err
    alice.environment["XDG_CACHE_HOME"] = str(alice.home / "cache")


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.DockerClient]:
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture(scope="module")
def empty(engine: docker.DockerClient) -> Iterator[str]:
    """An image without a command."""
    repository, tag = EMPTY.split(":")
    engine.api.import_image_from_data(bytes(10240), repository=repository, tag=tag)
    yield EMPTY
    engine.images.remove(EMPTY, force=True)


def test_a_phase_without_a_sample_says_what_to_do_instead(alice: Person, site: Site) -> None:
    enter(site, sample=None)
    ran = alice.runs("check", "varnet:1", "--phase", PHASE)

    assert ran.code == 2
    assert ran.err.startswith(f"error[NO_SAMPLE]: {PHASE} has no public sample")
    assert "next: ask its organisers for one" in ran.err


def test_a_case_that_the_sample_has_not_is_answered_with_those_it_has(alice: Person, site: Site, sample: None) -> None:
    enter(site)
    ran = alice.runs("check", "varnet:1", "--phase", PHASE, "--case", "7")

    assert ran.code == 2
    assert "error[CASE_UNKNOWN]" in ran.err
    assert "case 01 to case 06 are there; write the number, or `largest`" in ran.err


@pytest.mark.parametrize(("words", "asks"), [((), "which image?"), (("varnet:1",), "which phase?")])
def test_what_is_missing_is_asked_for(alice: Person, site: Site, words: tuple[str, ...], asks: str) -> None:
    ran = alice.runs("check", *words)

    assert ran.code == 2
    assert asks in ran.err


def test_an_image_that_is_not_there_is_not_found(alice: Person, site: Site, sample: None) -> None:
    enter(site)
    assert alice.runs("check", "assay-kit-test/never-built:1", "--phase", PHASE).code == 5


def test_an_image_larger_than_the_phase_takes_is_red_before_it_runs(
    alice: Person, site: Site, sample: None, engine: docker.DockerClient
) -> None:
    enter(site, image="1MiB")
    ran = alice.runs("check", bring_tools(engine), "--phase", PHASE)

    assert ran.code == 1
    assert ran.out.startswith("✗ image ")
    assert "IMAGE_SIZE" in ran.out.splitlines()[0]
    assert "failed[IMAGE_SIZE]: The image is larger than the phase allows." in ran.err


def test_an_image_without_a_command_is_red(alice: Person, site: Site, sample: None, empty: str) -> None:
    enter(site)
    ran = alice.runs("check", empty, "--phase", PHASE, "--json")

    assert ran.code == 1
    told = json.loads(ran.out)
    assert (told["good"], told["failure"]["code"]) == (False, "EXIT_CODE")
    assert "its command was not found in the image" in told["failure"]["detail"]


def test_a_site_with_another_docker_line_is_noticed(alice: Person, site: Site, sample: None, empty: str) -> None:
    enter(site)
    site.phases[0] = site.phases[0].model_copy(update={"docker_line": "docker run --rm IMAGE"})
    ran = alice.runs("check", empty, "--phase", PHASE)

    assert "warning: the site runs another docker line than this `assay`" in ran.err


def test_the_tools_are_built_from_the_kit_where_the_engine_has_none(
    engine: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools, "_REPOSITORY", "assay-kit-test/tools")
    tag = bring_tools(engine)
    try:
        assert bring_tools(engine) == tag
        command = ["python3", "-c", "import evaluators.sandbox.tools.archive, evaluators.sandbox.tools.hold"]
        assert engine.containers.run(tag, command, remove=True, network_mode="none") == b""
    finally:
        engine.images.remove(tag, force=True)


def facts(**changes: object) -> EngineFacts:
    values: dict[str, object] = {
        "engine": "27", "kernel": "6", "architecture": "x86_64", "storage_driver": "overlay2", "cgroup_version": "2",
        "security_options": (), "cpus": 8, "memory": 64 * GIB, "userns_remap": False, "gpu_uuids": (), "gpu_driver": "",
    }  # fmt: skip
    return EngineFacts(**{**values, **changes})  # type: ignore[arg-type]


def test_a_machine_that_can_keep_the_limits_keeps_them_all() -> None:
    limits = Limits(cpus=8, memory=4 * GIB, output=GIB)
    here = limits_here(limits, facts=facts(), root=False)
    assert (here.limits, here.differences) == (limits, ())


def test_what_a_smaller_machine_cannot_keep_is_told() -> None:
    limits = Limits(cpus=16, memory=128 * GIB, output=20 * GIB)
    here = limits_here(limits, facts=facts(), root=False)
    assert (here.limits.cpus, here.limits.output) == (8, TMPFS_OUTPUT_CEILING)
    assert [words.split(":")[0] for words in here.differences] == [
        "8 processors here, 16 there",
        "/output holds 2.0 GiB here, 20.0 GiB there",
        "the engine has 64.0 GiB of memory, a run there may take 128.3 GiB",
    ]
    # root may attach a loop device
    assert limits_here(limits, facts=facts(), root=True).limits.output == 20 * GIB


def test_a_phase_of_gpus_needs_them_here_too() -> None:
    with pytest.raises(WrongUsage, match="this machine shows 0"):
        limits_here(Limits(gpus=1), facts=facts(), root=True)
    assert limits_here(Limits(gpus=1), facts=facts(gpu_uuids=("GPU-1", "GPU-2")), root=True).gpu_uuids == ("GPU-1",)


@pytest.mark.parametrize(("answers", "code"), [([503, 0], 1), ([503] * 20, 7)])
def test_a_site_that_stumbles_is_asked_again_for_the_sample_and_blamed_in_the_end(
    alice: Person, site: Site, sample: None, empty: str, answers: list[int], code: int
) -> None:
    enter(site)
    site.trouble[rf"GET {API}/datasets/demo/1/files/\w+"] = answers
    ran = alice.runs("check", empty, "--phase", PHASE)

    assert ran.code == code
    assert ("error[DATA]" in ran.err) == (code == 7)


def test_samples_lie_in_the_cache_folder_of_the_person(alice: Person, site: Site, sample: None, empty: str) -> None:
    enter(site)
    alice.runs("check", empty, "--phase", PHASE)

    files = [path for path in Path(alice.home, "cache", "assay", "files").rglob("*") if path.is_file()]
    assert {path.name for path in files} == {
        file.sha256 for case in site.manifests["demo@1"].cases for file in case.inputs
    }
