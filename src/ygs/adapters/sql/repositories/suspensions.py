"""Suspensions of people who left."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import delete, func, select

from ygs.adapters.sql.repositories.contacts import contact_hashes, holders
from ygs.adapters.sql.statements.array_parameter import among
from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.transaction import SqlTransaction
from ygs.adapters.sql.tables.users import suspended_contacts, users
from ygs.domain.ids import UserId
from ygs.domain.users import User


class SqlSuspensionReader:
    """Suspensions of people who left."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def of(self, people: Collection[UserId]) -> Mapping[UserId, datetime]:
        known = holders(among(users.c.id, sorted(set(people))))
        left = suspended_contacts.c.left_at
        query = select(known.c.user_id, func.max(left, type_=left.type).label("at"))
        query = query.join(suspended_contacts, suspended_contacts.c.contact == known.c.known)
        return {UserId(row.user_id): row.at for row in await self.tx.rows(query.group_by(known.c.user_id))}


class SqlSuspensionRepository(SqlSuspensionReader):
    """Suspensions of people who left, to be changed."""

    async def keep_after_withdrawal(self, user: User, at: datetime) -> None:
        contacts = sorted(await contact_hashes(self.tx, user))
        known = among(suspended_contacts.c.contact, contacts)
        await self.tx.run(delete(suspended_contacts).where(known, suspended_contacts.c.left_at < at))
        rows = [{"contact": each, "left_at": at} for each in contacts]
        await insert_all(self.tx, suspended_contacts, rows, skip_known=True)

    async def purge(self, before: datetime) -> int:
        return await self.tx.run(delete(suspended_contacts).where(suspended_contacts.c.left_at < before))
