"""A dataset's key at rest: encrypted under a key that is derived from the site's secret. And the seed of hidden phantoms."""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from assay.datasets.errors import KeyBroken

_NONCE = 12


def wrap_key(key: str, *, address: str) -> str:
    """`key` (hex) as ciphertext (hex), bound to the dataset's address so that two rows cannot be swapped."""
    nonce = os.urandom(_NONCE)
    return (nonce + _cipher(settings.SECRET_KEY).encrypt(nonce, bytes.fromhex(key), address.encode())).hex()


def unwrap_key(wrapped: str, *, address: str) -> str:
    """What `wrap_key` was given; earlier secrets of the site are tried too. Raises KeyBroken."""
    raw = bytes.fromhex(wrapped)
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return _cipher(secret).decrypt(raw[:_NONCE], raw[_NONCE:], address.encode()).hex()
        except InvalidTag:
            continue
    raise KeyBroken(f"The key of {address} does not open with this site's secret.")


def hidden_seed(*, name: str, version: int) -> str:
    """Seed of the hidden data of name@version as 64 hex digits: HMAC-SHA256 of the address under the site's secret."""
    return hmac.new(settings.SECRET_KEY.encode(), f"{name}@{version}".encode(), hashlib.sha256).hexdigest()


def _cipher(secret: str) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"assay dataset key 1").derive(secret.encode())
    return AESGCM(derived)
