"""ISLES 2022: diffusion MR of a stroke in BIDS, with the lesion's mask below derivatives.

Found in the data set's own description and in scripts that read it: every path below, FLAIR in capitals; the mask lies on
the grid of DWI and ADC, FLAIR on one of its own. One session a person.
"""

from __future__ import annotations

from types import MappingProxyType

from evaluators.importers.images.tree import Tree

_SCAN = "{case}/ses-0001/%s/{case}_ses-0001_%s.nii.gz"

ISLES_2022 = Tree(
    key="isles-2022",
    title="ISLES 2022",
    folder=r"(?P<subject>sub-strokecase\d{4})",
    example="sub-strokecase0001",
    images=MappingProxyType(
        {"dwi": _SCAN % ("dwi", "dwi"), "adc": _SCAN % ("dwi", "adc"), "flair": _SCAN % ("anat", "FLAIR")}
    ),
    elsewhere=frozenset({"flair"}),
    labels="derivatives/{case}/ses-0001/{case}_ses-0001_msk.nii.gz",
    classes=MappingProxyType({1: "lesion"}),
)
