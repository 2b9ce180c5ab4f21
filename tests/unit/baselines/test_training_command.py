"""Where a train.py writes: only the committed size of the method itself replaces committed weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from baselines.cine import command, training
from baselines.cine.command import Made, training_options
from baselines.cine.fit import Trained
from baselines.cine.network import load_weights
from baselines.cine.report import note_of_file
from baselines.cine.training import MATRICES, Plan, sizes_of
from baselines.d3gm import train as d3gm
from baselines.d3gm.chain import Process
from baselines.d3gm.train import Job
from baselines.promptmr.model import PromptMR
from baselines.promptmr.train import RECIPE as PROMPTMR


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without weights."""
    monkeypatch.setattr(command, "ROOT", tmp_path)
    return tmp_path


def written(root: Path) -> list[str]:
    return [str(path.relative_to(root)) for path in root.rglob("*.safetensors")]


def trained(size: Any, seed: int, say: Any) -> Made:
    return Made(net=nn.Linear(1, 1), sizes={"channels": 1}, note={"size": size, "seed": seed})


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ([], "baselines/unet/weights.safetensors"),
        (["--size", "cpu", "--seed", "1"], "baselines/unet/weights.safetensors"),
        (["--size", "ci"], "var/trained/unet-ci.safetensors"),
        (["--size", "gpu"], "var/trained/unet-gpu.safetensors"),
    ],
)
def test_only_size_cpu_replaces_the_committed_weights_and_the_place_is_told(
    words: list[str], place: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = training_options(sizes=MATRICES).parse_args(words)
    command.main(options=options, folder="unet", make=trained)
    assert written(root) == [place]
    assert f"written: {place}: " in capsys.readouterr().err


@pytest.mark.parametrize("size", MATRICES)
def test_what_is_asked_for_is_where_it_goes(size: str, root: Path) -> None:
    words = ["--size", size, "--to", str(root / "mine.safetensors")]
    command.main(options=training_options(sizes=MATRICES).parse_args(words), folder="unet", make=trained)
    assert written(root) == ["mine.safetensors"]


def test_a_rival_of_d3gm_never_replaces_the_method(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    d3gm.main(["--size", "ci", "--process", "ou", "--factors", "4", "--steps", "2", "--threads", "1"])
    assert written(root) == ["var/trained/d3gm-ou-4-ci.safetensors"]
    assert "written: var/trained/d3gm-ou-4-ci.safetensors: " in capsys.readouterr().err
    # a short training of the method is not the method either
    rivals = [Job(size="cpu", process=Process.OU), Job(size="cpu", factors=(4,)), Job(size="cpu", steps=700)]
    for job in (*rivals, Job(size="cpu", seed=2)):
        path = command.destination(folder="d3gm", size=job.size, asked=None, rival=job.rival)
        assert (path.parts[-3:-1] == ("baselines", "d3gm")) is (job not in rivals), job


def shortened(*, folder: str, size: training.SizeName) -> tuple[dict[str, int], Plan]:
    network, plan = sizes_of(folder=folder, size=size)
    return network, replace(plan, subjects=1, shapes=0, mapping=0, steps=1)


def test_a_rivals_note_has_the_command_that_makes_the_rival_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "sizes_of", shortened)
    training.main(PROMPTMR, ["--size", "ci", "--seed", "3", "--change", "adjacent=1", "--threads", "1"])
    (place,) = written(root)
    assert place == "var/trained/promptmr-adjacent1-ci.safetensors"
    note = note_of_file(root / place)
    assert note["command"] == "python -m baselines.promptmr.train --size ci --seed 3 --change adjacent=1"
    assert load_weights(path=root / place, build=PromptMR).adjacent == 1
    # the gates train the same rival without a command line
    alone = replace(PROMPTMR, changed={"adjacent": 1})
    made = Trained(net=nn.Linear(1, 1), first_loss=0, last_loss=0, seconds=0)
    command_of_gates = training.note_of(recipe=alone, size="ci", seed=3, trained=made)["command"]
    assert command_of_gates == note["command"]


@pytest.mark.parametrize(
    ("change", "words"), [("neighbours=1", "there are adjacent, cascades"), ("adjacent=one", "'adjacent=one'")]
)
def test_a_change_that_the_network_does_not_know_is_refused_before_anything_is_simulated(
    change: str, words: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        training.main(PROMPTMR, ["--size", "ci", "--change", change])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err
    assert written(root) == []
