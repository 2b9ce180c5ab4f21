"""Hidden references as ciphertext: sealed on the organiser's machine, opened in the scorer's memory alone.

AES-256-GCM over the whole file, 12 random bytes of nonce in front. The dataset's key travels on the scorer's stdin;
site and worker carry ciphertext. The file's path is authenticated, so that two references cannot be swapped.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class SealBroken(ValueError):
    """The reference was changed, swapped, or belongs to another key: the dataset must be uploaded again."""


def new_key() -> str:
    """A fresh dataset key as 64 hex digits."""
    return AESGCM.generate_key(bit_length=256).hex()


def seal(content: bytes, *, key: str, path: str) -> bytes:
    """Ciphertext of `content`, bound to `path`; 28 bytes longer."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(bytes.fromhex(key)).encrypt(nonce, content, path.encode())


def unseal(content: bytes, *, key: str, path: str) -> bytes:
    """What `seal` was given. Raises SealBroken."""
    try:
        return AESGCM(bytes.fromhex(key)).decrypt(content[:_NONCE], content[_NONCE:], path.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBroken(f"reference {path} does not open with this dataset's key") from error
