"""CMRxRecon 2023: cine and mapping, multi-coil and single-coil, 4, 8 and 10 times under-sampled.

Found in the challenge's repository (ChallengeDataFormat/Format_cine.txt and Format_mapping.txt, Evaluation/loadFun.py,
Mapping/CalEvalMap.py and Main_MapEvalution.py): every folder, file and variable name below; axes (kx, ky, coil, slice, frame),
without coil for single-coil data; 2-D masks of whole ky lines, the same for all frames, the central 24 lines always sampled;
one csv a mapping scan, read beside the full sample; labels below SegmentROI of the single-coil tree, whose codes differ
between the families. Inferred: that TestSet has the same tree (its scorer reads FullSample there), that label maps have
the image's own axes and no other orientation (the challenge indexes one with the other), that the k-space is single
precision (double is read too), that a csv lies beside the under-sampled files of every set as it does in two of them.
"""

from __future__ import annotations

from types import MappingProxyType

from evaluators.importers.layout import LV, MYOCARDIUM, RV, Family, Layout, Pattern
from evaluators.importers.times import ECHO, INVERSION

CINE = Family(
    folder="Cine",
    scan="cine_(?P<view>sax|lax)",
    names="cine_sax.mat, cine_lax.mat",
    labels=MappingProxyType({1: LV, 2: RV, 3: MYOCARDIUM}),
)
MAPPING = Family(
    folder="Mapping",
    scan="(?P<weighting>T1|T2)map",
    names="T1map.mat, T2map.mat",
    labels=MappingProxyType({1: LV, 2: MYOCARDIUM, 3: RV}),
    needs_labels=True,
    times=MappingProxyType({"T1map": INVERSION, "T2map": ECHO}),
)


def _layout(*, key: str, title: str, family: Family, coils: bool) -> Layout:
    tree = "MultiCoil" if coils else "SingleCoil"
    single = "" if coils else "single_"
    stratum = "view" if family is CINE else "weighting"
    return Layout(
        key=key,
        title=title,
        families=(family,),
        home=f"{tree}/{{family}}/{{set}}",
        full="FullSample/{subject}/{scan}.mat",
        kspace="AccFactor{af:02d}/{subject}/{scan}.mat",
        mask="AccFactor{af:02d}/{subject}/{scan}_mask.mat",
        times=".csv" if family.times else None,
        labels=tuple(
            f"{coil}/{{family}}/{{set}}/SegmentROI/{{subject}}/{{scan}}_label.nii.gz"
            for coil in dict.fromkeys((tree, "SingleCoil"))
        ),
        coils=coils,
        full_variables=(f"kspace_{single}full",),
        kspace_variable=f"kspace_{single}sub{{af:02d}}",
        mask_variable="mask{af:02d}",
        factors=(4, 8, 10),
        patterns=MappingProxyType({"": Pattern()}),
        acs=24,
        complete=True,
        strata=MappingProxyType({"af": "af", stratum: stratum}),
        group="{subject}/AccFactor{af:02d}",
    )


LAYOUTS = (
    _layout(key="cmrxrecon-2023", title="CMRxRecon 2023, cine, multi-coil", family=CINE, coils=True),
    _layout(key="cmrxrecon-2023-single", title="CMRxRecon 2023, cine, single-coil", family=CINE, coils=False),
    _layout(
        key="cmrxrecon-2023-mapping", title="CMRxRecon 2023, T1 and T2 mapping, multi-coil", family=MAPPING, coils=True
    ),
    _layout(
        key="cmrxrecon-2023-mapping-single",
        title="CMRxRecon 2023, T1 and T2 mapping, single-coil",
        family=MAPPING,
        coils=False,
    ),
)
