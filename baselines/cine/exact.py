"""Gates c and e of the methods' notes: properties that hold to rounding, measured on committed weights and on golden rows.

Each is told as decimal digits of agreement, -log10 of a difference, so that more is better as in every other gate.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from math import log10
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from monai.apps.reconstruction.networks.nets.utils import sensitivity_map_expand, sensitivity_map_reduce
from numpy.typing import NDArray
from torch import Tensor

from baselines.cine.command import committed_weights
from baselines.cine.gate_scans import cases
from baselines.cine.io import Scan
from baselines.cine.network import load_weights
from baselines.cine.report import TITLES, Gate
from baselines.cine.training import ROOT, Recipe
from baselines.cine.unrolled import Unrolled
from evaluators.metrics.image.nmse import nmse
from evaluators.metrics.image.psnr import psnr
from evaluators.metrics.image.scaled import Scaled
from evaluators.metrics.image.ssim import ssim
from evaluators.phantoms.sizes import ACCELERATIONS
from evaluators.tasks.normalisation import by_own_maximum
from evaluators.tasks.regions import cut
from tests.golden.pictures import cine

Volume = NDArray[np.floating[Any]]

GOLDEN = ROOT / "tests" / "golden" / "reconstruction.json"
METRICS = MappingProxyType({"ssim": ssim, "psnr": psnr, "nmse": nmse})
REGIONS = ("challenge-crop", "full")
#: whose scans c looks at: what holds to rounding holds on a few
SUBJECTS, REAL = 2, 1
#: <Ax, y> = <x, A^H y> and sum |S|^2 = 1 to 1e-5; a metric of double precision equals its peer's to 1e-6
_OPERATOR, _METRIC = 5.0, 6.0
#: below this a difference is double precision's own
_LEAST = 1e-16


def exact_gates(*, recipe: Recipe, mean: Mapping[str, float]) -> list[Gate]:
    """All of them for one unrolled method. mean: its measured scores, whose regions e looks for."""
    net = load_weights(path=committed_weights(recipe.folder), build=recipe.build)
    if not isinstance(net, Unrolled):
        raise TypeError(f"{recipe.folder} is no unrolled network: it has no coil maps to look at")
    whose = TITLES[recipe.folder]
    found = [operator_gaps(net=net, scan=case.scan) for case in cases(subjects=SUBJECTS, real=REAL)]
    adjoint, maps = (max(gaps) for gaps in zip(*found, strict=True))
    judged = [
        (f"c: digits of <Ax,y> = <x,A^H y>, {whose}", _digits(adjoint), _OPERATOR),
        (f"c: digits of sum |S|^2 = 1, {whose}", _digits(maps), _OPERATOR),
        *(
            (f"e: digits of {name.upper()} as scikit-image and numpy have it, golden rows", _digits(gap), _METRIC)
            for name, gap in metric_gaps().items()
        ),
        ("e: regions with every score stored, of 2", float(sum(_stored(mean))), float(len(REGIONS))),
    ]
    return [Gate(name=name, methods=(recipe.folder,), value=value, limit=limit) for name, value, limit in judged]


def operator_gaps(*, net: Unrolled, scan: Scan, seed: int = 0) -> tuple[float, float]:
    """(|<Ax,y> - <x,A^H y>| / |<Ax,y>|, largest |sum_c |S_c|^2 - 1|), the worst slice, A = M F S with the maps learned there.

    A and A^H are what the network itself applies, in its own precision; x is normal numbers, and y is Ax and as many more,
    so that <Ax,y> is never small by chance.
    """
    mask, draw = torch.from_numpy(scan.mask[:, 0].copy()), torch.Generator().manual_seed(seed)
    scale = float(np.abs(scan.kspace).max())
    worst = [0.0, 0.0]
    for number in range(scan.kspace.shape[1]):
        # (frame, coil, kx, ky): the frames are a batch
        measured = torch.from_numpy(scan.kspace[:, number]).transpose(-1, -2) / scale
        with torch.inference_mode():
            maps = net.coil_maps(measured=measured.contiguous(), mask=mask)
            pairs, lines = torch.view_as_real(maps), mask.reshape(1, 1, 1, -1, 1)
            image = torch.randn((len(pairs), 1, *pairs.shape[2:]), generator=draw)
            encoded = sensitivity_map_expand(image, pairs) * lines
            kspace = encoded + torch.randn(pairs.shape, generator=draw)
            there = _inner(encoded, kspace)
            back = _inner(image, sensitivity_map_reduce(kspace * lines, pairs))
        unit = maps.abs().double().square().sum(dim=1)
        worst[0] = max(worst[0], abs(there - back) / abs(there))
        worst[1] = max(worst[1], float((unit - 1).abs().max()))
    return worst[0], worst[1]


def metric_gaps() -> dict[str, float]:
    """Metric -> largest difference from its peer, over the pictures of the golden rows on this track's scale, both regions.

    The metrics, the crop and the scale are those that the gates and the scorer use.
    """
    gaps = dict.fromkeys(METRICS, 0.0)
    for row in _rows():
        pair = scaled(cine(row["shape"], seed=row["seed"]), region=row["region"])
        for name, metric in METRICS.items():
            gap = np.abs(np.asarray(metric(*pair)) - np.asarray(row["pictures"][name])).max()
            gaps[name] = max(gaps[name], float(gap))
    return gaps


def scaled(volumes: Iterable[Volume], *, region: str) -> list[Scaled]:
    """Prediction and reference as the metrics compare them: the region, then each by its own maximum. (x, y, slice, frame)"""
    return [by_own_maximum(cut(volume, region=region)).volume for volume in volumes]


def _rows() -> Iterator[dict[str, Any]]:
    rows = json.loads(GOLDEN.read_text(encoding="utf-8"))["rows"]
    wanted = {"normalisation": "cmrxrecon2023", "order": "declared", "peer_dtype": "float64"}
    for row in rows:
        if wanted.items() <= row.items() and row["region"] in REGIONS:
            yield row


def _inner(one: Tensor, other: Tensor) -> complex:
    """<one, other> of (..., 2), summed in double precision."""
    left, right = (torch.view_as_complex(each.double().contiguous()).reshape(-1) for each in (one, other))
    return complex(torch.vdot(left, right))


def _stored(mean: Collection[str]) -> Iterator[bool]:
    """For each region whether every metric and factor has a score there."""
    for region in REGIONS:
        keys = {f"phantom/{name}/{region}/af={factor}" for name in METRICS for factor in ACCELERATIONS}
        yield keys <= set(mean)


def _digits(gap: float) -> float:
    return -log10(max(gap, _LEAST))
