"""Sessions: rows to entities and back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, delete, select, update

from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.accounts import sessions
from ygs.adapters.sql.tables.users import LIVE, users
from ygs.domain.ids import SessionId, UserId
from ygs.domain.sessions import Ending, Session
from ygs.domain.users import Role, Status
from ygs.ports.repositories.sessions import Bearer


def to_row(session: Session) -> dict[str, Any]:
    """A session as a row of `sessions`."""
    return {
        "id": session.id,
        "user_id": session.user_id,
        "salt": session.salt,
        "digest": session.digest,
        "generation": session.generation,
        "presented": session.presented,
        "repeated": session.repeated,
        "second_factor": session.second_factor,
        "device": session.device,
        "address": session.address,
        "started_at": session.started_at,
        "refreshed_at": session.refreshed_at,
        "expires_at": session.expires_at,
        "idle_seconds": int(session.idle.total_seconds()),
        "ended_at": session.ended_at,
        "ending": session.ending.value if session.ending else None,
    }


def to_session(row: Found) -> Session:
    """The session that `to_row` wrote."""
    return Session(
        id=SessionId(row.id),
        user_id=UserId(row.user_id),
        salt=row.salt,
        digest=row.digest,
        generation=row.generation,
        presented=row.presented,
        repeated=row.repeated,
        second_factor=row.second_factor,
        device=row.device,
        address=row.address,
        started_at=row.started_at,
        refreshed_at=row.refreshed_at,
        expires_at=row.expires_at,
        idle=timedelta(seconds=row.idle_seconds),
        ended_at=row.ended_at,
        ending=Ending(row.ending) if row.ending else None,
    )


# Sessions with their live users.
BEARERS = select(sessions, users.c.role, users.c.status).join(users, users.c.id == sessions.c.user_id).where(LIVE)


def to_bearer(row: Found) -> Bearer:
    """A row of `BEARERS`."""
    return Bearer(to_session(row), Role(row.role), Status(row.status))


async def remove_where(tx: SqlTransaction, table: Table, condition: ColumnElement[bool]) -> int:
    """Remove rows and return their number."""
    return await tx.run(delete(table).where(condition))


_OWN = select(sessions).where(sessions.c.user_id == bindparam("user_id"))
_STANDING = _OWN.where(sessions.c.ended_at.is_(None)).order_by(sessions.c.refreshed_at.desc(), sessions.c.id.desc())
_EVERY = _OWN.order_by(sessions.c.started_at.desc(), sessions.c.id.desc())
_KNOWN = (
    select(sessions.c.id)
    .where(sessions.c.user_id == bindparam("user_id"), sessions.c.address == bindparam("address"))
    .limit(1)
)


class SqlSessionReader:
    """Signed-in devices."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def bearer(self, id: SessionId) -> Bearer | None:
        row = await self.tx.row(BEARERS.where(sessions.c.id == id))
        return to_bearer(row) if row else None

    async def find(self, id: SessionId) -> Session | None:
        row = await self.tx.row(self.tx.for_update(select(sessions).where(sessions.c.id == id)))
        return to_session(row) if row else None

    async def of_user(self, user_id: UserId) -> Sequence[Session]:
        return [to_session(row) for row in await self.tx.rows(self.tx.for_update(_STANDING), user_id=user_id)]

    async def every(self, user_id: UserId) -> Sequence[Session]:
        return [to_session(row) for row in await self.tx.rows(_EVERY, user_id=user_id)]

    async def knows(self, user_id: UserId, address: str) -> bool:
        return await self.tx.row(_KNOWN, user_id=user_id, address=address) is not None


class SqlSessionRepository(SqlSessionReader):
    """Sessions, to be changed."""

    async def add(self, session: Session) -> None:
        await insert_all(self.tx, sessions, [to_row(session)])

    async def save(self, session: Session) -> None:
        await self.tx.run(update(sessions).where(sessions.c.id == session.id).values(to_row(session)))

    async def purge(self, before: datetime) -> int:
        # Not by the lesser of the two moments, which no index has.
        expired = sessions.c.ended_at.is_(None) & (sessions.c.expires_at < before)
        return await remove_where(self.tx, sessions, (sessions.c.ended_at < before) | expired)
