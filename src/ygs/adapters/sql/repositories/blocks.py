"""Blocks between people."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import product

from sqlalchemy import delete, or_, select

from ygs.adapters.sql.repositories.contacts import contact_hash, contact_hashes, former_hashes, held_pairs, holders
from ygs.adapters.sql.statements.array_parameter import among
from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.transaction import SqlTransaction
from ygs.adapters.sql.tables.blocks import blocks, contact_blocks
from ygs.adapters.sql.tables.users import former_contacts, users
from ygs.domain.contacts import Contact
from ygs.domain.ids import Pair, UserId, pair_of
from ygs.domain.users import User

BLOCKED = (blocks.c.asked_by, blocks.c.other)
BLOCKED_BY_CONTACT = (contact_blocks.c.asked_by, contact_blocks.c.other)


class SqlBlockReader:
    """Blocks, seen from either side."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def between(self, people: Collection[UserId]) -> frozenset[Pair]:
        """One statement, since every answer runs it."""
        known = holders(among(users.c.id, sorted(set(people))))
        rows = await self.tx.rows(held_pairs([BLOCKED, BLOCKED_BY_CONTACT], known))
        return frozenset(pair_of(UserId(one), UserId(other)) for one, other in rows)

    async def asked_by(self, id: UserId) -> Mapping[UserId, datetime]:
        query = select(blocks.c.other, blocks.c.at).where(blocks.c.asked_by == id).order_by(blocks.c.other)
        return {UserId(row.other): row.at for row in await self.tx.rows(query)}

    async def contacts_asked_by(self, id: UserId) -> Sequence[datetime]:
        query = select(contact_blocks.c.at).where(contact_blocks.c.asked_by == id).order_by(contact_blocks.c.at)
        return [row.at for row in await self.tx.rows(query)]

    async def blocked_among(self, id: UserId, contacts: Collection[Contact]) -> frozenset[Contact]:
        hashed = {contact_hash(each, self.tx.keyring): each for each in contacts}
        mine = contact_blocks.c.asked_by == id, among(contact_blocks.c.other, hashed)
        rows = await self.tx.rows(select(contact_blocks.c.other).where(*mine))
        return frozenset(hashed[row.other] for row in rows)


class SqlBlockRepository(SqlBlockReader):
    """Blocks, to be changed."""

    async def add(self, asked_by: UserId, other: UserId, at: datetime) -> None:
        row = {"asked_by": asked_by, "other": other, "at": at}
        async with self.tx.savepoint():
            await insert_all(self.tx, blocks, [row], skip_known=True)

    async def remove(self, asked_by: UserId, other: UserId) -> None:
        await self.tx.run(delete(blocks).where(blocks.c.asked_by == asked_by, blocks.c.other == other))

    async def add_contacts(self, asked_by: UserId, contacts: Collection[Contact], at: datetime) -> None:
        hashes = sorted({contact_hash(each, self.tx.keyring) for each in contacts})
        rows = [{"asked_by": asked_by, "other": each, "at": at} for each in hashes]
        await insert_all(self.tx, contact_blocks, rows, skip_known=True)

    async def remove_contact(self, asked_by: UserId, contact: Contact) -> None:
        block = contact_blocks.c.asked_by == asked_by, contact_blocks.c.other == contact_hash(contact, self.tx.keyring)
        await self.tx.run(delete(contact_blocks).where(*block))

    async def keep_former_contact(self, id: UserId, contact: Contact) -> None:
        row = {"user_id": id, "contact": contact_hash(contact, self.tx.keyring)}
        async with self.tx.savepoint():
            await insert_all(self.tx, former_contacts, [row], skip_known=True)

    async def keep_after_withdrawal(self, user: User) -> None:
        """Copy each block, with each contact of the user in place of the user's id."""
        former = await former_hashes(self.tx, user)
        contacts = await contact_hashes(self.tx, user)
        them = {user.id, *former}
        around = [
            select(table.c.asked_by, table.c.other, table.c.at).where(
                or_(table.c.asked_by.in_(them), table.c.other.in_(them))
            )
            for table in (blocks, contact_blocks)
        ]
        rows = [row for query in around for row in await self.tx.rows(query)]
        copies = []
        for row, contact in product(rows, sorted(contacts)):
            asked_by = contact if row.asked_by in them else row.asked_by
            other = contact if row.other in them else row.other
            copies.append({"asked_by": asked_by, "other": other, "at": row.at})
        await insert_all(self.tx, contact_blocks, copies, skip_known=True)
