"""Submitting with the real container engine: what travels, what does not, and what is refused before it travels."""

from __future__ import annotations

import hashlib
import io
import json
import signal
import subprocess
import tarfile
import time
from collections.abc import Iterator

import docker
import pytest

from assay_kit.images import Engine, config_digest_of
from assay_kit.left_out import without_layers
from tests.unit.assay.samples import tar_of
from tests.unit.assay_kit.conftest import Person
from tests.unit.assay_kit.site import API, Site, failed, phase

PHASE = "demo/cine-multicoil/test"
SMALL, LARGE, CHILD = "assay-kit-test/small:1", "assay-kit-test/large:1", "assay-kit-test/child:1"
LARGE_BYTES = 300 * 2**20


def _import(client: docker.DockerClient, *, name: str, files: dict[str, bytes]) -> str:
    """Make an image of one layer, as `docker import` does; returns its id without `sha256:`."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    repository, tag = name.split(":")
    packed.seek(0)
    answer = client.api.import_image_from_data(
        packed.getvalue(), repository=repository, tag=tag, changes=["LABEL assay.test=assay_kit"]
    )
    return str(json.loads(answer.strip().splitlines()[-1])["status"]).removeprefix("sha256:")


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.DockerClient]:
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture(scope="module")
def small(engine: docker.DockerClient) -> Iterator[str]:
    yield _import(engine, name=SMALL, files={"app/infer.py": b"print('hello')\n" * 1000})
    engine.images.remove(SMALL, force=True)


@pytest.fixture(scope="module")
def small_child(engine: docker.DockerClient, small: str) -> Iterator[str]:
    """Two more layers above the small image, the upper one with a command that JSON writes in several ways."""
    context = {
        "Dockerfile": f'FROM {SMALL}\nCOPY one /one\nLABEL assay.test=assay_kit\nCMD ["<&>", "\u00e9"]\nCOPY two /two\n'.encode(),
        "one": b"o" * 2000,
        "two": b"hello",
    }
    image, _ = engine.images.build(fileobj=io.BytesIO(tar_of(context)), custom_context=True, tag=CHILD, rm=True)
    yield str(image.id).removeprefix("sha256:")
    engine.images.remove(CHILD, force=True)


@pytest.fixture(scope="module")
def large(engine: docker.DockerClient) -> Iterator[str]:
    yield _import(engine, name=LARGE, files={"weights": bytes(LARGE_BYTES)})
    engine.images.remove(LARGE, force=True)


def test_the_image_is_streamed_and_entered_and_its_id_printed(alice: Person, site: Site, small: str) -> None:
    ran = alice.types("submit", SMALL, "--phase", "cine-multicoil/test")

    assert ran.code == 0
    assert ran.out == f"S1  {site.address}/s/S1\n"
    assert ran.err.splitlines()[-2:] == ["waits for a worker", "  next: assay status S1 --watch"]
    archive = site.images[small]
    assert isinstance(archive, bytes)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        listed = tar.extractfile("manifest.json")
        assert listed is not None
        config = json.loads(listed.read())[0]["Config"]
    assert config == f"{small}.json"
    entry = site.entered[0]
    assert (entry.team, entry.phase, entry.config_digest, entry.method) == ("leeds", PHASE, small, "small")


def test_layers_that_the_site_has_stay_here(
    alice: Person, site: Site, engine: docker.DockerClient, small: str, small_child: str
) -> None:
    base, *own = (layer.removeprefix("sha256:") for layer in engine.images.get(CHILD).attrs["RootFS"]["Layers"])
    assert len(own) == 2
    site.layers = {base, own[0]}

    ran = alice.runs("submit", CHILD, "--phase", PHASE)

    assert ran.code == 0
    assert "pushing 5 B of 17 KiB (2 layers there)" in ran.err
    archive = site.images[small_child]
    assert isinstance(archive, bytes)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        members = {member.name: tar.extractfile(member) for member in tar if member.isfile()}
    (manifest,) = json.loads(members["manifest.json"].read())  # type: ignore[union-attr]
    sent = [members[name].read() for name in manifest["Layers"] if name in members]  # type: ignore[union-attr]
    assert [hashlib.sha256(layer).hexdigest() for layer in sent] == own[1:]
    assert len(manifest["Layers"]) == 3


def test_an_archive_whose_folders_have_names_of_another_rule_is_sent_whole() -> None:
    layer, note = b"l" * 2000, json.dumps({"id": "a" * 64, "parent": "b" * 64}).encode()
    folder = "c" * 64
    whole = tar_of({f"{folder}/json": note, f"{folder}/layer.tar": layer, "manifest.json": b"[]"})
    digest = hashlib.sha256(layer).hexdigest()

    sent = b"".join(without_layers([whole], layers=[digest], there={digest}))
    with tarfile.open(fileobj=io.BytesIO(sent)) as tar:
        assert tar.getnames() == [f"{folder}/json", f"{folder}/layer.tar", "manifest.json"]


def test_a_layer_named_by_its_digest_is_left_out() -> None:
    """Docker 25 names members so; a link and a folder go through."""
    layer, other = b"l" * 2000, b"o" * 3000
    digests = [hashlib.sha256(content).hexdigest() for content in (layer, other)]
    names = [f"blobs/sha256/{digest}" for digest in digests]
    whole = tar_of({names[0]: layer, names[1]: other, "manifest.json": b"[]"}, links={"link": names[0]})

    sent = b"".join(without_layers([whole[:700], whole[700:]], layers=digests, there={digests[0]}))
    with tarfile.open(fileobj=io.BytesIO(sent)) as tar:
        assert tar.getnames() == [names[1], "manifest.json", "link"]
        assert tar.extractfile(names[1]).read() == other  # type: ignore[union-attr]


def test_an_image_that_the_team_has_there_is_not_sent_again(alice: Person, site: Site, small: str) -> None:
    site.images[small] = b"is here"

    ran = alice.runs("submit", SMALL, "--phase", PHASE)

    assert ran.code == 0
    assert "nothing to send" in ran.err
    assert not site.calls[f"PUT {API}/uploads/{small}"]


def test_the_same_image_in_the_same_phase_gives_the_old_id_unless_again_is_said(
    alice: Person, site: Site, small: str
) -> None:
    submit = ("submit", SMALL, "--phase", PHASE, "-q")

    assert [alice.runs(*submit).out, alice.runs(*submit).out] == ["S1\n", "S1\n"]
    assert alice.runs(*submit, "--again").out == "S2\n"


def test_an_upload_that_breaks_is_begun_anew(alice: Person, site: Site, small: str) -> None:
    site.trouble[rf"PUT {API}/uploads/{small}"] = [503, 0]

    assert alice.runs("submit", SMALL, "--phase", PHASE, "-q").out == "S1\n"
    assert site.calls[f"PUT {API}/uploads/{small}"] == 3


def test_an_image_larger_than_the_commands_memory_passes_through(alice: Person, site: Site, large: str) -> None:
    site.keep_archives = False
    command, environment = alice.process()
    # the process asks itself: what its parent could tell (ru_maxrss) includes the parent's own memory before exec
    code = (
        "import sys; from assay_kit.main import execute; code = execute(sys.argv[1:]);"
        "sys.exit(code or [line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')][0])"
    )
    done = subprocess.run(
        [command[0], "-c", code, "submit", LARGE, "--phase", PHASE, "-q"],
        env=environment,
        cwd=alice.work,
        capture_output=True,
        text=True,
        check=False,
    )

    sent = site.images[large]
    assert done.stdout == "S1\n"
    assert isinstance(sent, int)
    assert sent > LARGE_BYTES
    assert int(done.stderr) * 1024 < LARGE_BYTES / 2


def test_waiting_prints_the_id_first_and_ends_with_the_code_of_the_end(alice: Person, site: Site, small: str) -> None:
    site.script = [{"state": "running", "sentence": "files present 1 of 6"}, failed("EXIT_CODE", "exit code 3")]

    ran = alice.runs("submit", SMALL, "--phase", PHASE, "--wait")

    assert ran.code == 1
    assert ran.out.splitlines() == [f"S1  {site.address}/s/S1", "S1  failed  failed: EXIT_CODE"]
    assert "failed[EXIT_CODE]: " in ran.err


def test_waiting_with_json_prints_one_document(alice: Person, site: Site, small: str) -> None:
    site.script = [{"state": "scored", "sentence": "scored"}]

    told = json.loads(alice.runs("submit", SMALL, "--phase", PHASE, "--wait", "--json").out)

    assert (told["id"], told["state"]) == ("S1", "scored")


def test_ctrl_c_while_waiting_leaves_the_run_going(alice: Person, site: Site, small: str) -> None:
    command, environment = alice.process("submit", SMALL, "--phase", PHASE, "--wait")
    waiting = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=alice.work
    )
    while not site.calls[f"GET {API}/submissions/S1"]:
        time.sleep(0.02)
    waiting.send_signal(signal.SIGINT)
    out, err = waiting.communicate(timeout=30)

    assert waiting.returncode == 130
    assert out == f"S1  {site.address}/s/S1\n"
    assert "next: assay status S1 --wait" in err
    assert site.submissions["S1"].state == "queued"


def test_method_card_and_defaults_come_from_the_folder(alice: Person, site: Site, small: str) -> None:
    (alice.work / "assay.toml").write_text(f'image = "{SMALL}"\nphase = "{PHASE}"\ncard = "card.yaml"\n')
    (alice.work / "card.yaml").write_text(
        "method: VarNet-XL\nparameters: 3e7\nensemble: no\ntraining data: [phantoms, ours]\n"
    )

    assert alice.runs("submit").code == 0
    entry = site.entered[0]
    assert entry.method == "VarNet-XL"
    assert entry.card == {"parameters": "30000000", "training_data": "phantoms, ours", "ensemble": "no"}


def test_a_flag_goes_before_the_folder(alice: Person, site: Site, small: str) -> None:
    (alice.work / "assay.toml").write_text('method = "from the folder"\n')

    alice.runs("submit", SMALL, "--phase", PHASE, "--method", "from the flag", "--baseline")

    assert (site.entered[0].method, site.entered[0].baseline) == ("from the flag", True)


def test_a_dry_run_sends_nothing(alice: Person, site: Site, small: str) -> None:
    ran = alice.runs("submit", SMALL, "--phase", PHASE, "--dry-run", "--json")

    assert ran.code == 0
    assert json.loads(ran.out)["config_digest"] == small
    assert not [call for call in site.calls if not call.startswith("GET ")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"is_open": False}, "PHASE_CLOSED"), ({"left": 0}, "QUOTA"), ({"image": "1KiB"}, "IMAGE_SIZE")],
)
def test_what_the_rules_refuse_is_refused_before_anything_travels(
    alice: Person, site: Site, small: str, changes: dict[str, object], code: str
) -> None:
    site.phases = [phase(PHASE, **changes)]  # type: ignore[arg-type]

    ran = alice.runs("submit", SMALL, "--phase", PHASE, "--json")

    assert ran.code == 6
    assert json.loads(ran.out)["error"] == code
    assert not site.images


def test_an_image_above_the_sites_own_limit_is_refused_before_it_travels(alice: Person, site: Site, small: str) -> None:
    site.max_image = 1000

    assert alice.runs("submit", SMALL, "--phase", PHASE).code == 6
    assert not site.images


def test_an_image_that_cannot_run_there_is_the_answer_no(alice: Person, site: Site, small: str) -> None:
    site.rejects = "IMAGE_ARCH"

    ran = alice.runs("submit", SMALL, "--phase", PHASE, "--json")

    assert ran.code == 1
    assert json.loads(ran.out)["error"] == "IMAGE_ARCH"
    assert not site.entered


def test_the_sites_own_refusal_arrives_with_its_words(alice: Person, site: Site, small: str) -> None:
    site.images[small] = b"is here"
    site.phases = [phase(PHASE, left=0)]

    ran = alice.runs("submit", SMALL, "--phase", PHASE)

    assert ran.code == 6
    assert ran.err.splitlines()[-3:] == [
        "error[QUOTA]: 3 of 3 used today",
        "  next: back at 00:00 UTC",
        f"  more: {site.address}/help/QUOTA",
    ]


def test_a_mistyped_image_gets_a_suggestion(alice: Person, site: Site, small: str) -> None:
    ran = alice.runs("submit", "assay-kit-test/smal:1", "--phase", PHASE)

    assert ran.code == 5
    assert f"did you mean {SMALL}?" in ran.err


def test_a_member_of_several_teams_must_say_which(alice: Person, site: Site, small: str) -> None:
    site.teams = ["leeds", "delft"]

    assert alice.runs("submit", SMALL, "--phase", PHASE).code == 2
    assert alice.runs("submit", SMALL, "--phase", PHASE, "--team", "delft").code == 0
    assert site.entered[0].team == "delft"


def test_without_an_engine_the_command_says_what_to_start(alice: Person, site: Site) -> None:
    alice.environment["DOCKER_HOST"] = f"unix://{alice.home}/nothing.sock"

    ran = alice.runs("submit", SMALL, "--phase", PHASE)

    assert ran.code == 2
    assert ran.err.startswith("error[ENGINE_MISSING]: no container engine answers")


def test_a_broken_card_is_named(alice: Person, site: Site) -> None:
    (alice.work / "card.yaml").write_text("- only\n- answers\n")

    ran = alice.runs("submit", SMALL, "--phase", PHASE, "--card", "card.yaml")

    assert ran.code == 2
    assert "card.yaml must be a list of `question: answer` lines" in ran.err


def test_a_question_that_no_card_has_is_told_with_what_was_meant(alice: Person, site: Site) -> None:
    (alice.work / "card.yaml").write_text("licnese: MIT\n")

    ran = alice.runs("submit", SMALL, "--phase", PHASE, "--card", "card.yaml")

    assert ran.code == 2
    assert "a method card has no question 'licnese'; did you mean licence?" in ran.err
    assert site.entered == []


def test_a_card_that_lacks_what_the_task_asks_for_is_refused_before_anything_is_sent(
    alice: Person, site: Site, small: str
) -> None:
    address = next(one for one in site.phases if one.address == PHASE)
    site.phases[site.phases.index(address)] = address.model_copy(update={"card_required": ["backbone", "licence"]})
    (alice.work / "card.yaml").write_text("licence: MIT\n")

    ran = alice.runs("submit", SMALL, "--phase", PHASE, "--card", "card.yaml")

    assert ran.code == 2
    assert f"{PHASE} asks every entry for backbone" in ran.err
    assert "`backbone: …` (architecture and size" in ran.err
    assert site.entered == []
    (alice.work / "card.yaml").write_text("licence: MIT\nbackbone: U-Net\n")
    assert alice.runs("submit", SMALL, "--phase", PHASE, "--card", "card.yaml").code == 0


def test_the_config_digest_is_read_from_the_engines_own_archive(small: str) -> None:
    own = Engine()
    try:
        assert config_digest_of(own.save(SMALL)) == small
    finally:
        own.close()


def test_the_config_digest_is_read_from_an_archive_in_oci_layout() -> None:
    """Engines with the containerd image store write this one, and their image ids are not config digests."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path, content in {
            f"blobs/sha256/{'b' * 64}": bytes(5000),
            "index.json": b"{}",
            "manifest.json": json.dumps([{"Config": f"blobs/sha256/{'c' * 64}", "RepoTags": None}]).encode(),
        }.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    whole = packed.getvalue()

    assert config_digest_of(whole[start : start + 700] for start in range(0, len(whole), 700)) == "c" * 64
