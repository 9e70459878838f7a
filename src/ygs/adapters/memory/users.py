"""Users in memory."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from heapq import nlargest

from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.contacts import ContactKind, proven_contact
from ygs.domain.errors import N_, Conflict, NotFound, PhoneTaken, StaleWrite
from ygs.domain.ids import UserId
from ygs.domain.matching.market import Genders
from ygs.domain.matching.wishes import Importance
from ygs.domain.text import storable_text
from ygs.domain.users import PROFILE_TEXTS, Role, Status, User
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.users import (
    WISHES_MET_AMONG,
    DuplicateKey,
    MemberGroup,
    Standing,
    WishCounts,
    WishMet,
)


class MemoryUserReader:
    """Live users."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def get(self, id: UserId) -> User:
        tables = await self._tx.step()
        if id not in tables.users:
            raise NotFound("user", id)
        return tables.users[id]

    async def role(self, id: UserId) -> Role:
        return (await self.get(id)).role

    async def staff(self) -> Sequence[UserId]:
        users = (await self._tx.step()).users.values()
        return sorted(user.id for user in users if user.role is not Role.MEMBER and user.status is not Status.SUSPENDED)

    async def administrators(self) -> Sequence[UserId]:
        users = (await self._tx.step()).users.values()
        return sorted(user.id for user in users if user.role is Role.ADMIN and user.status is not Status.SUSPENDED)

    async def reachable(self, ids: Collection[UserId], kind: ContactKind) -> Collection[UserId]:
        users = (await self._tx.step()).users
        return {each for each in ids if each in users and proven_contact(users[each], kind)}

    async def find_by_phone(self, phone: str) -> User | None:
        tables = await self._tx.step()
        return tables.users[tables.phones[phone]] if phone in tables.phones else None

    async def by_ids(self, ids: Sequence[UserId]) -> Sequence[User]:
        tables = await self._tx.step()
        return [tables.users[each] for each in sorted(set(ids)) if each in tables.users]

    async def page(self, *, after: UserId | None = None, limit: int = MOST_PAGE) -> Sequence[User]:
        return (await self._tx.step()).users.after(after, limit)

    async def with_status(
        self, status: Status, *, after: UserId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[User]:
        users = (await self._tx.step()).users
        there = users.after(after, len(users))
        return [user for user in there if user.status is status][:limit]

    async def count_by_status(self) -> Mapping[Status, int]:
        return dict(Counter(user.status for user in (await self._tx.step()).users.values()))

    async def member_groups(self, since: Sequence[datetime]) -> Sequence[MemberGroup]:
        groups = defaultdict[_Group, list[User]](list)
        for user in (await self._tx.step()).users.values():
            if user.role is Role.MEMBER:
                groups[user.status, user.gender, user.birth_year, user.profile.facts.get("region", 0)].append(user)
        return [
            MemberGroup(*group, len(alike), tuple(sum(user.created_at >= each for user in alike) for each in since))
            for group, alike in sorted(groups.items())
        ]

    async def waiting_since(self) -> datetime | None:
        users = (await self._tx.step()).users.values()
        return min((user.updated_at for user in users if user.status is Status.PENDING), default=None)

    async def wish_counts(self, user: User) -> Mapping[str, WishCounts]:
        users = (await self._tx.step()).users
        wishes = [wish for each in users.values() if _could_meet(user, each) for wish in each.wishes.values()]
        people = Counter(wish.attribute for wish in wishes if wish.importance >= Importance.FAIR)
        must = Counter(wish.attribute for wish in wishes if wish.importance is Importance.MUST)
        return {attribute: WishCounts(count, must[attribute]) for attribute, count in people.items()}

    async def set_wishes_met(self, user: User, *, among: int = WISHES_MET_AMONG) -> Mapping[str, WishMet]:
        users = (await self._tx.step()).users
        fitting = [each for each in users.values() if _could_meet(user, each)]
        facts = [each.facts for each in nlargest(among, fitting, key=lambda each: each.id)]
        wished = [wish for wish in user.wishes.values() if wish.is_for_any]
        return {
            wish.attribute: WishMet(
                told=sum(bool(each.get(wish.attribute)) for each in facts),
                met=sum(bool(each.get(wish.attribute, 0) & wish.accepts) for each in facts),
            )
            for wish in wished
        }

    async def find_duplicates(self, duplicate_key: DuplicateKey) -> Sequence[UserId]:
        users = (await self._tx.step()).users
        return sorted(user.id for user in users.values() if _is_like(user, duplicate_key))


_Group = tuple[Status, Genders, int, int]


def _could_meet(one: User, other: User) -> bool:
    sought = other.gender in one.seeks and one.gender in other.seeks
    return other.id != one.id and other.status is Status.ACTIVE and sought


def _is_like(user: User, duplicate_key: DuplicateKey) -> bool:
    return user.phone in duplicate_key.phones or (user.name, int(user.gender), user.birth_year) in duplicate_key.people


class MemoryUserRepository(MemoryUserReader):
    """Users, to be changed."""

    async def add(self, user: User) -> None:
        await self.add_all([user])

    async def add_all(self, users: Sequence[User]) -> None:
        tables = await self._tx.step()
        new = {user.id for user in users}
        if len(new) < len(users) or any(each in tables.users or each in tables.gone for each in new):
            raise Conflict(N_("a user of that id is stored already: make a new id"))
        _store(tables, users)

    async def save(self, user: User) -> User:
        return self._save(await self._tx.step(), [user])[0]

    async def standings(self, ids: Collection[UserId], *, shared: bool = False) -> Mapping[UserId, Standing]:
        del shared  # writers run one after another
        users = (await self._tx.step()).users
        return {each: Standing(users[each].role, users[each].status) for each in ids if each in users}

    async def lock_administrators(self) -> None:
        await self._tx.step()

    async def save_all(self, users: Sequence[User]) -> None:
        self._save(await self._tx.step(), users)

    def _save(self, tables: SnapshotTables, users: Sequence[User]) -> Sequence[User]:
        for user in users:
            stored = tables.users.get(user.id) or tables.gone.get(user.id)
            if stored is None or stored.version != user.version:
                raise StaleWrite(N_("this user changed since it was read: read it again and repeat the edit"))
        return _store(tables, users)


def _store(tables: SnapshotTables, users: Sequence[User]) -> Sequence[User]:
    """Store users with raised versions; every check comes before the first change."""
    for user in users:
        for field, text in _texts(user):
            storable_text(field, text)
    _move_phones(tables, users)
    stored = [replace(user, version=user.version + 1) for user in users]
    tables.users.put({user.id: user for user in stored if user.deleted_at is None})
    tables.gone.put({user.id: user for user in stored if user.deleted_at is not None})
    _leave_directory(tables, {user.id for user in stored if user.deleted_at is not None})
    return stored


def _leave_directory(tables: SnapshotTables, gone: set[UserId]) -> None:
    if not gone:
        return
    for table in (tables.users, tables.seen, tables.due, tables.consultants):
        table.drop(gone)
    tables.consultants.drop([member for member, consultant in tables.consultants.items() if consultant in gone])


def _move_phones(tables: SnapshotTables, users: Sequence[User]) -> None:
    before = (tables.users[user.id].phone for user in users if user.id in tables.users)
    given_up = {phone for phone in before if phone is not None}
    wanted = [(user.phone, user.id) for user in users if user.phone and user.deleted_at is None]
    phones = dict(wanted)
    if len(phones) < len(wanted) or any(phone in tables.phones for phone in phones.keys() - given_up):
        raise PhoneTaken(N_("a live user has that phone: log in, or take another"))
    tables.phones.drop(given_up - phones.keys())
    tables.phones.put({phone: user for phone, user in wanted if tables.phones.get(phone) != user})


def _texts(user: User) -> Iterator[tuple[str, str]]:
    profile = user.profile
    yield from (("id", user.id), ("name", user.name), ("status_reason", user.status_reason))
    yield from (("phone", user.phone or ""), ("email", user.email or ""))
    yield from ((name, getattr(profile, name)) for name in PROFILE_TEXTS)
    yield from (("consent", consent.version) for consent in user.consents.values())
