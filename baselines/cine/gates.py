"""Acceptance gates of the cine baselines: three seeds of each network and the classical methods, on scans nobody trained on.

python -m baselines.cine.gates                      measures all; trains what is missing in var/gates
python -m baselines.cine.gates --methods cg_sense   measures some, and zero-filled, which all are held against
python -m baselines.cine.gates --record             also writes what was measured into each method's baseline.yaml
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from baselines.cg_sense.model import reconstruct as cg_sense
from baselines.cine import report
from baselines.cine.data import GATE_SEED
from baselines.cine.io import Scan
from baselines.cine.network import frame_by_frame, load_weights, save_weights
from baselines.cine.run import Method
from baselines.cine.training import ROOT, Recipe, note_of, sizes_of, train
from baselines.e2e_varnet.train import RECIPE as VARNET
from baselines.low_rank_sparse.model import reconstruct as low_rank_sparse
from baselines.unet.train import RECIPE as UNET
from baselines.zero_filled.model import reconstruct as zero_filled
from evaluators.metrics.image.nmse import nmse
from evaluators.metrics.image.psnr import psnr
from evaluators.metrics.image.ssim import ssim
from evaluators.phantoms.cine import acquire, simulate_subject
from evaluators.phantoms.encoding import fft2c, ifft2c, root_sum_of_squares
from evaluators.phantoms.randomness import stream
from evaluators.phantoms.real_anatomy import simulate_real_subject
from evaluators.phantoms.sizes import ACCELERATIONS, CineSize
from evaluators.tasks.normalisation import by_own_maximum
from evaluators.tasks.regions import cut

Image = NDArray[np.float32]
Kspace = NDArray[np.complex64]
Predicted = Callable[[Scan, Image], Kspace]

#: the demo's matrix; three frames are what the challenge ranks
MATRIX = CineSize(nx=96, ny=72, coils=8, slices=2, frames=3)
REGIONS = ("challenge-crop", "full")
SEEDS = (0, 1, 2)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One measured scan and its reference (frame, slice, y, x)."""

    group: str
    factor: int
    scan: Scan
    reference: Image


def cases(*, subjects: int, real: int) -> Iterator[Case]:
    """Phantom subjects under the gates' public seed, then real anatomy."""
    for group, simulate, count in (("phantom", simulate_subject, subjects), ("real", simulate_real_subject, real)):
        for subject in range(1, count + 1):
            for view, scan in simulate(seed=GATE_SEED, subject=subject, size=MATRIX).items():

                def noise(what: str | int, subject: int = subject, name: str = f"{group}/{view}") -> Any:
                    return stream(GATE_SEED, "noise", subject, name, what)

                full, _ = acquire(scan=scan, acceleration=None, rng=noise("full"))
                reference = root_sum_of_squares(full)
                for factor in ACCELERATIONS:
                    kspace, mask = acquire(scan=scan, acceleration=factor, rng=noise(factor))
                    yield Case(group=group, factor=factor, scan=Scan(kspace=kspace, mask=mask), reference=reference)


def measure(*, method: Method, predicted: Predicted, subjects: int, real: int) -> dict[str, float]:
    """Means over cases: {"phantom/ssim/challenge-crop/af=4": ...}, and "<group>/residual" on the measured lines."""
    values: dict[str, list[float]] = {}
    for case in cases(subjects=subjects, real=real):
        image = method(case.scan)
        prediction, truth = image.transpose(3, 2, 1, 0), case.reference.transpose(3, 2, 1, 0)
        for region in REGIONS:
            pair = [by_own_maximum(cut(volume, region=region)).volume for volume in (prediction, truth)]
            for name, metric in (("ssim", ssim), ("psnr", psnr), ("nmse", nmse)):
                values.setdefault(f"{case.group}/{name}/{region}/af={case.factor}", []).append(
                    float(np.mean(metric(*pair)))
                )
        values.setdefault(f"{case.group}/residual", []).append(
            residual(predicted=predicted(case.scan, image), scan=case.scan)
        )
    return {name: fmean(numbers) for name, numbers in values.items()}


def residual(*, predicted: Kspace, scan: Scan) -> float:
    """|M (predicted - measured)| / |M measured|, M the sampling mask, both (frame, slice, coil, ky, kx)."""
    lines = scan.mask.any(axis=1)
    measured = scan.kspace[..., lines, :]
    return float(np.linalg.norm(predicted[..., lines, :] - measured) / np.linalg.norm(measured))


def kspace_of_magnitude(scan: Scan, image: Image) -> Kspace:
    """k-space that a magnitude image implies, with the coil phases and weights of the zero-filled images."""
    coils = ifft2c(scan.kspace)
    together = np.sqrt(np.square(np.abs(coils)).sum(axis=2, keepdims=True))
    implied: Kspace = fft2c(coils / np.maximum(together, 1e-20) * image[:, :, None]).astype(np.complex64)
    return implied


def kspace_of_varnet(net: nn.Module) -> Predicted:
    """The k-space that the VarNet predicts before it takes the magnitude."""

    def predicted(scan: Scan, image: Image) -> Kspace:
        del image
        flat = torch.from_numpy(scan.kspace).flatten(0, 1).transpose(-1, -2)
        scale = flat.abs().amax()
        mask = torch.from_numpy(scan.mask[:, 0].copy())
        with torch.inference_mode():
            answer: Any = net.kspace(measured=flat / scale, mask=mask) * scale  # type: ignore[operator]
        found: Kspace = answer.transpose(-1, -2).reshape(scan.kspace.shape).numpy()
        return found

    return predicted


def trained(*, recipe: Recipe, seed: int, folder: Path) -> nn.Module:
    """The cpu-size network of one seed, from `folder`, or trained now and kept there."""
    path = folder / f"{recipe.folder}-{seed}.safetensors"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        result = train(recipe=recipe, size="cpu", seed=seed, say=lambda line: print(f"{path.stem}: {line}", flush=True))
        note = note_of(recipe=recipe, size="cpu", seed=seed, trained=result)
        save_weights(path=path, net=result.net, sizes=sizes_of(folder=recipe.folder, size="cpu")[0], note=note)
    return load_weights(path=path, build=recipe.build)


def measure_seed(*, recipe: Recipe, seed: int, folder: Path, subjects: int, real: int) -> Mapping[str, float]:
    """All numbers of one trained network."""
    net = trained(recipe=recipe, seed=seed, folder=folder)
    predicted = kspace_of_varnet(net) if recipe is VARNET else kspace_of_magnitude
    method = frame_by_frame(net=net, forward=recipe.forward)
    return measure(method=method, predicted=predicted, subjects=subjects, real=real)


class Measure(Protocol):
    """Measures one method: one dictionary a seed."""

    def __call__(self, *, folder: Path, subjects: int, real: int) -> list[Mapping[str, float]]:
        """folder: where trained weights are kept."""


def _classical(method: Method, predicted: Predicted = kspace_of_magnitude) -> Measure:
    def run(*, folder: Path, subjects: int, real: int) -> list[Mapping[str, float]]:
        del folder
        return [measure(method=method, predicted=predicted, subjects=subjects, real=real)]

    return run


def _learned(recipe: Recipe) -> Measure:
    def run(*, folder: Path, subjects: int, real: int) -> list[Mapping[str, float]]:
        return [measure_seed(recipe=recipe, seed=seed, folder=folder, subjects=subjects, real=real) for seed in SEEDS]

    return run


#: method -> how it is measured, the floor first
MEASURED: Mapping[str, Measure] = {
    "zero_filled": _classical(zero_filled, predicted=lambda scan, _: scan.kspace),
    "cg_sense": _classical(cg_sense),
    "low_rank_sparse": _classical(low_rank_sparse),
    UNET.folder: _learned(UNET),
    VARNET.folder: _learned(VARNET),
}


def main() -> None:
    """Measure, print, and with --record write into each baseline.yaml."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=ROOT / "var" / "gates")
    parser.add_argument("--subjects", type=int, default=8)
    parser.add_argument("--real", type=int, default=3)
    parser.add_argument("--methods", nargs="+", choices=list(MEASURED), default=list(MEASURED))
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    counts = {"subjects": options.subjects, "real": options.real}
    measured: dict[str, list[Mapping[str, float]]] = {}
    for name in MEASURED:
        if name == "zero_filled" or name in options.methods:
            measured[name] = MEASURED[name](folder=options.weights, **counts)
    for line in report.table(measured):
        print(line)
    judged = report.gates(measured)
    for gate in judged:
        print(gate)
    if options.record:
        report.record(measured=measured, cases=counts, methods=options.methods, judged=judged)


if __name__ == "__main__":
    main()
