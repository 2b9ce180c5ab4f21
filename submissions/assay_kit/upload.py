"""Brings an imported dataset to the site: only the files that it has not, then the manifest that closes the version."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from assay_kit.client import Client
from assay_kit.console import Output
from assay_kit.errors import NotFound, RefusedByRules, SignInNeeded
from evaluators.contract.api import DatasetOut
from evaluators.contract.datasets import DatasetManifest

_DRAFT = "draft"


def is_closed(*, client: Client, name: str, version: int) -> DatasetOut | None:
    """The version, if it is there and will never change; None for a draft or none at all."""
    try:
        found = client.dataset(name=name, version=version)
    except NotFound:
        return None
    return None if found.state == _DRAFT else found


def open_draft(*, client: Client, name: str, version: int, hidden: bool) -> DatasetOut:
    """The draft of name@version, with its key where references are to be hidden.

    Raises RefusedByRules for a version that is closed already, SignInNeeded for somebody else's draft.
    """
    draft = client.open_dataset(name=name, version=version)
    if draft.state != _DRAFT:
        raise RefusedByRules(
            f"{name}@{version} is {draft.state} and never changes again",
            code="DATASET_SEALED",
            next=f"use --version {version + 1}",
        )
    if hidden and draft.key is None:
        raise SignInNeeded(f"{name}@{version} is the draft of somebody else: its key is told to its owner alone")
    return draft


def upload(
    *, client: Client, out: Output, name: str, version: int, manifest: DatasetManifest, files: Mapping[str, Path]
) -> DatasetOut:
    """Send what is missing and seal. `files`: sha256 -> where the bytes lie. May be called again after it broke off."""
    dataset = f"{name}@{version}"
    sizes = {sha256: path.stat().st_size for sha256, path in files.items()}
    already = 0
    with out.progress(label=f"uploading {dataset}", total=sum(sizes.values())) as progress:
        for sha256, path in files.items():
            if client.has_blob(sha256=sha256, dataset=dataset):
                already += 1
                progress.advance(sizes[sha256])
            else:
                client.send_blob(sha256=sha256, dataset=dataset, path=path, sent=progress.advance)
    out.say(f"{dataset}: {len(files) - already} files sent, {already} were there")
    return client.seal_dataset(name=name, version=version, manifest=manifest)
