"""Read budgets: what accounts of staff were shown on a day."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, select, text, update

from ygs.adapters.sql.statements.array_parameter import among
from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.read_budgets import read_addresses, read_budgets, read_lifts, read_people
from ygs.domain.ids import UserId
from ygs.domain.read_budgets import ReadKind, ReadLift, ReadUse

_COLUMNS = read_budgets.c
# An existing row is not changed, but locked and returned.
_USE = (
    text(
        "INSERT INTO read_budgets (user_id, day, kind, used, recent, recent_since)"
        " VALUES (:user_id, :day, :kind, 0, 0, :at)"
        " ON CONFLICT (user_id, day, kind) DO UPDATE SET kind = excluded.kind"
        " RETURNING user_id, day, kind, used, recent, recent_since"
    )
    .bindparams(bindparam("at", type_=_COLUMNS.recent_since.type), bindparam("day", type_=_COLUMNS.day.type))
    .columns(*_COLUMNS)
)


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

    async def use(self, user_id: UserId, day: date, kind: ReadKind, at: datetime) -> ReadUse:
        """Inserts the row first if it is missing, since only an existing row can be locked."""
        return _to_use((await self.tx.rows(_USE, user_id=user_id, day=day, kind=kind.value, at=at))[0])

    async def shown(self, use: ReadUse, people: Collection[str]) -> frozenset[str]:
        columns = read_people.c
        mine = and_(columns.account == use.user_id, columns.day == use.day, columns.kind == use.kind.value)
        rows = await self.tx.rows(select(columns.user_id).where(mine, among(columns.user_id, people)))
        return frozenset(row.user_id for row in rows)

    async def save(self, use: ReadUse, people: Collection[str]) -> None:
        values = {"used": use.used, "recent": use.recent, "recent_since": use.recent_since}
        await self.tx.run(update(read_budgets).where(_is(use)).values(values))
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


def _is(use: ReadUse) -> ColumnElement[bool]:
    key = (_COLUMNS.user_id == use.user_id, _COLUMNS.day == use.day, _COLUMNS.kind == use.kind.value)
    return and_(*key)
