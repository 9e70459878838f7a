"""Addresses that only we can have made, and that end: what they allow, its end and a signature, in one word."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from ygs.domain.errors import NotFound
from ygs.domain.files import Place, Shelf

KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """What an address allows: to store up to `most` bytes of that type (0: to read) at one place, until a moment of
    Unix time."""

    shelf: str
    path: str
    content_type: str
    until: int
    most: int = 0
    attachment: str = ""

    @property
    def place(self) -> Place:
        """Where."""
        return Place(Shelf(self.shelf), self.path)


class Signer:
    """Signs leaves (HMAC-SHA256 under a key of 32 bytes or more) and reads its own."""

    def __init__(self, key: bytes, *, seconds: Callable[[], float] = time.time) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"the key must have {KEY_BYTES} bytes or more: make one with `openssl rand -hex 32`")
        self._key, self.seconds = key, seconds

    def sign(self, leave: Leave) -> str:
        """The leave as one word of letters, digits, ``-``, ``_`` and one dot."""
        said = _word(json.dumps(asdict(leave), ensure_ascii=False, sort_keys=True).encode())
        return f"{said}.{_word(self._signature(said))}"

    def read(self, token: str) -> Leave:
        """The leave, or `NotFound`, whatever is wrong with it."""
        said, _, signature = token.partition(".")
        if not hmac.compare_digest(_word(self._signature(said)).encode(), signature.encode(errors="replace")):
            raise NotFound("file")
        leave = Leave(**json.loads(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4))))
        if leave.until < self.seconds():
            raise NotFound("file")
        return leave

    def _signature(self, said: str) -> bytes:
        return hmac.digest(self._key, said.encode(errors="replace"), hashlib.sha256)


def _word(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
