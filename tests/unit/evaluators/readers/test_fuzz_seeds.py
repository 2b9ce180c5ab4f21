"""What fuzzing starts from is worth it: every seed is an array or a refusal, and every reader reads some of its own."""

from __future__ import annotations

import pytest

from evaluators.readers import ReadFailure, read
from tests.fuzz.targets import TARGETS
from tests.unit.evaluators.readers.files import WANTED


@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_is_an_array_or_a_refusal(name: str) -> None:
    seeds = TARGETS[name].seeds()
    assert len(seeds) > 3
    assert max(map(len, seeds)) < 20_000
    for content in seeds:
        TARGETS[name].run(content)


@pytest.mark.parametrize("name", ["mat5", "hdf5"])
def test_some_seeds_are_good_files_and_some_are_not(tmp_path, name: str) -> None:
    told: list[str] = []
    for content in TARGETS[name].seeds():
        (tmp_path / "a.mat").write_bytes(content)
        try:
            read(tmp_path / "a.mat", spec=WANTED)
            told.append("read")
        except ReadFailure as failure:
            told.append(failure.code)
    assert told.count("read") >= 5
    assert {"BAD_VALUE", "read"} < set(told)
