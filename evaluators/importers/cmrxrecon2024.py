"""CMRxRecon 2024: many contrasts (task 1) and many sampling patterns (task 2), multi-coil.

Found in the challenge's repository (ChallengeDataFormat/Format_Task1.txt and Format_Task2.txt, CMRxReconDemo/data_check/data.json,
the mask generators, evaluation-2024/Test_Score2024.py): folders, files, variables kspace_full, kus and mask; axes
(nx, ny, nc, nz, nt), BlackBlood without nt; the test phase mounts the folder MultiCoil as /input and reads a result at
<modality>/TestSet/Task1/<subject>/<scan>_kus_<pattern><factor>.mat below /output; task 1 masks (nx, ny), task 2 masks (nx, ny, nt), central 16 lines (ktRadial:
16 x 16 points) always sampled and not counted in the factor; ktRadial's spokes are counted with 0.6 times the factor.
Inferred: that FullSample of ValidationSet and TestSet lies as in TrainingSet (the public downloads leave it out), that axes
of length 1 at the end are missing as MATLAB drops them. The TrainingSet has full samples and masks but no under-sampled
files: there is nothing to give to a container, and it cannot be imported.
"""

from __future__ import annotations

from types import MappingProxyType

from evaluators.importers.layout import Family, Layout, Pattern

_SEEN = (
    Family(folder="Cine", scan="cine_(?P<view>sax|lax|lvot)", names="cine_sax.mat, cine_lax.mat, cine_lvot.mat"),
    Family(folder="Aorta", scan="aorta_(?P<view>sag|tra)", names="aorta_sag.mat, aorta_tra.mat"),
    Family(folder="Mapping", scan="(?P<view>T1|T2)map", names="T1map.mat, T2map.mat"),
    Family(folder="Tagging", scan="(?P<view>tagging)", names="tagging.mat"),
)
_UNSEEN = (
    Family(folder="Flow2d", scan="(?P<view>flow2d)", names="flow2d.mat"),
    Family(folder="BlackBlood", scan="(?P<view>blackblood)", names="blackblood.mat", still=True),
)


def _layout(
    *, task: str, title: str, families: tuple[Family, ...], factors: tuple[int, ...], patterns: dict[str, Pattern]
) -> Layout:
    return Layout(
        key=f"cmrxrecon-2024-{task.lower()}",
        title=title,
        families=families,
        home="MultiCoil/{family}/{set}",
        mounted="MultiCoil/",
        full="FullSample/{subject}/{scan}.mat",
        kspace=f"UnderSample_{task}/{{subject}}/{{scan}}_kus_{{pattern}}{{af}}.mat",
        mask=f"Mask_{task}/{{subject}}/{{scan}}_mask_{{pattern}}{{af}}.mat",
        drops_ones=True,
        kspace_variable="kus",
        mask_variable="mask",
        factors=factors,
        patterns=MappingProxyType(patterns),
        acs=16,
        strata=MappingProxyType({"modality": "family", "view": "view", "pattern": "pattern", "af": "af"}),
        group="{subject}/{pattern}{af}",
    )


LAYOUTS = (
    _layout(
        task="Task1",
        title="CMRxRecon 2024, task 1: multi-contrast",
        families=(*_SEEN, *_UNSEEN),
        factors=(4, 8, 10),
        patterns={"Uniform": Pattern()},
    ),
    _layout(
        task="Task2",
        title="CMRxRecon 2024, task 2: random sampling",
        families=_SEEN,
        factors=(4, 8, 12, 16, 20, 24),
        patterns={
            "ktUniform": Pattern(per_frame=True),
            "ktGaussian": Pattern(per_frame=True),
            "ktRadial": Pattern(lines=False, per_frame=True),
        },
    ),
)
