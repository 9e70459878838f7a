"""Sessions, one-time tokens and counters."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, case, delete, func, select, text, update

from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.accounts import one_time_tokens, sessions
from ygs.adapters.sql.tables.accounts import rate_limits as counters
from ygs.adapters.sql.tables.users import LIVE, users
from ygs.domain.ids import SessionId, UserId
from ygs.domain.one_time_token import OneTimeToken, OneTimeTokenKind
from ygs.domain.rate_limit import AttemptCount
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


def one_time_token_row(one_time_token: OneTimeToken, keyring: Keyring) -> dict[str, Any]:
    """A one-time token as a row of `one_time_tokens`."""
    data = json.dumps(dict(one_time_token.data), ensure_ascii=False)
    return {
        "id": one_time_token.digest,
        "kind": one_time_token.kind.value,
        "expires_at": one_time_token.expires_at,
        "user_id": one_time_token.user_id,
        "data": keyring.seal(one_time_tokens.c.data, one_time_token.digest, data),
        "code": one_time_token.code,
        "tries_left": one_time_token.tries_left,
        "used_at": one_time_token.used_at,
    }


def to_one_time_token(row: Found, keyring: Keyring) -> OneTimeToken:
    """The one-time token that `one_time_token_row` wrote."""
    return OneTimeToken(
        digest=row.id,
        kind=OneTimeTokenKind(row.kind),
        expires_at=row.expires_at,
        user_id=UserId(row.user_id) if row.user_id else None,
        data=json.loads(keyring.open(one_time_tokens.c.data, row.id, row.data)),
        code=row.code,
        tries_left=row.tries_left,
        used_at=row.used_at,
    )


async def remove_where(tx: SqlTransaction, table: Table, condition: ColumnElement[bool]) -> int:
    """Remove rows, and say how many."""
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
        over = func.coalesce(sessions.c.ended_at, sessions.c.expires_at, type_=sessions.c.expires_at.type)
        return await remove_where(self.tx, sessions, over < before)


class SqlOneTimeTokenRepository:
    """Short-lived secrets."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def find(self, digest: str) -> OneTimeToken | None:
        row = await self.tx.row(self.tx.for_update(select(one_time_tokens).where(one_time_tokens.c.id == digest)))
        return to_one_time_token(row, self.tx.keyring) if row else None

    async def add(self, one_time_token: OneTimeToken) -> None:
        async with self.tx.savepoint():
            await insert_all(self.tx, one_time_tokens, [one_time_token_row(one_time_token, self.tx.keyring)])

    async def save(self, one_time_token: OneTimeToken) -> None:
        row = one_time_token_row(one_time_token, self.tx.keyring)
        await self.tx.run(update(one_time_tokens).where(one_time_tokens.c.id == one_time_token.digest).values(row))

    async def purge(self, before: datetime) -> int:
        return await remove_where(self.tx, one_time_tokens, one_time_tokens.c.expires_at < before)


# Of a row that is there nothing changes, but it is locked and comes back.
_COUNTED = (
    text(
        "INSERT INTO rate_limits (key, count, since, waits) VALUES (:key, 0, :since, 0)"
        " ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING count, since, waits, blocked_until"
    )
    .bindparams(bindparam("key", type_=counters.c.key.type), bindparam("since", type_=counters.c.since.type))
    .columns(counters.c.count, counters.c.since, counters.c.waits, counters.c.blocked_until)
)
_OF = counters.c.key == bindparam("of")
_SAVED = (
    update(counters).where(_OF).values({name: bindparam(name) for name in ("count", "since", "waits", "blocked_until")})
)
_GIVEN_BACK = update(counters).where(_OF).values(count=case((counters.c.count > 0, counters.c.count - 1), else_=0))
_FORGOTTEN = delete(counters).where(_OF)


class SqlRateLimitRepository:
    """Who tried what how often."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def get(self, key: str, at: datetime) -> AttemptCount:
        """Locks the row, and inserts it first where there is none, since only a row that exists can be locked."""
        count, since, waits, blocked_until = (await self.tx.rows(_COUNTED, key=key, since=at))[0]
        return AttemptCount(count=count, since=since, waits=waits, blocked_until=blocked_until)

    async def save(self, key: str, attempts: AttemptCount) -> None:
        values = {
            "count": attempts.count,
            "since": attempts.since,
            "waits": attempts.waits,
            "blocked_until": attempts.blocked_until,
        }
        if not await self.tx.run(_SAVED, of=key, **values):
            await insert_all(self.tx, counters, [{"key": key} | values], skip_known=True)

    async def give_back(self, key: str) -> None:
        await self.tx.run(_GIVEN_BACK, of=key)

    async def forget(self, key: str) -> None:
        await self.tx.run(_FORGOTTEN, of=key)

    async def purge(self, before: datetime) -> int:
        return await remove_where(self.tx, counters, counters.c.since < before)
