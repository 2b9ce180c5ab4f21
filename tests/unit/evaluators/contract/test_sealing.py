"""References as ciphertext: opened by their key under their path, and noticed when touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.contract.sealing import SealBroken, new_key, seal, unseal

KEY = new_key()


@given(content=st.binary(max_size=200), path=st.text(max_size=40))
def test_what_was_sealed_comes_back(content: bytes, path: str) -> None:
    sealed = seal(content, key=KEY, path=path)
    assert len(sealed) == len(content) + 28
    assert unseal(sealed, key=KEY, path=path) == content


@given(where=st.integers(0, 59), bit=st.integers(0, 7))
def test_any_changed_bit_is_noticed(where: int, bit: int) -> None:
    sealed = bytearray(seal(b"a reference of 32 bytes in total", key=KEY, path="p"))
    sealed[where] ^= 1 << bit
    with pytest.raises(SealBroken):
        unseal(bytes(sealed), key=KEY, path="p")


@pytest.mark.parametrize("kept", [0, 11, 27, 40])
def test_a_truncated_reference_is_noticed(kept: int) -> None:
    with pytest.raises(SealBroken):
        unseal(seal(bytes(32), key=KEY, path="p")[:kept], key=KEY, path="p")


def test_references_cannot_be_swapped_or_opened_by_another_key() -> None:
    sealed = seal(b"x", key=KEY, path="P001/cine_sax.npy")
    with pytest.raises(SealBroken, match="P002"):
        unseal(sealed, key=KEY, path="P002/cine_sax.npy")
    with pytest.raises(SealBroken):
        unseal(sealed, key=new_key(), path="P001/cine_sax.npy")


def test_the_same_content_never_looks_the_same_twice() -> None:
    assert seal(b"x", key=KEY, path="p") != seal(b"x", key=KEY, path="p")
    assert len({new_key() for _ in range(10)}) == 10
