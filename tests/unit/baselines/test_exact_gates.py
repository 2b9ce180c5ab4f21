"""Gates c and e hold for what stands, are missed by what is broken, and are written without touching anything else."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
import torch
import yaml
from monai.apps.reconstruction.networks.nets.utils import sensitivity_map_reduce

from baselines.cine import exact, report
from baselines.cine.io import Scan
from baselines.cine.report import Gate
from baselines.cine.training import ROOT
from baselines.e2e_varnet.model import VarNet
from evaluators.metrics.image.nmse import nmse
from evaluators.metrics.image.ssim import ssim
from evaluators.phantoms.sampling import cartesian_mask


@pytest.fixture
def net() -> VarNet:
    torch.manual_seed(0)
    return VarNet(cascades=1, channels=4, pools=2, coil_channels=2, coil_pools=2).eval()


@pytest.fixture
def scan() -> Scan:
    """Two frames, two slices, three coils."""
    rng = np.random.default_rng(0)
    mask = cartesian_mask(nx=40, ny=36, acceleration=4)
    numbers = rng.normal(size=(2, 2, 3, 36, 40)) + 1j * rng.normal(size=(2, 2, 3, 36, 40))
    return Scan(kspace=(numbers * mask).astype(np.complex64), mask=mask)


def test_the_operator_and_the_maps_of_a_network_agree_to_five_digits(net: VarNet, scan: Scan) -> None:
    adjoint, maps = exact.operator_gaps(net=net, scan=scan)
    assert 0 <= adjoint < 1e-5
    assert 0 <= maps < 1e-5


def test_maps_that_are_not_conjugated_on_the_way_back_are_no_adjoint(
    net: VarNet, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = sensitivity_map_reduce

    def wrong(kspace: torch.Tensor, maps: torch.Tensor) -> torch.Tensor:
        return right(kspace, maps * torch.tensor([1.0, -1.0]))

    monkeypatch.setattr(exact, "sensitivity_map_reduce", wrong)
    adjoint, _ = exact.operator_gaps(net=net, scan=scan)
    assert adjoint > 1e-2


def test_maps_of_another_length_are_told(net: VarNet, scan: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    maps_of = net.coil_maps
    monkeypatch.setattr(net, "coil_maps", lambda **given: maps_of(**given) * 1.001)
    _, maps = exact.operator_gaps(net=net, scan=scan)
    assert maps == pytest.approx(0.002, rel=0.01)


def test_the_metrics_of_the_gates_are_their_peers_to_six_digits() -> None:
    gaps = exact.metric_gaps()
    assert list(gaps) == ["ssim", "psnr", "nmse"]
    assert max(gaps.values()) < 1e-6


def test_a_metric_that_is_a_little_off_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    off = {"ssim": ssim, "nmse": lambda *pair: nmse(*pair) * 1.001}
    monkeypatch.setattr(exact, "METRICS", MappingProxyType(off))
    gaps = exact.metric_gaps()
    assert gaps["ssim"] < 1e-6 < gaps["nmse"]


def test_gates_are_added_to_a_table_without_touching_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = ROOT / "baselines" / "e2e_varnet" / "baseline.yaml"
    path = tmp_path / "baselines" / "e2e_varnet" / "baseline.yaml"
    path.parent.mkdir(parents=True)
    shutil.copy(source, path)
    monkeypatch.setattr(report, "ROOT", tmp_path)
    before = yaml.safe_load(source.read_text())
    for value in (4.0, 6.5):
        gate = Gate(name="c: a new one", methods=("e2e_varnet",), value=value, limit=5.0)
        report.add_gates(method="e2e_varnet", judged=[gate])
    after = yaml.safe_load(path.read_text())
    assert after["measured"].pop("gates") == [
        *before["measured"].pop("gates"),
        {"gate": "c: a new one", "value": 6.5, "limit": 5.0, "passed": True},
    ]
    assert after == before
    added = "  - gate: 'c: a new one'\n    value: 6.5\n    limit: 5.0\n    passed: true\n"
    assert path.read_text().replace(added, "") == source.read_text()


def test_the_committed_table_holds_both_gates_and_all_of_their_scores() -> None:
    mean = report.measured_mean("e2e_varnet")
    assert {f"phantom/ssim/{region}/af=4" for region in exact.REGIONS} <= set(mean)
    document = yaml.safe_load((ROOT / "baselines" / "e2e_varnet" / "baseline.yaml").read_text())
    told = [gate for gate in document["measured"]["gates"] if gate["gate"][:2] in {"c:", "e:"}]
    assert len(told) == 6
    assert all(gate["passed"] for gate in told)
