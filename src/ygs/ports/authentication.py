"""What signing in needs from outside: slow hashes, tokens, randomness, identity providers, text messages."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ygs.domain.accounts import Provider
from ygs.domain.ids import SessionId, UserId

ACCESS_SECONDS = 600


class Passwords(Protocol):
    """Slow hashes, computed beside the event loop and two at most at once; `Unavailable` when too many wait."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """A turn for a use case about a password, hash and all, among the few that are held at once; the others
        wait in the order they came, and `Unavailable` is for who would be one too many."""
        ...

    async def hash(self, password: str) -> str:
        """The password's encoded hash, with a salt of its own."""
        ...

    async def verify(self, password: str, encoded: str | None) -> bool:
        """Whether that hash is of this password. None takes as long as any hash and is never right."""
        ...

    def outdated(self, encoded: str) -> bool:
        """Whether the hash is of an older make than `hash` gives now."""
        ...


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token says: who, by which session, and until when. `id` names the token itself."""

    user_id: UserId
    session_id: SessionId
    id: str
    issued_at: datetime
    expires_at: datetime


class Tokens(Protocol):
    """Signed access tokens."""

    def issue(self, access: Access) -> str:
        """The token that says so."""
        ...

    def read(self, token: str, *, at: datetime) -> Access:
        """What a token of ours says, or `InvalidToken`: whatever is wrong with it."""
        ...


class Secrets(Protocol):
    """Chance, and hashes under the service's own key."""

    def random_bytes(self, size: int) -> bytes:
        """Unguessable bytes."""
        ...

    def code(self) -> str:
        """Eight unguessable digits, for a person to type."""
        ...

    def keyed_hash(self, kind: str, text: str) -> str:
        """The same for the same kind and text, and without the key nobody can tell of what: 64 hex digits."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """A provider's word for who somebody is. Nothing else it says is taken over: not a phone, not an address."""

    provider: Provider
    subject: str


class Firebase(Protocol):
    """Checks ID tokens of our Firebase project: phone, Google, Apple."""

    async def prove(self, id_token: str) -> Identity:
        """Whose token it is; `SignInRefused` for any that is not good now, `Unavailable` when that cannot be told."""
        ...


class Kakao(Protocol):
    """Kakao's OAuth: authorization code with PKCE, and an OIDC token with our nonce."""

    def authorize_url(self, *, state: str, nonce: str, verifier: str) -> str:
        """Where to send the person."""
        ...

    async def prove(self, *, code: str, nonce: str, verifier: str) -> Identity:
        """Whose code it is; `SignInRefused` for any that is not good now, `Unavailable` when that cannot be told."""
        ...


class Messenger(Protocol):
    """Reaches a phone."""

    async def send(self, phone: str, text: str) -> None:
        """Take a text for delivery to an E.164 phone, and return at once, before it is delivered.

        How long it takes and whether it raises does not depend on the phone, or people could find out who has an
        account here. `Unavailable` when too many texts wait already.
        """
        ...
