"""Inputs that were handed to teams keep the names of the folder; everything else of a version stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.datasets.services import manifest_digest
from evaluators.contract.datasets import CaseManifest, DatasetManifest, FileRef
from evaluators.importers.dataset import ImportedDataset
from evaluators.importers.given_out import given_out
from evaluators.importers.problems import ImportProblems


def case(number: int, *, shown: str) -> CaseManifest:
    some = FileRef(path="r.npy", sha256="f" * 64, size=1)
    return CaseManifest(
        label=f"case {number}", unit="u", group=f"g{number}", strata={},
        inputs=(FileRef(path=shown, sha256=f"{number:064d}", size=1),), references=(some,), shape=(1, 1),
    )  # fmt: skip


def imported(*pairs: tuple[str, str]) -> ImportedDataset:
    """(as a container sees it, as it lies on disk) a case."""
    cases = tuple(case(number, shown=shown) for number, (shown, _) in enumerate(pairs))
    files = {f"{number:064d}": Path(lies) for number, (_, lies) in enumerate(pairs)}
    return ImportedDataset(manifest=DatasetManifest(layout="x", visibility="hidden", cases=cases), files=files)


def test_every_case_gets_the_name_that_stands_where_a_container_sees_its_pseudonym() -> None:
    whole = given_out(
        imported(
            ("Cine/AccFactor04/{name}/cine_sax.mat", "/data/MultiCoil/Cine/AccFactor04/P017/cine_sax.mat"),
            ("Cine/AccFactor08/{name}/cine_sax.mat", "/data/MultiCoil/Cine/AccFactor08/P017/cine_sax.mat"),
            ("imagesTs/{name}_0000.nii.gz", "/data/imagesTs/liver_004_0000.nii.gz"),
            ("{name}/{name}_t1.nii.gz", "/data/BraTS-00012-000/BraTS-00012-000_t1.nii.gz"),
        )
    )
    assert [one.given_as for one in whole.manifest.cases] == ["P017", "P017", "liver_004", "BraTS-00012-000"]


@pytest.mark.parametrize("lies", ["/data/P001/other.mat", "/tmp/staged/0001.mat", "/data/a/P001/b/x.mat"])
def test_an_input_under_another_name_is_told(lies: str) -> None:
    with pytest.raises(ImportProblems, match="a file of another name"):
        given_out(imported(("a/{name}/x.mat", lies)))


def test_cases_of_the_same_bytes_are_told_apart_by_their_place_or_refused() -> None:
    shared = {f"{0:064d}": [Path("/data/Cine/P001/k.mat"), Path("/data/Mapping/P002/k.mat")]}
    two = imported(("Cine/{name}/k.mat", "/data/Mapping/P002/k.mat"))
    whole = given_out(ImportedDataset(manifest=two.manifest, files=two.files, places=shared))
    assert whole.manifest.cases[0].given_as == "P001"
    twins = {f"{0:064d}": [Path("/data/Cine/P001/k.mat"), Path("/data/Cine/P002/k.mat")]}
    with pytest.raises(ImportProblems, match="the same bytes under P001 and P002"):
        given_out(ImportedDataset(manifest=two.manifest, files=two.files, places=twins))


def test_two_cases_of_one_path_are_refused() -> None:
    with pytest.raises(ImportProblems, match="wanted every case under a path of its own, found two at a/P001/x"):
        given_out(imported(("a/{name}/x.mat", "/one/a/P001/x.mat"), ("a/{name}/x.mat", "/two/a/P001/x.mat")))


@pytest.mark.parametrize("name", ["P 001", ".hidden", "Ä1", "p" * 65])
def test_a_name_that_no_path_of_the_site_may_have_is_told_before_anything_is_sent(name: str) -> None:
    with pytest.raises(ImportProblems) as refused:
        given_out(imported(("a/{name}/x.mat", f"/data/a/{name}/x.mat"), ("b/{name}/x.mat", "/data/b/P1/x.mat")))
    (problem,) = refused.value.problems
    assert (problem.path, problem.found, refused.value.good) == ("case 0", repr(name), 1)


def test_a_version_that_was_not_given_out_keeps_the_hash_that_it_had() -> None:
    """The hash of this very manifest before cases could have a name."""
    plain = imported(("a/{name}/x.mat", "/one/a/P001/x.mat"))
    assert "given_as" not in plain.manifest.model_dump_json()
    assert manifest_digest(plain.manifest) == "3b905493df31e09d70b4544200dbbe52189445b471734c9d5a62e1276b550d46"
    assert manifest_digest(given_out(plain).manifest) != manifest_digest(plain.manifest)
