"""Sessions: signed-in devices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ygs.domain.ids import SessionId, UserId
from ygs.domain.sessions import Session
from ygs.domain.users import Role, Status


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


class SessionRepository(SessionReader, Protocol):
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
