"""Which lesions count and what finds them, as each challenge has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from evaluators.contract.metrics import Choice
from evaluators.metrics.errors import MetricError


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Components are of 26 neighbours, in 2-D of 8."""

    #: voxels by which the reference is grown: lesions that then meet are one, and what touches it has found it
    dilation: int
    #: mm^3, in 2-D mm^2: a reference lesion that is not larger is left out, found or not
    ignored_mm3: float


BRATS_GLI, BRATS_MEN, BRATS_MET, ISLES = "brats2023-gli", "brats2023-men", "brats2023-met", "isles2022"
_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        BRATS_GLI: Rule(dilation=3, ignored_mm3=50),
        BRATS_MEN: Rule(dilation=1, ignored_mm3=50),
        BRATS_MET: Rule(dilation=1, ignored_mm3=2),
        ISLES: Rule(dilation=0, ignored_mm3=0),
    }
)
_BRATS = {
    BRATS_GLI: "lesions grown by 3 voxels (18 neighbours) before they are joined and compared, those up to 50 mm^3 left out: "
    "BraTS 2023 GLI, SSA and PED",
    BRATS_MEN: "grown by 1 voxel, up to 50 mm^3 left out: BraTS 2023 MEN",
    BRATS_MET: "grown by 1 voxel, up to 2 mm^3 left out: BraTS 2023 MET",
}
BRATS_RULE = Choice(values=_BRATS)
DETECTION_RULE = Choice(
    values={**_BRATS, ISLES: "a common voxel is a hit, nothing is grown and nothing left out: ISLES 2022"}
)
BRATS_SOURCE = "Moawad et al. 2023, arXiv:2306.00838; Saluja et al., github.com/rachitsaluja/BraTS-2023-Metrics"
BRATS_PEER = "BraTS-2023-Metrics metrics.get_LesionWiseResults"


def rule_named(name: str) -> Rule:
    """Raises MetricError for a name that is not served."""
    if name not in _RULES:
        raise MetricError(f"rule {name!r} is not served; write one of {', '.join(_RULES)}")
    return _RULES[name]
