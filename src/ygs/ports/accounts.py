"""What signing in asks of the outside: slow hashes, tokens, chance, other people's proofs, a way to reach a phone."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ygs.domain.accounts import Account, Provider
from ygs.domain.ids import SessionId, UserId
from ygs.domain.one_time_token import Ticket
from ygs.domain.rate_limit import Attempts
from ygs.domain.sessions import Session
from ygs.domain.users import Role, Status

ACCESS_SECONDS = 600


class Passwords(Protocol):
    """Slow hashes, computed beside the event loop and two at most at once; `Unavailable` when too many wait."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """A turn for a conversation about a password, hash and all, among the few that are held at once; the others
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

    def chance(self, size: int) -> bytes:
        """Unguessable bytes."""
        ...

    def code(self) -> str:
        """Eight unguessable digits, for a person to type."""
        ...

    def blind(self, kind: str, text: str) -> str:
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


class AccountReader(Protocol):
    """How users sign in."""

    async def find(self, user_id: UserId) -> Account | None:
        """A user's account."""
        ...

    async def find_by_link(self, provider: Provider, subject: str) -> Account | None:
        """The account that a provider's subject signs in, not locked: lock the user and it, and look again."""
        ...

    async def exists_with_role(self, role: Role) -> bool:
        """Whether a live user of that role has an account."""
        ...


class Accounts(AccountReader, Protocol):
    """Accounts, to be changed."""

    async def add(self, account: Account) -> None:
        """Store a new account; `LinkTaken` when another has one of its links, `Conflict` when the user has one."""
        ...

    async def save(self, account: Account) -> Account:
        """Store a changed account and return it with its new version; `StaleWrite`, or `LinkTaken`."""
        ...

    async def remove(self, user_id: UserId) -> None:
        """Forget a user's account and links, so that nobody signs in by them; nothing there is fine."""
        ...


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a phone is, as far as signing in by password asks. `known`: a kept session of theirs, ended or not, was
    opened from the address they call from."""

    user_id: UserId
    password: str | None
    known: bool


@dataclass(frozen=True, slots=True)
class Bearer:
    """A session and what its user is now."""

    session: Session
    role: Role
    status: Status


class SessionReader(Protocol):
    """Signed-in devices."""

    async def bearer(self, id: SessionId) -> Bearer | None:
        """The session, ended or not, with its user as they are now, in one statement; None when that user left."""
        ...

    async def find(self, id: SessionId) -> Session | None:
        """The session, ended or not."""
        ...

    async def of_user(self, user_id: UserId) -> Sequence[Session]:
        """A user's sessions that were not ended (they may be too old), latest used first."""
        ...

    async def every(self, user_id: UserId) -> Sequence[Session]:
        """All of a user's kept sessions, ended or not, latest started first."""
        ...

    async def knows(self, user_id: UserId, address: str) -> bool:
        """Whether any kept session of the user, ended or not, was opened from this address."""
        ...


class Sessions(SessionReader, Protocol):
    """Sessions, to be changed."""

    async def add(self, session: Session) -> None:
        """Store a new session."""
        ...

    async def save(self, session: Session) -> None:
        """Store a changed session, which this transaction has read."""
        ...

    async def purge(self, before: datetime) -> int:
        """Remove those that were over before then, and say how many."""
        ...


class Tickets(Protocol):
    """Short-lived secrets."""

    async def find(self, digest: str) -> Ticket | None:
        """The ticket under that digest, used or not; nobody else changes it until the transaction ends."""
        ...

    async def add(self, ticket: Ticket) -> None:
        """Store a new ticket."""
        ...

    async def save(self, ticket: Ticket) -> None:
        """Store a changed ticket, which this transaction has read."""
        ...

    async def purge(self, before: datetime) -> int:
        """Remove those that expired before then, and say how many."""
        ...


class AttemptCounters(Protocol):
    """Who tried what how often: kept in the store, so that all processes count together.

    What `get` returned stays locked: ask for users and accounts first, and for the audit trail last, so that no two
    transactions wait for each other.
    """

    async def get(self, key: str, at: datetime) -> Attempts:
        """What was tried under a key, none yet since `at` when nothing; nobody else changes it meanwhile."""
        ...

    async def save(self, key: str, attempts: Attempts) -> None:
        """Store what this transaction has got."""
        ...

    async def give_back(self, key: str) -> None:
        """One try fewer under a key, as `Attempts.give_back` has it; nothing there is fine."""
        ...

    async def forget(self, key: str) -> None:
        """Start over under a key; nothing there is fine."""
        ...

    async def purge(self, before: datetime) -> int:
        """Remove those that were last counted from before then, and say how many."""
        ...
