"""Sessions: one signed-in device each, kept alive by a refresh token that changes with every use.

A session's refresh tokens form a chain: the next secret is the HMAC of a secret under the session's salt. The store
keeps only the salt and the SHA-256 of the latest secret. Therefore:

- a dump of the store holds no token, and from a stolen token alone no later one can be computed;
- two requests with the same token get the same successor, in either order;
- following the chain tells a token that was valid once from a made-up one, so only the reuse of a real token ends the
  session, and a stranger's guess does not.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest, digest
from typing import Self

from ygs.domain.errors import N_, InvalidToken
from ygs.domain.ids import SessionId, UserId
from ygs.domain.users import Role

MOST_SESSIONS = 10
GRACE = timedelta(seconds=30)
SECRET_BYTES = 32

# How far back a token is recognised. At one refresh in ten minutes that is two months, twice a session's life.
_LONGEST_CHAIN = 10_000
_TOKEN = re.compile(r"(ses_[0-9A-Z]{26})\.([0-9]{1,9})\.([0-9a-f]{64})")


class Ending(StrEnum):
    """Why a session ended before its time."""

    LOGGED_OUT = "logged_out"
    ENDED_BY_USER = "ended_by_user"
    TOO_MANY = "too_many"
    TOKEN_REUSED = "token_reused"  # noqa: S105 - a reason, not a secret
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    PHONE_CHANGED = "phone_changed"
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    ROLE_CHANGED = "role_changed"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """The longest time that a session lasts: in all, and without use."""

    absolute: timedelta
    idle: timedelta

    @classmethod
    def of(cls, role: Role) -> Self:
        """Return the lifetime for a role. Sessions of staff are short, because staff read other people's documents."""
        if role is Role.MEMBER:
            return cls(timedelta(days=30), timedelta(days=14))
        return cls(timedelta(hours=12), timedelta(minutes=30))


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token. The client gets it once, and it is never stored."""

    session_id: SessionId
    generation: int
    secret: bytes

    def __str__(self) -> str:
        return f"{self.session_id}.{self.generation}.{self.secret.hex()}"

    def __repr__(self) -> str:
        return f"RefreshToken({self.session_id}, {self.generation})"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse the token that a client sent, or raise `InvalidToken`."""
        found = _TOKEN.fullmatch(text)
        if not found:
            raise InvalidToken(N_("sign in again"))
        session, generation, secret = found.groups()
        return cls(SessionId(session), int(generation), bytes.fromhex(secret))


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One signed-in device. `refreshed_at`: the last use; `second_factor`: whether a TOTP code was given too.

    `generation` counts the refresh tokens so far. `presented`: the latest generation whose access token was presented;
    `repeated`: the generation of the latest refresh token that was accepted again after the grace period, if any was.
    `address` is a keyed hash of the network address. `device` is the name that the client gives itself.
    """

    id: SessionId
    user_id: UserId
    salt: bytes
    digest: bytes
    generation: int = 0
    presented: int = 0
    repeated: int | None = None
    second_factor: bool = False
    device: str = ""
    address: str = ""
    started_at: datetime
    refreshed_at: datetime
    expires_at: datetime
    idle: timedelta
    ended_at: datetime | None = None
    ending: Ending | None = None

    def live(self, *, at: datetime) -> bool:
        """Whether the session is neither ended, nor too old, nor unused for too long."""
        return self.ended_at is None and at < min(self.expires_at, self.refreshed_at + self.idle)

    def end(self, ending: Ending, *, at: datetime) -> Self:
        """End the session; ending it twice changes nothing."""
        return self if self.ended_at else replace(self, ended_at=at, ending=ending)

    def refresh(self, token: RefreshToken, *, at: datetime) -> tuple[Self, RefreshToken | None]:
        """Exchange a refresh token. Return the session to save and the next token; no token if the session ended.

        The token before the latest works again for `GRACE` after it was replaced, and gives the same successor, because
        replies get lost and a page may send twenty requests at once. After that it works once more if nobody has used
        its successor, because a phone may sleep over a lost reply. `InvalidToken` for a token that was never this
        session's, and for a session that is over.
        """
        steps = self.generation - token.generation
        if not self.live(at=at) or not 0 <= steps <= _LONGEST_CHAIN or not self._is_ancestor(token.secret, steps):
            raise InvalidToken(N_("sign in again"))
        successor = RefreshToken(self.id, token.generation + 1, _next(self.salt, token.secret))
        if steps == 0:
            latest = sha256(successor.secret).digest()
            return replace(self, digest=latest, generation=successor.generation, refreshed_at=at), successor
        if steps == 1 and at - self.refreshed_at <= GRACE:
            return self, successor
        if steps == 1 and self._may_repeat(token.generation):
            return replace(self, repeated=token.generation), successor
        return self.end(Ending.TOKEN_REUSED, at=at), None

    def present(self, generation: int) -> Self:
        """The session after an access token of that generation was presented."""
        return replace(self, presented=max(self.presented, generation))

    def _may_repeat(self, generation: int) -> bool:
        """Whether the refresh token before the latest may be accepted again after the grace period.

        It may if the access token issued with its successor was never presented, and neither it nor the token before it
        was accepted again before. The second condition ends the session of two holders who take turns.
        """
        alone = self.repeated is None or generation - self.repeated > 1
        return alone and self.presented <= generation

    def _is_ancestor(self, secret: bytes, steps: int) -> bool:
        """Whether the chain leads from a secret to the latest one in that many steps."""
        for _ in range(steps):
            secret = _next(self.salt, secret)
        return compare_digest(sha256(secret).digest(), self.digest)


def _next(salt: bytes, secret: bytes) -> bytes:
    return digest(salt, secret, "sha256")


def start_session(
    id: SessionId,
    user_id: UserId,
    *,
    secret: bytes,
    salt: bytes,
    lifetime: Lifetime,
    at: datetime,
    since: datetime | None = None,
    second_factor: bool = False,
    device: str = "",
    address: str = "",
) -> tuple[Session, RefreshToken]:
    """Start a session, and return it with its first token; `secret` and `salt` are `SECRET_BYTES` random bytes each.

    `since`: when the user signed in, if earlier than `at`.
    """
    started = since or at
    session = Session(
        id=id,
        user_id=user_id,
        salt=salt,
        digest=sha256(secret).digest(),
        second_factor=second_factor,
        device=device,
        address=address,
        started_at=started,
        refreshed_at=at,
        expires_at=started + lifetime.absolute,
        idle=lifetime.idle,
    )
    return session, RefreshToken(id, 0, secret)
