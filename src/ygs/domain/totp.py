"""Time-based one-time passwords (RFC 6238: SHA-1, six digits, thirty seconds), the second factor of staff.

The algorithm is ten lines of the standard library and pure, so it lives here; SHA-1 because authenticator apps ignore
any other choice.
"""

import struct
from base64 import b32decode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hmac import compare_digest, digest
from typing import Self

from ygs.domain.errors import N_, InvalidText

SECRET_BYTES = 20
_DIGITS = 6
_STEP_SECONDS = 30
# Clocks of phones are off by seconds; one step to either side is what RFC 6238 (5.2) recommends.
_DRIFT = 1


def code_at(secret: bytes, step: int) -> str:
    """The six digits of one thirty-second step since 1970 (RFC 4226, 5.3)."""
    mac = digest(secret, struct.pack(">Q", step), "sha1")
    start = mac[-1] & 0x0F
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}}"


def step_at(at: datetime) -> int:
    """The number of the step that contains a moment."""
    return int(at.timestamp()) // _STEP_SECONDS


def code_now(key: str, at: datetime) -> str:
    """The six digits that an authenticator app with this key (base 32) shows at a moment; `InvalidText` for no key."""
    letters = key.replace(" ", "").upper()
    try:
        secret = b32decode(letters + "=" * (-len(letters) % 8))
    except ValueError as error:
        raise InvalidText("key", N_("is not the key of an authenticator: copy it whole")) from error
    return code_at(secret, step_at(at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Totp:
    """An enrolled authenticator, in force once `confirmed_at` is set. Codes of steps up to `last_step` are used."""

    secret: bytes
    confirmed_at: datetime | None = None
    last_step: int = -1

    def __repr__(self) -> str:
        return f"Totp(confirmed_at={self.confirmed_at})"

    def accept(self, code: str, *, at: datetime) -> Self | None:
        """Accept a code: the authenticator with the code used up, or None if the code is wrong or was used before."""
        found = [step for step in self._open_steps(at) if compare_digest(code_at(self.secret, step), code)]
        return replace(self, last_step=found[0]) if found else None

    def confirm(self, code: str, *, at: datetime) -> Self | None:
        """The confirmed authenticator, or None if the code is wrong."""
        accepted = self.accept(code, at=at)
        return replace(accepted, confirmed_at=at) if accepted else None

    def _open_steps(self, at: datetime) -> Iterator[int]:
        now = step_at(at)
        return (step for step in range(now - _DRIFT, now + _DRIFT + 1) if step > self.last_step)
