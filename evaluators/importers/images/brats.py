"""BraTS 2021, 2023 and 2024: four MR images of a brain tumour and its label map, co-registered, 240 x 240 x 155 of 1 mm.

Found in the challenges' data pages and in BraTS-2023-Metrics: folder and file names; labels 1, 2, 4 in 2021, 1, 2, 3 in 2023,
1 to 4 in 2024's post-treatment gliomas. The number after the subject's is the visit: visits of one person are not
independent. 2023's other tumours (MEN, MET, PED, SSA) have the same names and labels. The label map lies beside the images and
is never shown. Validation sets come without label maps and cannot be imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from evaluators.importers.images.tree import Tree

CORE, OEDEMA, ENHANCING = "necrotic core", "edema", "enhancing tumour"
#: modality -> what the name of its file ends with
_SINCE_2023 = MappingProxyType({"t1ce": "t1c", "t1": "t1n", "flair": "t2f", "t2": "t2w"})
_BEFORE = MappingProxyType({"t1ce": "t1ce", "t1": "t1", "flair": "flair", "t2": "t2"})


def _tree(
    *, key: str, title: str, folder: str, example: str, joint: str, names: Mapping[str, str], classes: Mapping[int, str]
) -> Tree:
    return Tree(
        key=key,
        title=title,
        folder=folder,
        example=example,
        images=MappingProxyType(
            {modality: f"{{case}}/{{case}}{joint}{name}.nii.gz" for modality, name in names.items()}
        ),
        labels=f"{{case}}/{{case}}{joint}seg.nii.gz",
        classes=MappingProxyType(dict(classes)),
    )


TREES = (
    _tree(
        key="brats-2021",
        title="BraTS 2021",
        folder=r"(?P<subject>BraTS2021_\d{5})",
        example="BraTS2021_00000",
        joint="_",
        names=_BEFORE,
        classes={1: CORE, 2: OEDEMA, 4: ENHANCING},
    ),
    _tree(
        key="brats-2023",
        title="BraTS 2023",
        folder=r"(?P<subject>BraTS-(?:GLI|MEN|MET|PED|SSA)-\d{5})-\d{3}",
        example="BraTS-GLI-00001-000",
        joint="-",
        names=_SINCE_2023,
        classes={1: CORE, 2: OEDEMA, 3: ENHANCING},
    ),
    _tree(
        key="brats-2024-gli",
        title="BraTS 2024, gliomas after treatment",
        folder=r"(?P<subject>BraTS-GLI-\d{5})-\d{3}",
        example="BraTS-GLI-00005-100",
        joint="-",
        names=_SINCE_2023,
        classes={1: CORE, 2: OEDEMA, 3: ENHANCING, 4: "resection cavity"},
    ),
)
