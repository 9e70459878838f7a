"""Blocks in memory."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import product

from ygs.adapters.memory.snapshot_tables import Known, SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.contacts import Contact
from ygs.domain.errors import N_, Conflict
from ygs.domain.ids import Pair, UserId, pair_of
from ygs.domain.text import storable_text
from ygs.domain.users import User


class MemoryBlockReader:
    """Blocks, seen from either side."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def between(self, people: Collection[UserId]) -> frozenset[Pair]:
        tables = await self._tx.step()
        live = [tables.users[each] for each in set(people) if each in tables.users]
        return frozenset(pair_of(*pair) for pair in standing(tables, live))

    async def asked_by(self, id: UserId) -> Mapping[UserId, datetime]:
        blocks = (await self._tx.step()).blocks
        return dict(sorted((other, at) for (asked_by, other), at in blocks.items() if asked_by == id))

    async def contacts_asked_by(self, id: UserId) -> Sequence[datetime]:
        tables = await self._tx.step()
        return sorted(at for (asked_by, _), at in tables.contact_blocks.items() if asked_by == id)

    async def blocked_among(self, id: UserId, contacts: Collection[Contact]) -> frozenset[Contact]:
        tables = await self._tx.step()
        return frozenset(each for each in contacts if (id, each) in tables.contact_blocks)


class MemoryBlockRepository(MemoryBlockReader):
    """Blocks, to be changed."""

    async def add(self, asked_by: UserId, other: UserId, at: datetime) -> None:
        tables = await self._tx.step()
        if any(user not in tables.users and user not in tables.gone for user in (asked_by, other)):
            raise Conflict(N_("a block stands between two users: store them first"))
        if (asked_by, other) not in tables.blocks:
            tables.blocks.put({(asked_by, other): at})

    async def remove(self, asked_by: UserId, other: UserId) -> None:
        tables = await self._tx.step()
        tables.blocks.drop([(asked_by, other)])

    async def add_contacts(self, asked_by: UserId, contacts: Collection[Contact], at: datetime) -> None:
        tables = await self._tx.step()
        for contact in contacts:
            storable_text("contact", contact.text)
        pairs = [(asked_by, contact) for contact in contacts]
        tables.contact_blocks.put({pair: at for pair in pairs if pair not in tables.contact_blocks})

    async def remove_contact(self, asked_by: UserId, contact: Contact) -> None:
        tables = await self._tx.step()
        tables.contact_blocks.drop([(asked_by, contact)])

    async def keep_former_contact(self, id: UserId, contact: Contact) -> None:
        tables = await self._tx.step()
        if id not in tables.users and id not in tables.gone:
            raise Conflict(N_("a contact was a user's: store them first"))
        storable_text("contact", contact.text)
        tables.former_contacts.put({id: tables.former_contacts.get(id, frozenset()) | {contact}})

    async def keep_after_withdrawal(self, user: User) -> None:
        """Copy each block, with each contact of the user in place of the user's id."""
        tables = await self._tx.step()
        blocks: list[tuple[tuple[Known, Known], datetime]] = [*tables.blocks.items(), *tables.contact_blocks.items()]
        former = tables.former_contacts.get(user.id, frozenset())
        contacts = contacts_of(tables, user)
        them = {user.id, *former}
        lasting: dict[tuple[Known, Known], datetime] = {}
        for contact in contacts:
            for (one, other), at in blocks:
                if one in them or other in them:
                    lasting[contact if one in them else one, contact if other in them else other] = at
        tables.contact_blocks.put({pair: at for pair, at in lasting.items() if pair not in tables.contact_blocks})


def contacts_of(tables: SnapshotTables, user: User) -> frozenset[Contact]:
    """A user's present and former contacts."""
    return Contact.of(user) | tables.former_contacts.get(user.id, frozenset())


def names_of(tables: SnapshotTables, user: User) -> Collection[Known]:
    """The names of a user: the id, and present and former contacts."""
    names: set[Known] = {user.id, *contacts_of(tables, user)}
    return names


def standing(tables: SnapshotTables, people: Iterable[User]) -> Iterator[Pair]:
    """Every blocked pair among these users, perhaps more than once."""
    yield from held_pairs(tables, people, (*tables.blocks, *tables.contact_blocks))


def held_pairs(
    tables: SnapshotTables, people: Iterable[User], pairs: Iterable[Iterable[Known]]
) -> Iterator[tuple[UserId, UserId]]:
    """The pairs of these users that `pairs` holds by id or by contact, perhaps more than once."""
    holders: dict[Known, list[UserId]] = defaultdict(list)
    for user in people:
        for known in names_of(tables, user):
            holders[known].append(user.id)
    for one, other in pairs:
        for pair in product(holders.get(one, ()), holders.get(other, ())):
            if pair[0] != pair[1]:
                yield pair
