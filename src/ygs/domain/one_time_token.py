"""One-time tokens: a short-lived, single-use secret that carries a use case from one request to the next.

Data are stored for ten minutes under a secret, and used once. Password resets, changes of a phone or e-mail address,
sign-ups, the redirect from Kakao and the second factor use them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from typing import Self

from ygs.domain.errors import N_, OneTimeTokenSpent
from ygs.domain.ids import UserId

LIFETIME = timedelta(minutes=10)
MOST_TRIES = 5


class OneTimeTokenKind(StrEnum):
    """The purpose of a one-time token."""

    RESET = "reset"
    PHONE = "phone"
    EMAIL = "email"
    FIREBASE = "firebase"
    KAKAO = "kakao"
    SIGN_UP = "sign_up"
    SIGN_UP_PHONE = "sign_up_phone"
    SECOND_FACTOR = "second_factor"


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeToken:
    """Data that are stored under the digest of a secret.

    `user_id` is its user, if it has one; `data` is what the use case needs again. `code` is the keyed hash of a code
    that was sent by text message; it must be given together with the secret, in at most `tries_left` tries.
    """

    digest: str
    kind: OneTimeTokenKind
    expires_at: datetime
    user_id: UserId | None = None
    data: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    tries_left: int = MOST_TRIES
    used_at: datetime | None = None

    def __repr__(self) -> str:
        return f"OneTimeToken({self.kind}, expires_at={self.expires_at})"

    def require(self, kind: OneTimeTokenKind, *, at: datetime) -> Self:
        """The token, or `OneTimeTokenSpent` when it is used, expired, tried too often or of another kind."""
        if self.kind is not kind or self.used_at or at >= self.expires_at or self.tries_left < 1:
            raise OneTimeTokenSpent(N_("start again"))
        return self

    def use(self, *, at: datetime) -> Self:
        """The token after its use."""
        return replace(self, used_at=at)

    def try_code(self, code: str, *, at: datetime) -> tuple[Self, bool]:
        """The token after a try, and whether the code was right. The caller saves it either way."""
        if compare_digest(self.code.encode(), code.encode()):
            return self.use(at=at), True
        return self.missed(), False

    def missed(self) -> Self:
        """The token after a wrong code, with one try less."""
        return replace(self, tries_left=self.tries_left - 1)


def one_time_token_digest(secret: str) -> str:
    """Return the digest of a secret: SHA-256, because a secret of 256 random bits needs no slow hash."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
