"""The ports of authentication: password hashes, access tokens, randomness, identity providers, messages."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ygs.domain.accounts import Provider
from ygs.domain.ids import SessionId, UserId

ACCESS_SECONDS = 600


class Passwords(Protocol):
    """Password hashes, computed outside the event loop, two at a time; `Unavailable` when too many wait."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Limit how many use cases work with passwords at once; the others wait in order of arrival.

        `Unavailable` when too many wait.
        """
        ...

    async def hash(self, password: str) -> str:
        """The encoded hash of a password, with a new salt."""
        ...

    async def verify(self, password: str, encoded: str | None) -> bool:
        """Return whether the hash is of this password. For `encoded=None` it takes the same time and returns False."""
        ...

    def outdated(self, encoded: str) -> bool:
        """Return whether the hash has other parameters than those `hash` uses now."""
        ...


@dataclass(frozen=True, slots=True)
class Access:
    """The claims of an access token: user, session and times. `id` is the token's own; `generation` that of the refresh
    token it was issued with."""

    user_id: UserId
    session_id: SessionId
    id: str
    issued_at: datetime
    expires_at: datetime
    generation: int = 0


class Tokens(Protocol):
    """Signed access tokens."""

    def issue(self, access: Access) -> str:
        """Sign a token with these claims."""
        ...

    def read(self, token: str, *, at: datetime) -> Access:
        """Return the claims of a token; the same `InvalidToken` for every fault."""
        ...


class Secrets(Protocol):
    """Random values, and hashes under the key of the service."""

    def random_bytes(self, size: int) -> bytes:
        """Cryptographically random bytes."""
        ...

    def code(self) -> str:
        """Eight cryptographically random digits, for a person to type."""
        ...

    def keyed_hash(self, kind: str, text: str) -> str:
        """A keyed hash of kind and text: 64 hex digits, the same for the same input."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """The subject that an identity provider has authenticated. Its other claims, such as a phone, are not used."""

    provider: Provider
    subject: str


class Firebase(Protocol):
    """Verifies ID tokens of our Firebase project (phone, Google, Apple)."""

    async def prove(self, id_token: str) -> Identity:
        """The identity of a token; `SignInRefused` when invalid, `Unavailable` when the provider does not answer."""
        ...


class Kakao(Protocol):
    """Kakao OAuth: authorization code with PKCE, and an OpenID Connect token with our nonce."""

    def authorize_url(self, *, state: str, nonce: str, verifier: str) -> str:
        """The URL at which the person signs in to Kakao."""
        ...

    async def prove(self, *, code: str, nonce: str, verifier: str) -> Identity:
        """The identity of a code; `SignInRefused` when invalid, `Unavailable` when the provider does not answer."""
        ...


class Messenger(Protocol):
    """Sends short messages: texts to phones, and e-mails."""

    async def send(self, to: str, text: str) -> None:
        """Accept a text for an E.164 phone, or for an e-mail address, and return before it is delivered.

        Time and errors must not depend on whom it is to: they would reveal who has an account. `Unavailable` when too
        many texts wait.
        """
        ...
