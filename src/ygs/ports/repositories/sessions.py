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
    """The data of a user that a sign-in by password needs.

    `password` is the encoded hash. `known`: whether a stored session of the user, ended or not, was opened from the
    client's address.
    """

    user_id: UserId
    password: str | None
    known: bool


@dataclass(frozen=True, slots=True)
class Bearer:
    """A session, and the current role and status of its user."""

    session: Session
    role: Role
    status: Status


class SessionReader(Protocol):
    """Sessions, to be read."""

    async def bearer(self, id: SessionId) -> Bearer | None:
        """The session, ended or not, with its user's role and status; None when the user left. One statement."""
        ...

    async def find(self, id: SessionId) -> Session | None:
        """The session, ended or not, or None."""
        ...

    async def of_user(self, user_id: UserId) -> Sequence[Session]:
        """A user's sessions that were not ended, the latest used first. They may have expired."""
        ...

    async def every(self, user_id: UserId) -> Sequence[Session]:
        """All stored sessions of a user, ended or not, the latest started first."""
        ...

    async def knows(self, user_id: UserId, address: str) -> bool:
        """Return whether a stored session of the user, ended or not, was opened from this hashed address."""
        ...


class SessionRepository(SessionReader, Protocol):
    """Sessions, to be changed."""

    async def add(self, session: Session) -> None:
        """Store a new session."""
        ...

    async def save(self, session: Session) -> None:
        """Store a changed session that this transaction has read."""
        ...

    async def purge(self, before: datetime) -> int:
        """Delete the sessions that ended or expired before that moment; return how many."""
        ...
