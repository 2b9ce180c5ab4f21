"""D3GM on scans: the same scan gives the same image, what was measured stays where that is asked for, and it learns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.io import loadmat

from baselines.cine.io import Scan
from baselines.cine.network import load_weights
from baselines.cine.sense import Encoding
from baselines.d3gm.chain import Process
from baselines.d3gm.consistency import Consistency, Measured, UnknownConsistency, as_image, as_planes
from baselines.d3gm.infer import WEIGHTS_FILE, method, run
from baselines.d3gm.model import Diffusion, Sampler, reconstruction
from baselines.d3gm.train import Job, keep, train
from evaluators.phantoms.cine import CineSize, acquire, simulate_subject
from evaluators.phantoms.layout import write_kspace
from evaluators.phantoms.randomness import stream
from evaluators.phantoms.sizes import View

SIZE = CineSize(nx=48, ny=36, coils=4, slices=2, frames=3)


@pytest.fixture(scope="module")
def scan() -> Scan:
    kspace, mask = acquire(
        scan=simulate_subject(seed=5, subject=1, size=SIZE)[View.SAX], acceleration=4, rng=stream(5, "noise")
    )
    return Scan(kspace=kspace, mask=mask)


@pytest.fixture(scope="module")
def diffusion() -> Diffusion:
    net = load_weights(path=WEIGHTS_FILE, build=Diffusion)
    assert isinstance(net, Diffusion)
    return net


def test_two_runs_on_one_scan_give_one_image_and_another_seed_another(scan: Scan, diffusion: Diffusion) -> None:
    image = method()(scan)
    assert image.shape == (SIZE.frames, SIZE.slices, SIZE.ny, SIZE.nx)
    assert np.array_equal(image, method()(scan))
    assert not np.array_equal(image, reconstruction(diffusion, seed=1)(scan))


def test_a_slice_does_not_depend_on_the_slices_before_it(scan: Scan) -> None:
    alone = Scan(kspace=scan.kspace[:, 1:], mask=scan.mask)
    assert np.array_equal(method()(alone)[:, 0], method()(scan)[:, 1])


def distance_from_measured(diffusion: Diffusion, *, scan: Scan, word: str, sampler: Sampler) -> float:
    """How far the lines of a drawn image are from the measured ones, over those, of a scan's first slice."""
    lines = scan.kspace[:, 0]
    encoding = Encoding.of(lines, mask=scan.mask)
    start = encoding.adjoint(lines)
    scale = np.abs(start).max()
    measured = Measured(lines=lines / scale, encoding=encoding)
    with torch.inference_mode():
        *_, image = diffusion.walk(
            as_planes(start / scale),
            generator=torch.Generator().manual_seed(0),
            steps=6,
            sampler=sampler,
            consistency=Consistency.named(word),
            measured=measured,
        )
    rest = encoding.forward(as_image(image)) - measured.lines
    return float(np.linalg.norm(rest) / np.linalg.norm(measured.lines))


@pytest.mark.parametrize("sampler", list(Sampler))
@pytest.mark.parametrize("coils", [1, SIZE.coils])
def test_data_consistency_keeps_the_measured_lines(
    scan: Scan, diffusion: Diffusion, sampler: Sampler, coils: int
) -> None:
    some = Scan(kspace=scan.kspace[:, :, :coils], mask=scan.mask)
    free, *kept = (
        distance_from_measured(diffusion, scan=some, word=word, sampler=sampler)
        for word in ("none", "final", "every_2")
    )
    assert free > 0.03
    # several coils agree on one image up to noise and maps alone: there it is one step towards the lines
    assert max(kept) < (1e-5 if coils == 1 else 0.95 * free)


def test_correcting_along_the_walk_is_not_the_same_as_correcting_its_end(scan: Scan) -> None:
    images = [method(consistency=word)(scan) for word in ("none", "final", "every_2")]
    assert not np.array_equal(images[0], images[1])
    assert not np.array_equal(images[1], images[2])


@pytest.mark.parametrize("word", ["every_0", "every", "always", ""])
def test_an_unknown_consistency_is_told_what_there_is(word: str) -> None:
    with pytest.raises(UnknownConsistency, match="use none, final or every_K"):
        method(consistency=word)


def infer(source: Path, target: Path, *words: str) -> np.ndarray:
    """The image of the one case below `source`, by the command line of the container."""
    with pytest.raises(SystemExit) as ended:
        run(["--input", str(source), "--output", str(target), *words])
    assert ended.value.code == 0
    (path,) = target.rglob("*.mat")
    image: np.ndarray = loadmat(path)["img4ranking"].transpose(3, 2, 1, 0)
    return image


def test_data_consistency_is_chosen_by_a_word_or_by_the_containers_variable(
    scan: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "in"
    write_kspace(
        path=source / "MultiCoil/Cine/TestSet/AccFactor04/P001/cine_sax.mat",
        variable="kspace_sub04",
        kspace=scan.kspace,
    )
    free = infer(source, tmp_path / "free")
    final = infer(source, tmp_path / "final", "--consistency", "final")
    assert np.array_equal(free, method()(scan))
    assert np.array_equal(final, method(consistency="final")(scan))
    assert not np.array_equal(free, final)
    monkeypatch.setenv("D3GM_CONSISTENCY", "final")
    assert np.array_equal(infer(source, tmp_path / "variable"), final)
    # what is written on the command line is meant
    assert np.array_equal(infer(source, tmp_path / "both", "--consistency", "none"), free)


def test_a_word_that_names_no_data_consistency_is_answered_with_those_that_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["--input", str(tmp_path), "--consistency", "every_0"])
    assert ended.value.code == 2
    assert "data consistency 'every_0': use none, final or every_K" in capsys.readouterr().err


def test_a_ci_size_training_lowers_its_loss_and_its_weights_come_back(scan: Scan, tmp_path: Path) -> None:
    # a second thread gains nothing at this size
    torch.set_num_threads(1)
    job, path = Job(size="ci"), tmp_path / "new" / "weights.safetensors"
    trained = train(job, say=lambda _: None)
    assert trained.last_loss < 0.8 * trained.first_loss
    keep(trained, job=job, path=path)
    assert isinstance(trained.net, Diffusion)
    again = method(path)(scan)
    assert np.array_equal(again, reconstruction(trained.net)(scan))


def test_rivals_differ_from_the_method_in_their_process_alone() -> None:
    for size in ("ci", "cpu", "gpu"):
        jobs = [Job(size=size, process=process) for process in Process]
        assert [job.build["process"] for job in jobs] == ["d3gm", "ou", "decoupled", "decoupled_wide", "score"]
        assert all(job.plan == jobs[0].plan for job in jobs)
        assert all({**job.build, "process": ""} == {**jobs[0].build, "process": ""} for job in jobs)


def test_a_job_says_the_command_that_makes_it_again() -> None:
    assert Job(size="cpu").command == "python -m baselines.d3gm.train --size cpu --seed 0"
    rival = Job(size="cpu", process=Process.SCORE, factors=(4,), seed=2, steps=700)
    assert rival.command == (
        "python -m baselines.d3gm.train --size cpu --seed 2 --process score --factors 4 --steps 700"
    )
