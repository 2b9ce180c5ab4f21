"""Acceptance gates of the cine baselines: three seeds of each network and the classical methods, on scans nobody trained on.

python -m baselines.cine.gates                      measures all; trains what is missing in var/gates
python -m baselines.cine.gates --methods cg_sense   measures some, and zero-filled, which all are held against
python -m baselines.cine.gates --record             also writes what was measured into each method's baseline.yaml, and seed 0's weights beside it
python -m baselines.cine.gates --only exact         gates c and e alone, on the committed weights: no training, a minute
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from baselines.cg_sense.model import reconstruct as cg_sense
from baselines.cine import exact, report
from baselines.cine.gate_scans import Case, cases, series
from baselines.cine.io import Scan
from baselines.cine.network import frame_by_frame, load_weights, neighbours, save_weights
from baselines.cine.report import ONE_FRAME
from baselines.cine.run import Method
from baselines.cine.training import ROOT, Recipe, note_of, train
from baselines.cine.unrolled import Unrolled
from baselines.e2e_varnet.train import RECIPE as VARNET
from baselines.low_rank_sparse.model import reconstruct as low_rank_sparse
from baselines.promptmr.train import RECIPE as PROMPTMR
from baselines.unet.train import RECIPE as UNET
from baselines.zero_filled.model import reconstruct as zero_filled
from evaluators.phantoms.encoding import fft2c, ifft2c, root_sum_of_squares

Image = NDArray[np.float32]
Kspace = NDArray[np.complex64]
Predicted = Callable[[Scan, Image], Kspace]

REGIONS = exact.REGIONS
SEEDS = (0, 1, 2)


def measure(*, method: Method, predicted: Predicted, subjects: int, real: int) -> dict[str, float]:
    """Means over cases: {"phantom/ssim/challenge-crop/af=4": ...}, and "<group>/residual" on the measured lines."""
    return _means(method=method, predicted=predicted, found=cases(subjects=subjects, real=real))


def measure_series(*, method: Method, subjects: int) -> dict[str, float]:
    """Means over whole series: {"film/ssim/full/af=8": ..., "mapping/ssim/full/af=8": ...}."""
    return _means(method=method, predicted=None, found=series(subjects=subjects))


def _means(*, method: Method, predicted: Predicted | None, found: Iterable[Case]) -> dict[str, float]:
    values: dict[str, list[float]] = {}
    for case in found:
        image = method(case.scan)
        prediction, truth = image.transpose(3, 2, 1, 0), case.reference.transpose(3, 2, 1, 0)
        for region in REGIONS:
            pair = exact.scaled((prediction, truth), region=region)
            for name, metric in exact.METRICS.items():
                values.setdefault(f"{case.group}/{name}/{region}/af={case.factor}", []).append(
                    float(np.mean(metric(*pair)))
                )
        if predicted is not None:
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


def kspace_of_unrolled(net: Unrolled, *, adjacent: int = 1) -> Predicted:
    """The k-space that an unrolled network predicts before it takes the magnitude."""

    def predicted(scan: Scan, image: Image) -> Kspace:
        del image
        around = neighbours(frames=len(scan.kspace), adjacent=adjacent)
        found = np.empty_like(scan.kspace)
        device = next(net.parameters()).device
        mask = torch.from_numpy(scan.mask[:, 0].copy()).to(device)
        scale = float(np.abs(scan.kspace).max())
        for frame, near in enumerate(around):
            part = torch.from_numpy(scan.kspace[near]).to(device).transpose(0, 1).transpose(-1, -2) / scale
            with torch.inference_mode():
                answer = net.kspace(measured=part if adjacent > 1 else part[:, 0], mask=mask) * scale
            found[frame] = answer.transpose(-1, -2).cpu().numpy()
        return found

    return predicted


def _remembered(predicted: Predicted) -> Predicted:
    """The same answers; the last one is kept."""
    last: list[tuple[Scan, Kspace]] = []

    def answer(scan: Scan, image: Image) -> Kspace:
        if not (last and last[0][0] is scan):
            last[:] = [(scan, predicted(scan, image))]
        return last[0][1]

    return answer


def _images_of(predicted: Predicted) -> Method:
    return lambda scan: root_sum_of_squares(predicted(scan, np.empty(0, dtype=np.float32)))


def trained(*, recipe: Recipe, seed: int, folder: Path) -> nn.Module:
    """The cpu-size network of one seed, from `folder`, or trained now and kept there."""
    path = folder / f"{recipe.name}-{seed}.safetensors"
    if not path.exists():
        result = train(recipe=recipe, size="cpu", seed=seed, say=lambda line: print(f"{path.stem}: {line}", flush=True))
        note = note_of(recipe=recipe, size="cpu", seed=seed, trained=result)
        save_weights(path=path, net=result.net, sizes=recipe.sizes("cpu")[0], note=note)
    return load_weights(path=path, build=recipe.build)


def measure_seed(*, recipe: Recipe, seed: int, folder: Path, counts: Mapping[str, int]) -> Mapping[str, float]:
    """All numbers of one trained network; of one that looks at neighbours also those of its rival that does not."""
    net = trained(recipe=recipe, seed=seed, folder=folder)
    adjacent = recipe.sizes("cpu")[0].get("adjacent", 1)
    method = frame_by_frame(net=net, forward=recipe.forward, adjacent=adjacent)
    if isinstance(net, Unrolled):
        # its image is that of its k-space: one run of the network serves both
        predicted = _remembered(kspace_of_unrolled(net, adjacent=adjacent))
        found = measure(
            method=_images_of(predicted), predicted=predicted, subjects=counts["subjects"], real=counts["real"]
        )
    else:
        found = measure(method=method, predicted=kspace_of_magnitude, subjects=counts["subjects"], real=counts["real"])
    if adjacent > 1:
        alone = trained(recipe=replace(recipe, changed={"adjacent": 1}), seed=seed, folder=folder)
        rival = measure_series(method=frame_by_frame(net=alone, forward=recipe.forward), subjects=counts["series"])
        found |= measure_series(method=method, subjects=counts["series"])
        found |= {f"{ONE_FRAME}{key}": value for key, value in rival.items()}
    return found


class Measure(Protocol):
    """Measures one method: one dictionary a seed."""

    def __call__(self, *, folder: Path, counts: Mapping[str, int]) -> list[Mapping[str, float]]:
        """folder: where trained weights are kept. counts: of how many persons, phantom, real and in whole series."""


def _classical(method: Method, predicted: Predicted = kspace_of_magnitude) -> Measure:
    def run(*, folder: Path, counts: Mapping[str, int]) -> list[Mapping[str, float]]:
        del folder
        found = measure(method=method, predicted=predicted, subjects=counts["subjects"], real=counts["real"])
        return [found | measure_series(method=method, subjects=counts["series"])]

    return run


def _learned(recipe: Recipe) -> Measure:
    def run(*, folder: Path, counts: Mapping[str, int]) -> list[Mapping[str, float]]:
        return [measure_seed(recipe=recipe, seed=seed, folder=folder, counts=counts) for seed in SEEDS]

    return run


#: method -> how it is measured, the floor first
MEASURED: Mapping[str, Measure] = {
    "zero_filled": _classical(zero_filled, predicted=lambda scan, _: scan.kspace),
    "cg_sense": _classical(cg_sense),
    "low_rank_sparse": _classical(low_rank_sparse),
    UNET.folder: _learned(UNET),
    VARNET.folder: _learned(VARNET),
    PROMPTMR.folder: _learned(PROMPTMR),
}


#: the unrolled networks, which have an operator and coil maps to look at
UNROLLED: Mapping[str, Recipe] = {recipe.folder: recipe for recipe in (VARNET, PROMPTMR)}


def main() -> None:
    """Measure, print, and with --record write into each baseline.yaml."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=ROOT / "var" / "gates")
    parser.add_argument("--subjects", type=int, default=8)
    parser.add_argument("--real", type=int, default=3)
    parser.add_argument("--series", type=int, default=4)
    parser.add_argument("--methods", nargs="+", choices=list(MEASURED), default=list(MEASURED))
    parser.add_argument("--only", choices=["exact"], help="these gates alone; the rest of a baseline.yaml stays")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    if options.only:
        chosen = [name for name in options.methods if name in UNROLLED]
        if not chosen:
            parser.error(f"--only exact is about {' and '.join(UNROLLED)}")
        _exact(methods=chosen, record=options.record)
        return
    counts = {"subjects": options.subjects, "real": options.real, "series": options.series}
    measured: dict[str, list[Mapping[str, float]]] = {}
    for name in MEASURED:
        if name == "zero_filled" or name in options.methods:
            measured[name] = MEASURED[name](folder=options.weights, counts=counts)
    for line in report.table(measured):
        print(line)
    judged = report.gates(measured)
    for name, recipe in UNROLLED.items():
        if name in measured:
            judged += exact.exact_gates(recipe=recipe, mean=measured[name][0])
    for gate in judged:
        print(gate)
    if options.record:
        for name in options.methods:
            report.commit_weights(method=name, measured=options.weights / f"{name}-{SEEDS[0]}.safetensors")
        report.record(measured=measured, cases=counts, methods=options.methods, judged=judged)


def _exact(*, methods: Iterable[str], record: bool) -> None:
    for name in methods:
        judged = exact.exact_gates(recipe=UNROLLED[name], mean=report.measured_mean(name))
        for gate in judged:
            print(gate)
        if record:
            report.add_gates(method=name, judged=judged)


if __name__ == "__main__":
    main()
