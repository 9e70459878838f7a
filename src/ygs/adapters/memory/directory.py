"""The directory in memory."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import NotFound
from ygs.domain.ids import UserId
from ygs.domain.matching.attribute import Kind
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance
from ygs.domain.users import User
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.directory import DirectoryLine, MemberFilter, MemberOrder, SheetLine

_NEVER = datetime(9999, 12, 31, tzinfo=UTC)
_DESCENDING = frozenset({MemberOrder.NEWEST, MemberOrder.ACTIVITY})


class MemoryDirectoryReader:
    """The directory."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def page(
        self,
        wanted: MemberFilter,
        order: MemberOrder = MemberOrder.NEWEST,
        *,
        after: UserId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[DirectoryLine]:
        tables = await self._tx.step()
        if after is not None and after not in tables.users:
            raise NotFound("user", after)
        descends = order in _DESCENDING
        found = sorted((_key(tables, user, order), user) for user in _wanted(tables, wanted))
        if descends:
            found.reverse()
        if after is not None:
            here = _key(tables, tables.users[after], order)
            found = [each for each in found if (each[0] < here if descends else each[0] > here)]
        return [to_line(tables, user) for _, user in found[:limit]]

    async def ids(self, wanted: MemberFilter) -> Sequence[UserId]:
        return sorted(user.id for user in _wanted(await self._tx.step(), wanted))

    async def lines(self, ids: Collection[UserId]) -> Sequence[DirectoryLine]:
        tables = await self._tx.step()
        return [to_line(tables, tables.users[each]) for each in sorted(set(ids)) if each in tables.users]

    async def names(self, ids: Collection[UserId]) -> Mapping[UserId, str]:
        users = (await self._tx.step()).users
        return {each: users[each].name for each in ids if each in users}

    async def sheet_lines(self, ids: Sequence[UserId], *, contacts: bool) -> Sequence[SheetLine]:
        users = (await self._tx.step()).users
        return [SheetLine.of(users[each], contacts=contacts) for each in sorted(set(ids)) if each in users]

    async def assigned(self, consultant: UserId) -> Sequence[UserId]:
        tables = await self._tx.step()
        return sorted(member for member, whose in tables.consultants.items() if whose == consultant)

    async def count(self, wanted: MemberFilter) -> int:
        return len(list(_wanted(await self._tx.step(), wanted)))

    async def find(self, id: UserId) -> DirectoryLine | None:
        tables = await self._tx.step()
        return to_line(tables, tables.users[id]) if id in tables.users else None


class MemoryDirectoryRepository(MemoryDirectoryReader):
    """The directory, to be changed."""

    async def assign(self, ids: Collection[UserId], consultant: UserId | None) -> None:
        tables = await self._tx.step()
        tables.consultants.drop(ids)
        if consultant is not None:
            tables.consultants.put({each: consultant for each in ids if each in tables.users})

    async def release(self, consultant: UserId) -> None:
        (await self._tx.step()).consultants.drop(await self.assigned(consultant))

    async def mark_due(self, ids: Collection[UserId]) -> None:
        tables = await self._tx.step()
        tables.due.drop(tables.due.keys() - set(ids))
        tables.due.put({each: True for each in ids if each in tables.users})

    async def mark_seen(self, id: UserId, at: datetime) -> None:
        tables = await self._tx.step()
        if id in tables.users and at > _seen(tables, tables.users[id]):
            tables.seen.put({id: at})


def to_line(tables: SnapshotTables, user: User) -> DirectoryLine:
    """The line of a live user."""
    return DirectoryLine(
        id=user.id,
        name=user.name,
        gender=user.gender,
        birth_year=user.birth_year,
        role=user.role,
        status=user.status,
        region=user.facts.get("region", 0),
        consultant_id=tables.consultants.get(user.id),
        submitted_at=user.submitted_at,
        seen_at=_seen(tables, user),
        updated_at=user.updated_at,
    )


def _seen(tables: SnapshotTables, user: User) -> datetime:
    return tables.seen.get(user.id, user.created_at)


def _key(tables: SnapshotTables, user: User, order: MemberOrder) -> tuple[Any, ...]:
    value: Any = {
        MemberOrder.NEWEST: 0,
        MemberOrder.WAITING: user.submitted_at or _NEVER,
        MemberOrder.NAME: user.name,
        MemberOrder.BIRTH_YEAR: user.birth_year,
        MemberOrder.ACTIVITY: _seen(tables, user),
    }[order]
    return value, user.id


def _wanted(tables: SnapshotTables, wanted: MemberFilter) -> Iterator[User]:
    members = {each.user_id for each in tables.memberships.values() if each.ended_on is None}
    for user in tables.users.values():
        consultant = tables.consultants.get(user.id)
        fits = (
            _found(user, wanted)
            and _has_codes(user, wanted)
            and _has_facts(user, wanted)
            and _within(_seen(tables, user), wanted.seen_since, wanted.seen_before)
            and _within(user.submitted_at, wanted.submitted_since, wanted.submitted_before)
            and wanted.membership in (None, user.id in members)
            and wanted.due in (None, user.id in tables.due)
            and wanted.consultant in (None, consultant)
            and wanted.assigned in (None, consultant is not None)
        )
        if fits:
            yield user


def _found(user: User, wanted: MemberFilter) -> bool:
    return (
        (wanted.name is None or wanted.name.matches(user.name))
        and wanted.whole_name in (None, user.name)
        and wanted.phone in (None, user.phone)
        and (wanted.last_four is None or (user.phone or "").endswith(wanted.last_four))
        and (wanted.email is None or (user.email or "").casefold() == wanted.email.casefold())
        and (wanted.ids is None or user.id in wanted.ids)
    )


def _has_codes(user: User, wanted: MemberFilter) -> bool:
    return (
        (not wanted.statuses or user.status in wanted.statuses)
        and (not wanted.roles or user.role in wanted.roles)
        and (wanted.genders is None or user.gender in wanted.genders)
        and (wanted.born_from is None or user.birth_year >= wanted.born_from)
        and (wanted.born_to is None or user.birth_year <= wanted.born_to)
    )


def _has_facts(user: User, wanted: MemberFilter) -> bool:
    mattering = {wish.attribute for wish in user.wishes.values() if wish.importance is not Importance.IGNORE}
    return (
        all(_accepts(code, user.facts.get(code, 0), accepted) for code, accepted in wanted.facts.items())
        and wanted.wishes <= mattering
        and wanted.verified <= user.profile.verified
    )


def _accepts(code: str, value: int, accepted: frozenset[int]) -> bool:
    if VOCABULARY[code].kind is not Kind.SET or value == 0:
        return value in accepted
    return any(value >> each - 1 & 1 for each in accepted if each)


def _within(moment: datetime | None, since: datetime | None, before: datetime | None) -> bool:
    if moment is None:
        return since is None and before is None
    return (since is None or moment >= since) and (before is None or moment < before)
