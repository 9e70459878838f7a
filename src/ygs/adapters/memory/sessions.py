"""Sessions in memory."""

from collections.abc import Sequence
from datetime import datetime

from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import N_, Conflict
from ygs.domain.ids import SessionId, UserId
from ygs.domain.sessions import Session
from ygs.domain.text import storable_text
from ygs.ports.repositories.sessions import Bearer


class MemorySessionReader:
    """Signed-in devices."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def bearer(self, id: SessionId) -> Bearer | None:
        tables = await self._tx.step()
        session = tables.sessions.get(id)
        user = tables.users.get(session.user_id) if session else None
        return Bearer(session, user.role, user.status) if session and user else None

    async def find(self, id: SessionId) -> Session | None:
        return (await self._tx.step()).sessions.get(id)

    async def of_user(self, user_id: UserId) -> Sequence[Session]:
        tables = await self._tx.step()
        sessions = [tables.sessions[each] for each in tables.sessions_of.get(user_id, ())]
        standing = [session for session in sessions if session.ended_at is None]
        return sorted(standing, key=lambda session: (session.refreshed_at, session.id), reverse=True)

    async def every(self, user_id: UserId) -> Sequence[Session]:
        tables = await self._tx.step()
        sessions = (tables.sessions[each] for each in tables.sessions_of.get(user_id, ()))
        return sorted(sessions, key=lambda session: (session.started_at, session.id), reverse=True)

    async def knows(self, user_id: UserId, address: str) -> bool:
        tables = await self._tx.step()
        return any(tables.sessions[each].address == address for each in tables.sessions_of.get(user_id, ()))


class MemorySessionRepository(MemorySessionReader):
    """Sessions, to be changed."""

    async def add(self, session: Session) -> None:
        tables = await self._tx.step()
        if session.id in tables.sessions or session.user_id not in tables.users:
            raise Conflict(N_("a session has an id of its own, and is a live user's"))
        storable_text("device", session.device)
        tables.sessions.put({session.id: session})
        tables.sessions_of.put({session.user_id: (*tables.sessions_of.get(session.user_id, ()), session.id)})

    async def save(self, session: Session) -> None:
        (await self._tx.step()).sessions.put({session.id: session})

    async def purge(self, before: datetime) -> int:
        tables = await self._tx.step()
        over = [each for each in tables.sessions.values() if _over_at(each) < before]
        tables.sessions.drop([session.id for session in over])
        for user in {session.user_id for session in over}:
            left = tuple(each for each in tables.sessions_of[user] if each in tables.sessions)
            tables.sessions_of.put({user: left})
        return len(over)


def _over_at(session: Session) -> datetime:
    return session.ended_at or session.expires_at
