"""A kind that says where values count: the region reaches the metrics of volumes, and no other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evaluators.contract.cases import Scorable
from evaluators.metrics.volume import nrmse
from evaluators.tasks import KINDS
from evaluators.tasks.reconstruction import Reconstruction
from tests.golden.make_volume import balls
from tests.unit.evaluators.tasks.specs import measure, reconstruction_task


class OverTheHeart(Reconstruction):
    """The reconstruction kind, with a region."""

    offer = Reconstruction.offer.model_copy(update={"metrics": ("ssim", "nrmse")})
    region: Any = None

    def pair(self, **given: Any) -> Scorable:
        return replace(super().pair(**given), region=OverTheHeart.region)


def test_a_region_reaches_the_metrics_of_volumes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    prediction, reference, region = balls((14, 13, 4, 2), seed=1)
    monkeypatch.setitem(KINDS, "reconstruction", OverTheHeart())
    options = {"normalisation": "fastmri", "region": "full"}
    task = reconstruction_task(metrics=[{"metric": key, **options} for key in ("ssim", "nrmse")])
    everywhere = measure(task=task, prediction=prediction, reference=reference)
    assert everywhere["nrmse"] == pytest.approx(nrmse(prediction, reference))
    OverTheHeart.region = region
    there = measure(task=task, prediction=prediction, reference=reference)
    assert there["nrmse"] == pytest.approx(nrmse(prediction, reference, region=region))
    assert there["nrmse"] != pytest.approx(everywhere["nrmse"])
    assert there["ssim"] == everywhere["ssim"]
    assert np.isfinite(list(there.values())).all()
