"""Addresses that only we can have made, and that end: what they allow, its end and a signature, in one word."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from ygs.domain.errors import NotFound
from ygs.domain.files import Bucket, ObjectKey

KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What an address allows: to store up to `most` bytes of that type (0: to read) at one object key, until a moment
    of Unix time."""

    bucket: str
    path: str
    content_type: str
    until: int
    most: int = 0
    attachment: str = ""

    @property
    def object_key(self) -> ObjectKey:
        """Where."""
        return ObjectKey(Bucket(self.bucket), self.path)


class Signer:
    """Signs grants (HMAC-SHA256 under a key of 32 bytes or more) and reads its own."""

    def __init__(self, key: bytes, *, seconds: Callable[[], float] = time.time) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"the key must have {KEY_BYTES} bytes or more: make one with `openssl rand -hex 32`")
        self._key = key
        self.seconds = seconds

    def sign(self, grant: Grant) -> str:
        """The grant as one word of letters, digits, ``-``, ``_`` and one dot."""
        said = _word(json.dumps(asdict(grant), ensure_ascii=False, sort_keys=True).encode())
        return f"{said}.{_word(self._signature(said))}"

    def read(self, token: str) -> Grant:
        """The grant, or `NotFound`, whatever is wrong with it."""
        grant = self.verified(token)
        if self.is_over(grant):
            raise NotFound("file")
        return grant

    def is_over(self, grant: Grant) -> bool:
        """Whether the time of the grant is over."""
        return grant.until < self.seconds()

    def verified(self, token: str) -> Grant:
        """The grant, though its time may be over; `NotFound` unless this key signed it."""
        said, _, signature = token.partition(".")
        if not hmac.compare_digest(_word(self._signature(said)).encode(), signature.encode(errors="replace")):
            raise NotFound("file")
        return Grant(**json.loads(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4))))

    def _signature(self, said: str) -> bytes:
        return hmac.digest(self._key, said.encode(errors="replace"), hashlib.sha256)


def _word(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
