"""Field encryption: AES-256-GCM with versioned keys, and a blind index (HMAC) to search by.

A sealed value is the key's version (2 bytes, big endian), a random nonce (12 bytes), and the ciphertext with its tag
(16 bytes). Its additional data are the table, the column, the row's id and the key's version, so a value that is copied
to another column or row, or given another version, does not open.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Function, LargeBinary, Table, func

from ygs.domain.errors import N_, YgsError
from ygs.domain.text import storable_text

KEY_BYTES = 32
VERSION_BYTES = 2
_NONCE_BYTES = 12


class Unsealable(YgsError):
    """A sealed value does not open: its key is missing from the keyring, or the value was moved or changed."""

    code = "unsealable"


@dataclass(frozen=True, slots=True)
class Keyring:
    """The encryption keys by version, and the key of the blind index.

    Version `current` encrypts; the other versions only decrypt older values. `index_key` never changes: phones are
    found by their index, so another index key would find none of the stored ones.
    """

    keys: Mapping[int, bytes] = field(repr=False)
    current: int
    index_key: bytes = field(repr=False)
    _ciphers: dict[int, AESGCM] = field(init=False, repr=False, compare=False)
    _audit_key: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.current not in self.keys or not all(0 < version < 1 << 16 for version in self.keys):
            raise ValueError("a keyring needs its current version among its keys, numbered 1..65535")
        if any(len(key) != KEY_BYTES for key in (*self.keys.values(), self.index_key)):
            raise ValueError(f"every key must have {KEY_BYTES} bytes: make one with `openssl rand -hex {KEY_BYTES}`")
        # Derived from the key that never changes: the chain still verifies after the encryption keys were rotated.
        object.__setattr__(self, "_audit_key", hmac.digest(self.index_key, b"ygs audit chain", hashlib.sha256))
        object.__setattr__(self, "_ciphers", {version: AESGCM(key) for version, key in self.keys.items()})

    @property
    def prefix(self) -> bytes:
        """The first bytes of every value sealed with the current key."""
        return self.current.to_bytes(VERSION_BYTES, "big")

    def seal(self, column: Column[Any], id: str, text: str) -> bytes:
        """Encrypt `text` for the row `id` of `column`; `InvalidText` for text that no column can hold."""
        storable_text(sealed_name(column), text)
        nonce = os.urandom(_NONCE_BYTES)
        bound_to = _bound_to(column, id, self.current)
        return self.prefix + nonce + self._ciphers[self.current].encrypt(nonce, text.encode(), bound_to)

    def open(self, column: Column[Any], id: str, sealed: bytes) -> str:
        """Decrypt what `seal` returned for this column and row, or raise `Unsealable`."""
        version = int.from_bytes(sealed[:VERSION_BYTES], "big")
        if version not in self._ciphers:
            raise Unsealable(
                N_("{sealed_name} of {id} needs key version {version}: add it to the keyring"),
                sealed_name=sealed_name(column),
                id=id,
                version=version,
            )
        nonce = sealed[VERSION_BYTES : VERSION_BYTES + _NONCE_BYTES]
        rest = sealed[VERSION_BYTES + _NONCE_BYTES :]
        try:
            return self._ciphers[version].decrypt(nonce, rest, _bound_to(column, id, version)).decode()
        except (InvalidTag, ValueError) as error:
            raise Unsealable(
                N_(
                    "{sealed_name} of {id} cannot be decrypted: key {version} of YGS_SEALING_KEYS is not the one that "
                    "it was encrypted with, or the row was changed outside ygs. Set the key of that time, or restore a "
                    "backup"
                ),
                sealed_name=sealed_name(column),
                id=id,
                version=version,
            ) from error

    def seal_if(self, column: Column[Any], id: str, text: str | None) -> bytes | None:
        """`seal`, or None for None and for an empty text."""
        return self.seal(column, id, text) if text else None

    def open_if(self, column: Column[Any], id: str, sealed: bytes | None) -> str | None:
        """`open`, or None for None."""
        return None if sealed is None else self.open(column, id, sealed)

    def index(self, column: Column[Any], text: str) -> str:
        """The blind index of `text` in `column`: 64 hex digits of an HMAC, the same for the same text."""
        keyed = f"{sealed_name(column)}|{text}".encode(errors="surrogatepass")
        return hmac.digest(self.index_key, keyed, hashlib.sha256).hex()

    def audit_mac(self, content: bytes) -> bytes:
        """HMAC-SHA256 of `content` under the key of the audit chain."""
        return hmac.digest(self._audit_key, content, hashlib.sha256)


def sealed_with(column: Column[bytes]) -> Function[bytes]:
    """The SQL expression of the key version in a sealed value: its first bytes."""
    return func.substr(column, 1, VERSION_BYTES, type_=LargeBinary)


@cache
def sealed_name(column: Column[Any]) -> str:
    """The ``table.column`` that a sealed value is bound to; `ValueError` unless the column's `info` is `sealed(...)`.

    A column without that mark would be passed over by key rotation.
    """
    if "sealed" not in column.info or not isinstance(column.table, Table):
        raise ValueError(f"{column} is not declared as sealed: give it `info=sealed(...)`")
    return f"{column.table.name}.{column.name}"


def _bound_to(column: Column[Any], id: str, version: int) -> bytes:
    return f"{sealed_name(column)}|{id}|{version}".encode()
