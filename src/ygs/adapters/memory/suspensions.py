"""Suspensions of people who left, in memory."""

from collections.abc import Collection, Mapping
from datetime import datetime

from ygs.adapters.memory.blocks import contacts_of
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.ids import UserId
from ygs.domain.users import User


class MemorySuspensionReader:
    """Suspensions of people who left."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def of(self, people: Collection[UserId]) -> Mapping[UserId, datetime]:
        tables = await self._tx.step()
        found: dict[UserId, datetime] = {}
        for user in (tables.users[each] for each in people if each in tables.users):
            left = [at for each in contacts_of(tables, user) if (at := tables.suspended_contacts.get(each))]
            if left:
                found[user.id] = max(left)
        return found


class MemorySuspensionRepository(MemorySuspensionReader):
    """Suspensions of people who left, to be changed."""

    async def keep_after_withdrawal(self, user: User, at: datetime) -> None:
        tables = await self._tx.step()
        contacts = contacts_of(tables, user)
        tables.suspended_contacts.put({each: max(at, tables.suspended_contacts.get(each, at)) for each in contacts})

    async def purge(self, before: datetime) -> int:
        tables = await self._tx.step()
        old = [contact for contact, at in tables.suspended_contacts.items() if at < before]
        tables.suspended_contacts.drop(old)
        return len(old)
