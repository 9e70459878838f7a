"""Counters of attempts."""

from datetime import datetime

from sqlalchemy import bindparam, case, delete, text, update

from ygs.adapters.sql.repositories.sessions import remove_where
from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.transaction import SqlTransaction
from ygs.adapters.sql.tables.accounts import rate_limits as counters
from ygs.domain.rate_limit import AttemptCount

# An existing row is not changed, but locked and returned.
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
    """Counts of attempts, by key."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def get(self, key: str, at: datetime) -> AttemptCount:
        """Locks the row; inserts it first if it is missing, since only an existing row can be locked."""
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
