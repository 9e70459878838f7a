"""Read budgets: what accounts of staff were shown on a day."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time

from sqlalchemy import (
    Column,
    Date,
    Integer,
    String,
    and_,
    bindparam,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql

from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.column_types import Json
from ygs.adapters.sql.tables.read_budgets import read_addresses, read_budgets, read_lifts, read_people
from ygs.domain.ids import UserId
from ygs.domain.read_budgets import BudgetKey, LockedBudget, ReadKind, ReadLift, ReadUse
from ygs.domain.text import storable_text

_COLUMNS = read_budgets.c
_FOUND = (*_COLUMNS, Column("used_before", Integer), Column("counted", Json()))
_AT = bindparam("at", type_=_COLUMNS.recent_since.type)

# An existing row is not changed, but locked and returned. The rest of the statement sees what was stored before it had
# to wait for a row: whoever was counted meanwhile shows in `used`, which is then more than `used_before`.
_LOCK_ON_POSTGRESQL = (
    text("""
WITH locked AS (
  INSERT INTO read_budgets (user_id, day, kind, used, recent, recent_since)
  SELECT asked.*, 0, 0, :at
  FROM unnest(CAST(:accounts AS varchar[]), CAST(:days AS date[]), CAST(:kinds AS varchar[])) AS asked ORDER BY 1, 2, 3
  ON CONFLICT (user_id, day, kind) DO UPDATE SET kind = excluded.kind
  RETURNING user_id, day, kind, used, recent, recent_since
)
SELECT locked.*, coalesce(before.used, 0) AS used_before, (
  SELECT CAST(coalesce(json_agg(read_people.user_id), '[]') AS text) FROM read_people
  WHERE account = locked.user_id AND read_people.day = locked.day AND read_people.kind = locked.kind
  AND read_people.user_id = ANY(ARRAY(SELECT json_array_elements_text(CAST(:people AS json))))
) AS counted
FROM locked LEFT JOIN read_budgets AS before USING (user_id, day, kind)
""")
    .bindparams(
        _AT,
        *(bindparam(name, type_=postgresql.ARRAY(String, dimensions=1)) for name in ("accounts", "kinds")),
        bindparam("days", type_=postgresql.ARRAY(Date, dimensions=1)),
    )
    .columns(*_FOUND)
)
# The transaction has locked the whole file, so a missing row need not be made.
_LOOK_ON_SQLITE = (
    text("""
WITH asked AS (
  SELECT json_extract(value, '$[0]') AS user_id, json_extract(value, '$[1]') AS day, json_extract(value, '$[2]') AS kind
  FROM json_each(:asked)
)
SELECT asked.user_id, asked.day, asked.kind, coalesce(used, 0) AS used, coalesce(recent, 0) AS recent,
  coalesce(recent_since, :at) AS recent_since, coalesce(used, 0) AS used_before, (
  SELECT json_group_array(read_people.user_id) FROM read_people
  WHERE account = asked.user_id AND read_people.day = asked.day AND read_people.kind = asked.kind
  AND read_people.user_id IN (SELECT value FROM json_each(:people))
) AS counted
FROM asked LEFT JOIN read_budgets
  ON read_budgets.user_id = asked.user_id AND read_budgets.day = asked.day AND read_budgets.kind = asked.kind
""")
    .bindparams(_AT)
    .columns(*_FOUND)
)
_SAVE = text(
    "INSERT INTO read_budgets (user_id, day, kind, used, recent, recent_since)"
    " VALUES (:user_id, :day, :kind, :used, :recent, :recent_since)"
    " ON CONFLICT (user_id, day, kind) DO UPDATE"
    " SET used = excluded.used, recent = excluded.recent, recent_since = excluded.recent_since"
).bindparams(*(bindparam(column.name, type_=column.type) for column in _COLUMNS))


def _to_use(row: Found) -> ReadUse:
    return ReadUse(
        user_id=UserId(row.user_id),
        day=row.day,
        kind=ReadKind(row.kind),
        used=row.used,
        recent=row.recent,
        recent_since=row.recent_since,
    )


def _to_lift(row: Found) -> ReadLift:
    return ReadLift(
        user_id=UserId(row.user_id),
        day=row.day,
        lifted_by=None if row.lifted_by is None else UserId(row.lifted_by),
        reason=row.reason,
        at=row.at,
    )


class SqlReadBudgetReader:
    """Read budgets, to be read."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def uses(self, day: date) -> Sequence[ReadUse]:
        query = select(read_budgets).where(_COLUMNS.day == day)
        return [_to_use(row) for row in await self.tx.rows(query.order_by(_COLUMNS.user_id, _COLUMNS.kind))]

    async def lifts(self, day: date) -> Sequence[ReadLift]:
        query = select(read_lifts).where(read_lifts.c.day == day).order_by(read_lifts.c.user_id)
        return [_to_lift(row) for row in await self.tx.rows(query)]


class SqlReadBudgetRepository(SqlReadBudgetReader):
    """Read budgets, to be used."""

    async def lock(self, wanted: Mapping[BudgetKey, Collection[str]], at: datetime) -> Mapping[BudgetKey, LockedBudget]:
        if not wanted:
            return {}
        people = {storable_text("people", each) for people in wanted.values() for each in people}
        look = self._lock_on_postgresql if self.tx.postgresql else self._look_on_sqlite
        found = await look(sorted(wanted), sorted(people), at)
        if any(row.used != row.used_before for row in found):
            # Somebody was counted while this waited for the lock, which is held now.
            found = await look(sorted(wanted), sorted(people), at)
        locked = (LockedBudget(_to_use(row), frozenset(row.counted)) for row in found)
        return {each.use.key: each for each in locked}

    async def _lock_on_postgresql(
        self, keys: Sequence[BudgetKey], people: Sequence[str], at: datetime
    ) -> Sequence[Found]:
        accounts = [key.user_id for key in keys]
        days = [key.day for key in keys]
        kinds = [key.kind.value for key in keys]
        # As JSON, since the driver takes longer to look at each element of an array than the server to read the text.
        shown = json.dumps(people, ensure_ascii=False)
        return await self.tx.rows(_LOCK_ON_POSTGRESQL, accounts=accounts, days=days, kinds=kinds, people=shown, at=at)

    async def _look_on_sqlite(self, keys: Sequence[BudgetKey], people: Sequence[str], at: datetime) -> Sequence[Found]:
        asked = [(key.user_id, key.day.isoformat(), key.kind.value) for key in keys]
        return await self.tx.rows(_LOOK_ON_SQLITE, asked=json.dumps(asked), people=json.dumps(people), at=at)

    async def save(self, use: ReadUse, people: Collection[str]) -> None:
        values = {"used": use.used, "recent": use.recent, "recent_since": use.recent_since}
        await self.tx.run(_SAVE, user_id=use.user_id, day=use.day, kind=use.kind.value, **values)
        key = {"account": use.user_id, "day": use.day, "kind": use.kind.value}
        await insert_all(self.tx, read_people, [{**key, "user_id": each} for each in sorted(people)])

    async def is_lifted(self, user_id: UserId, day: date) -> bool:
        mine = and_(read_lifts.c.user_id == user_id, read_lifts.c.day == day)
        return bool(await self.tx.scalar(select(func.count()).select_from(read_lifts).where(mine)))

    async def lift(self, lift: ReadLift) -> None:
        mine = and_(read_lifts.c.user_id == lift.user_id, read_lifts.c.day == lift.day)
        await self.tx.run(delete(read_lifts).where(mine))
        values = {"lifted_by": lift.lifted_by, "reason": lift.reason, "at": lift.at}
        await insert_all(self.tx, read_lifts, [{"user_id": lift.user_id, "day": lift.day, **values}])

    async def comes_from(self, user_id: UserId, address: str, at: datetime) -> bool:
        columns = read_addresses.c
        rows = await self.tx.rows(select(columns.address, columns.at).where(columns.user_id == user_id))
        known = {row.address: row.at for row in rows}
        if address in known:
            # Purging asks for the day alone, and most requests come from an address that was seen today.
            if known[address].date() < at.date():
                there = and_(columns.user_id == user_id, columns.address == address)
                await self.tx.run(update(read_addresses).where(there).values(at=at))
            return False
        await insert_all(self.tx, read_addresses, [{"user_id": user_id, "address": address, "at": at}], skip_known=True)
        return bool(known)

    async def purge(self, before: date) -> int:
        await self.tx.run(delete(read_people).where(read_people.c.day < before))
        await self.tx.run(delete(read_lifts).where(read_lifts.c.day < before))
        await self.tx.run(delete(read_addresses).where(read_addresses.c.at < datetime.combine(before, time(), UTC)))
        return await self.tx.run(delete(read_budgets).where(_COLUMNS.day < before))
