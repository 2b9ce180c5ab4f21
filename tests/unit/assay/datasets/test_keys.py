"""Keys at rest, and the hidden seed."""

from __future__ import annotations

import hashlib
import hmac
import io

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from assay.datasets.errors import KeyBroken
from assay.datasets.keys import hidden_seed, unwrap_key, wrap_key
from evaluators.contract.sealing import new_key


def test_a_key_opens_with_the_sites_secret_alone(settings: Settings) -> None:
    key = new_key()
    wrapped = wrap_key(key, address="cine@1")
    assert unwrap_key(wrapped, address="cine@1") == key

    settings.SECRET_KEY = "another secret of the same site, long enough"
    with pytest.raises(KeyBroken, match="cine@1"):
        unwrap_key(wrapped, address="cine@1")


def test_after_a_change_of_the_secret_the_earlier_one_still_opens(settings: Settings) -> None:
    key = new_key()
    wrapped = wrap_key(key, address="cine@1")

    settings.SECRET_KEY_FALLBACKS = ["one before", settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret of the same site, long enough"
    assert unwrap_key(wrapped, address="cine@1") == key


def test_a_wrapped_key_does_not_open_for_another_dataset() -> None:
    with pytest.raises(KeyBroken):
        unwrap_key(wrap_key(new_key(), address="cine@1"), address="cine@2")


def test_the_same_key_is_wrapped_differently_each_time() -> None:
    key = new_key()
    assert wrap_key(key, address="cine@1") != wrap_key(key, address="cine@1")


def test_the_hidden_seed_is_an_hmac_of_the_address_under_the_secret(settings: Settings) -> None:
    settings.SECRET_KEY = "s" * 40
    wanted = hmac.new(b"s" * 40, b"cine-demo-test@1", hashlib.sha256).hexdigest()
    out = io.StringIO()

    call_command("dataset", "seed", "cine-demo-test@1", stdout=out)
    assert out.getvalue() == wanted + "\n"
    assert hidden_seed(name="cine-demo-test", version=2) != wanted


@pytest.mark.parametrize("address", ["cine", "cine@0", "cine@one", "Cine@1", "@1", "cine@1 "])
def test_an_address_that_is_none_gives_no_seed(address: str) -> None:
    with pytest.raises(CommandError, match=r"name|address"):
        call_command("dataset", "seed", address)
