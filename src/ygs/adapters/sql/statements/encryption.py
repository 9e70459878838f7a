"""Values that nobody can read in a dump: AES-256-GCM with keys that can be changed, and a keyed index to find by.

A sealed value is the key's version (2 bytes, big endian), a random nonce (12) and the ciphertext with its tag (16). It
is bound to its place: moved to another column or row, or relabelled with another version, it no longer opens.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Function, LargeBinary, func

from ygs.domain.errors import YgsError
from ygs.domain.text import storable_text

KEY_BYTES = 32
VERSION_BYTES, _NONCE_BYTES = 2, 12


class Unsealable(YgsError):
    """A sealed value does not open: its key is missing from the keyring, or somebody moved or changed it."""

    code = "unsealable"


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys by version, of which `current` seals; the others only open what was sealed before.

    `index_key` makes the blind index. It is not among the versions, since a phone must be found, and found to be taken,
    whatever was current when it was stored; to change it means to load the data anew.
    """

    keys: Mapping[int, bytes] = field(repr=False)
    current: int
    index_key: bytes = field(repr=False)
    _ciphers: dict[int, AESGCM] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.current not in self.keys or not all(0 < version < 1 << 16 for version in self.keys):
            raise ValueError("a keyring needs its current version among its keys, numbered 1..65535")
        if any(len(key) != KEY_BYTES for key in (*self.keys.values(), self.index_key)):
            raise ValueError(f"every key must have {KEY_BYTES} bytes: make one with `openssl rand -hex {KEY_BYTES}`")
        object.__setattr__(self, "_ciphers", {version: AESGCM(key) for version, key in self.keys.items()})

    @property
    def prefix(self) -> bytes:
        """How everything sealed with the current key begins."""
        return self.current.to_bytes(VERSION_BYTES, "big")

    def seal(self, table_column: str, id: str, text: str) -> bytes:
        """`text`, unreadable, for the row `id` of ``table.column``; `InvalidText` for what no column would keep."""
        storable_text(table_column, text)
        nonce = os.urandom(_NONCE_BYTES)
        place = _place(table_column, id, self.current)
        return self.prefix + nonce + self._ciphers[self.current].encrypt(nonce, text.encode(), place)

    def open(self, table_column: str, id: str, sealed: bytes) -> str:
        """The text that was sealed for that place, or `Unsealable`."""
        version = int.from_bytes(sealed[:VERSION_BYTES], "big")
        if version not in self._ciphers:
            raise Unsealable(f"{table_column} of {id} needs key version {version}: add it to the keyring")
        nonce, rest = sealed[VERSION_BYTES : VERSION_BYTES + _NONCE_BYTES], sealed[VERSION_BYTES + _NONCE_BYTES :]
        try:
            return self._ciphers[version].decrypt(nonce, rest, _place(table_column, id, version)).decode()
        except (InvalidTag, ValueError) as error:
            raise Unsealable(f"{table_column} of {id} was changed or moved outside ygs: restore it") from error

    def seal_if(self, table_column: str, id: str, text: str | None) -> bytes | None:
        """`seal`, or None for no text at all."""
        return self.seal(table_column, id, text) if text else None

    def open_if(self, table_column: str, id: str, sealed: bytes | None) -> str | None:
        """`open`, or None where nothing is stored."""
        return None if sealed is None else self.open(table_column, id, sealed)

    def index(self, table_column: str, text: str) -> str:
        """The same 64 digits for the same text of one column, telling nobody without the key which text it was."""
        keyed = f"{table_column}|{text}".encode(errors="surrogatepass")
        return hmac.digest(self.index_key, keyed, hashlib.sha256).hex()


def sealed_with(column: Column[bytes]) -> Function[bytes]:
    """In a query: the version of the key, as the bytes that a sealed value begins with."""
    return func.substr(column, 1, VERSION_BYTES, type_=LargeBinary)


def _place(table_column: str, id: str, version: int) -> bytes:
    return f"{table_column}|{id}|{version}".encode()
