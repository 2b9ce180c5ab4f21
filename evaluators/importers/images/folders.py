"""Two folders, imagesTr and labelsTr, and a dataset.json: nnU-Net's raw data, and the Medical Segmentation Decathlon's form.

nnU-Net (documentation/dataset_format.md): imagesTr/<case>_0000.nii.gz, one a channel, labelsTr/<case>.nii.gz. Decathlon, which AMOS
and BTCV follow: one image a case, imagesTr/<case>.nii.gz; dataset.json lists pairs of image and label map under `training`,
`validation` and `test`; without a list, both files of a case have one name, as AMOS has them.
A case is taken for a subject: nothing in these trees says which cases are of one person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from evaluators.contract.datasets import NAME
from evaluators.importers.images import dataset_json
from evaluators.importers.images.case import Found, ImageCase, ImageLayout, Input
from evaluators.importers.problems import BadFile, Problem

#: set -> (end of both folders' names, its list in dataset.json)
_SETS = MappingProxyType(
    {"TrainingSet": ("Tr", "training"), "ValidationSet": ("Va", "validation"), "TestSet": ("Ts", "test")}
)
_ENDINGS = (".nii.gz", ".nii")


def _nnunet(root: Path, set_name: str) -> Found:
    document, ending, problem = _begin(root, set_name)
    if problem is not None:
        return Found(problems=[problem])
    channels = document.get("channel_names", document.get("modality"))
    if not isinstance(channels, dict) or not channels or not all(key.isdecimal() for key in channels):
        wanted = 'channel_names, such as {"0": "CT"}'
        return Found(problems=[Problem(path=dataset_json.NAME, wanted=wanted, found="none")])
    images, labels, kind = f"images{ending}", f"labels{ending}", str(document.get("file_ending", ".nii.gz"))
    if kind not in _ENDINGS:
        return Found(problems=[Problem(path=dataset_json.NAME, wanted="file_ending .nii.gz or .nii", found=kind)])
    names: set[str] = set()
    problems: list[Problem] = []
    for path in sorted((root / images).iterdir()):
        found = re.fullmatch(rf"(?P<case>.+)_(?P<channel>\d{{4}}){re.escape(kind)}", path.name)
        if found is None or str(int(found["channel"])) not in channels:
            wanted = f"<case>_0000{kind} to <case>_{len(channels) - 1:04d}{kind}"
            problems.append(Problem(path=f"{images}/{path.name}", wanted=wanted, found="another name"))
        else:
            names.add(found["case"])
    # a label map whose images are all missing is a case too
    names |= {path.name.removesuffix(kind) for path in sorted((root / labels).glob(f"*{kind}"))}
    cases = [
        ImageCase(
            unit=name,
            group=name,
            inputs=tuple(
                Input(
                    path=f"{images}/{name}_{int(channel):04d}{kind}",
                    shown=f"{NAME}_{int(channel):04d}{kind}",
                    modality=str(title),
                )
                for channel, title in sorted(channels.items(), key=lambda pair: int(pair[0]))
            ),
            labels=f"{labels}/{name}{kind}",
            strata={},
        )
        for name in sorted(names)
    ]
    return Found(cases=cases, problems=problems, labels=dataset_json.labels_of(document))


def _decathlon(root: Path, set_name: str) -> Found:
    document, ending, problem = _begin(root, set_name)
    if problem is not None:
        return Found(problems=[problem])
    pairs = sorted(_pairs(root, document, ending=ending, listed=_SETS[set_name][1]))
    cases = []
    for image, labels in pairs:
        name = _stem(image)
        shown = NAME + PurePosixPath(image).name.removeprefix(name)
        cases.append(
            ImageCase(unit=name, group=name, inputs=(Input(path=image, shown=shown),), labels=labels, strata={})
        )
    return Found(cases=cases, labels=dataset_json.labels_of(document))


def _begin(root: Path, set_name: str) -> tuple[Mapping[str, Any], str, Problem | None]:
    """(dataset.json, end of the folders' names, what makes it no such tree)."""
    try:
        document = dataset_json.read_dataset_json(root)
        dataset_json.labels_of(document)
    except BadFile as bad:
        return {}, "", bad.at(dataset_json.NAME)
    if set_name not in _SETS:
        return {}, "", Problem(path=".", wanted=f"one of the sets {', '.join(_SETS)}", found=set_name)
    ending = _SETS[set_name][0]
    for folder in (f"images{ending}", f"labels{ending}"):
        if not (root / folder).is_dir():
            there = [name for name, (end, _) in _SETS.items() if (root / f"labels{end}").is_dir()]
            found = f"no such folder; label maps are there for {', '.join(there) or 'no set'} (--set)"
            return {}, "", Problem(path=folder, wanted=f"the files of {set_name}", found=found)
    return document, ending, None


def _pairs(root: Path, document: Mapping[str, Any], *, ending: str, listed: str) -> Iterator[tuple[str, str]]:
    """(image, label map), below the root."""
    rows = document.get(listed)
    named = [row for row in rows if isinstance(row, dict) and {"image", "label"} <= row.keys()] if rows else []
    if named:
        for row in named:
            yield str(PurePosixPath(str(row["image"]))), str(PurePosixPath(str(row["label"])))
        return
    names = {path.name for kind in ("images", "labels") for path in (root / f"{kind}{ending}").glob("*.nii*")}
    for name in names:
        yield f"images{ending}/{name}", f"labels{ending}/{name}"


def _stem(path: str) -> str:
    name = PurePosixPath(path).name
    return next((name.removesuffix(ending) for ending in _ENDINGS if name.endswith(ending)), name)


NNUNET = ImageLayout(key="nnunet", title="nnU-Net raw data", find=_nnunet)
DECATHLON = ImageLayout(key="decathlon", title="Medical Segmentation Decathlon, AMOS, BTCV", find=_decathlon)
