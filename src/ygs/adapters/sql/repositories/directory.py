"""The directory: rows of users, searches and pages.

A page is read in at most four statements, whatever is asked and however deep it is:

1. The position of the user to go on after.
2. Whether a search by name finds few people: then it is answered from their rows alone.
3. Otherwise a look at the next `WINDOW` people in the order asked for, which is enough unless few of them fit.
4. Else a look at everybody, without an index for the order, which would visit the rows one by one.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FunctionElement,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    delete,
    exists,
    false,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from ygs.adapters.sql.statements.array_parameter import among
from ygs.adapters.sql.statements.bulk import insert_all, update_all
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.directory import directory, name_keys
from ygs.adapters.sql.tables.memberships import memberships
from ygs.adapters.sql.tables.users import CODED, LIVE, POSITIONS, users
from ygs.domain.errors import NotFound
from ygs.domain.ids import UserId
from ygs.domain.matching.attribute import Kind
from ygs.domain.matching.market import Genders
from ygs.domain.matching.wishes import Importance
from ygs.domain.name_search import NameQuery, after_prefix
from ygs.domain.name_search import name_keys as keys_of
from ygs.domain.users import PROFILE_TEXTS, Role, Status, User
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.directory import EVERYBODY, DirectoryLine, MemberFilter, MemberOrder, SheetLine

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
PHONE_TAIL = 4
# The most parts of names that a search may find for its people to be read by id; and the number of people looked at in
# order before everybody is.
FEW = 5_000
WINDOW = 2_000
_THERE, _THERE_ID = "there", "there_id"  # the parameters of a window's position

_COLUMNS = ("id", "name", "gender", "birth_year", "role", "status", "region")
_LINE = [directory.c[name] for name in (*_COLUMNS, "consultant_id", "submitted_at", "seen_at", "updated_at")]
# The column of each order, and whether it descends. Ids are in the order of joining.
_ORDERS = {
    MemberOrder.NEWEST: (directory.c.id, True),
    MemberOrder.WAITING: (directory.c.submitted_at, False),
    MemberOrder.NAME: (directory.c.name, False),
    MemberOrder.BIRTH_YEAR: (directory.c.birth_year, False),
    MemberOrder.ACTIVITY: (directory.c.seen_at, True),
}


class position_in(FunctionElement[int]):  # noqa: N801 - written as functions of SQL are
    """The place of a text in another, from 1; 0 when it is not there."""

    type = Integer()
    inherit_cache = True


@compiles(position_in, "postgresql")
def _position_on_postgresql(element: position_in, compiler: SQLCompiler, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)})"


@compiles(position_in, "sqlite")
def _position_on_sqlite(element: position_in, compiler: SQLCompiler, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


def phone_tail_index(keyring: Keyring, digits: str) -> str:
    """The blind index of the last four digits of a phone. A whole phone begins with "+", so none has the same."""
    return keyring.index(users.c.phone, f"…{digits}")


def to_row(user: User) -> dict[str, Any]:
    """What the directory copies from a user."""
    facts = {**user.profile.facts, **user.lifestyle.facts}
    keys = keys_of(user.name)
    wished = (wish.attribute for wish in user.wishes.values() if wish.importance is not Importance.IGNORE)
    return {
        "id": user.id,
        "status": user.status.value,
        "role": user.role.value,
        "gender": int(user.gender),
        "birth_year": user.birth_year,
        "submitted_at": user.submitted_at or NEVER,
        "name": user.name,
        "verified": _bits(user.profile.verified),
        "wished": _bits(wished),
        **{code: facts.get(code, 0) for code in CODED},
        "updated_at": user.updated_at,
        "name_parts": "".join(f"\n{key.text}" for key in keys),
        "initial_parts": "".join(f"\n{key.initials}" for key in keys),
    }


def _bits(attributes: Collection[str] | Iterator[str]) -> int:
    return sum(1 << POSITIONS[code] for code in attributes)


def key_rows(user: User) -> Iterator[dict[str, Any]]:
    """The parts of a user's name as rows of `name_keys`."""
    for part, key in enumerate(keys_of(user.name)):
        yield {"user_id": user.id, "part": part, "text": key.text, "initials": key.initials}


async def add_to_directory(tx: SqlTransaction, added: Sequence[User]) -> None:
    """Add new users, who are first seen when they register."""
    live = [user for user in added if user.deleted_at is None]
    fresh = {"consultant_id": None, "contracted": False, "due": False}
    await insert_all(tx, directory, [{**to_row(user), **fresh, "seen_at": user.created_at} for user in live])
    await insert_all(tx, name_keys, [row for user in live for row in key_rows(user)])


async def update_directory(tx: SqlTransaction, saved: Sequence[User]) -> None:
    """Copy changed users, and remove those who left. The parts of a name are written only when it changed."""
    live = [user for user in saved if user.deleted_at is None]
    if gone := [user.id for user in saved if user.deleted_at is not None]:
        await _remove(tx, gone)
    if not live:
        return
    known = select(directory.c.id, directory.c.name).where(among(directory.c.id, [user.id for user in live]))
    names = {row.id: row.name for row in await tx.rows(known)}
    await update_all(tx, directory, [to_row(user) for user in live])
    if renamed := [user for user in live if names.get(user.id) != user.name]:
        await tx.run(delete(name_keys).where(among(name_keys.c.user_id, [user.id for user in renamed])))
        await insert_all(tx, name_keys, [row for user in renamed for row in key_rows(user)])


_OPEN_MEMBERSHIP = exists().where(memberships.c.user_id == directory.c.id, memberships.c.ended_on.is_(None))


async def note_contract(tx: SqlTransaction, id: UserId) -> None:
    """Note whether a user has a membership that has not ended."""
    await tx.run(update(directory).where(directory.c.id == id).values(contracted=_OPEN_MEMBERSHIP))


async def drop_contracts(tx: SqlTransaction) -> None:
    """Note who has no such membership any more, after memberships were deleted."""
    await tx.run(update(directory).where(directory.c.contracted, ~_OPEN_MEMBERSHIP).values(contracted=False))


async def _remove(tx: SqlTransaction, ids: Sequence[UserId]) -> None:
    await tx.run(delete(name_keys).where(among(name_keys.c.user_id, ids)))
    await tx.run(delete(directory).where(among(directory.c.id, ids)))
    await tx.run(update(directory).where(among(directory.c.consultant_id, ids)).values(consultant_id=None))


def to_line(row: Found) -> DirectoryLine:
    """A row of the directory as a line."""
    # By position, and ids as they are: a page of fifty lines takes half as long.
    one, name, gender, birth_year, role, status, region, consultant_id, submitted_at, seen_at, updated_at = row
    return DirectoryLine(
        one,
        name,
        _GENDERS[gender],
        birth_year,
        _ROLES[role],
        _STATUSES[status],
        region,
        consultant_id,
        None if submitted_at == NEVER else submitted_at,
        seen_at,
        updated_at,
    )


# Calling an enumeration takes ten times as long as a lookup, and a sheet is long.
_ROLES = {each.value: each for each in Role}
_STATUSES = {each.value: each for each in Status}
_GENDERS = {bits: Genders(bits) for bits in (1, 2, 3)}
_FIRST = ("id", "name", "gender", "seeks", "birth_year", "status")
_LAST = ("created_at", "activated_at")
_CONTACTS = ("phone", "email")
_FACTS_BEGIN = len(_FIRST)
_TEXTS_BEGIN = _FACTS_BEGIN + len(CODED)
_TEXTS_END = _TEXTS_BEGIN + len(PROFILE_TEXTS)
_SHEET = select(*(users.c[name] for name in (*_FIRST, *CODED, *PROFILE_TEXTS, *_LAST))).where(LIVE)


def to_sheet_line(row: Found, keyring: Keyring) -> SheetLine:
    """A row of `_SHEET`, with its contacts when they were selected after it."""
    one, name, gender, seeks, birth_year, status = row[:_FACTS_BEGIN]
    created_at, activated_at, *sealed = row[_TEXTS_END:]
    phone, email = sealed or (None, None)
    return SheetLine(
        one,
        name,
        _GENDERS[gender],
        _GENDERS[seeks],
        birth_year,
        _STATUSES[status],
        keyring.open_if(users.c.phone, one, phone),
        keyring.open_if(users.c.email, one, email),
        row[_FACTS_BEGIN:_TEXTS_BEGIN],
        row[_TEXTS_BEGIN:_TEXTS_END],
        created_at,
        activated_at,
    )


ASSIGNED = select(directory.c.id).where(directory.c.consultant_id == bindparam("consultant")).order_by(directory.c.id)


class SqlDirectoryReader:
    """The directory."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def page(
        self,
        wanted: MemberFilter,
        order: MemberOrder = MemberOrder.NEWEST,
        *,
        after: UserId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[DirectoryLine]:
        position = await self._position(order, after)
        if wanted == EVERYBODY:
            query = everybody(order, later=position is not None)
            return [to_line(row) for row in await self.tx.rows(query, limit=limit, **_there(position))]
        common = await self._is_common(wanted.name)
        if next(_searches(wanted, self.tx.keyring, common=common), None) is None:
            found = await self.tx.rows(_page(wanted, order, limit, later=position is not None), **_there(position))
            if len(found) == limit:
                return [to_line(row) for row in found]
        query = self._among_all(wanted, common).where(*_following(directory.c, order, position))
        return [to_line(row) for row in await self.tx.rows(query.order_by(*_order(directory.c, order)).limit(limit))]

    async def ids(self, wanted: MemberFilter) -> Sequence[UserId]:
        query = self._among_all(wanted, await self._is_common(wanted.name))
        found = await self.tx.rows(query.with_only_columns(directory.c.id, maintain_column_froms=True))
        return sorted(UserId(one) for (one,) in found)

    async def lines(self, ids: Collection[UserId]) -> Sequence[DirectoryLine]:
        query = select(*_LINE).where(among(directory.c.id, ids)).order_by(directory.c.id)
        return [to_line(row) for row in await self.tx.rows(query)]

    async def names(self, ids: Collection[UserId]) -> Mapping[UserId, str]:
        query = select(directory.c.id, directory.c.name).where(among(directory.c.id, ids))
        return {UserId(one): name for one, name in await self.tx.rows(query)}

    async def sheet_lines(self, ids: Sequence[UserId], *, contacts: bool) -> Sequence[SheetLine]:
        query = _SHEET.where(among(users.c.id, ids)).order_by(users.c.id)
        if contacts:
            query = query.add_columns(*(users.c[name] for name in _CONTACTS))
        return [to_sheet_line(row, self.tx.keyring) for row in await self.tx.rows(query)]

    async def assigned(self, consultant: UserId) -> Sequence[UserId]:
        return [UserId(row.id) for row in await self.tx.rows(ASSIGNED, consultant=consultant)]

    async def count(self, wanted: MemberFilter) -> int:
        query = self._among_all(wanted, await self._is_common(wanted.name))
        return int(await self.tx.scalar(query.with_only_columns(func.count(), maintain_column_froms=True)))

    async def find(self, id: UserId) -> DirectoryLine | None:
        row = await self.tx.row(select(*_LINE).where(directory.c.id == id))
        return to_line(row) if row else None

    async def _position(self, order: MemberOrder, after: UserId | None) -> Sequence[Any] | None:
        """The place of `after` in the order: the value of its column, and the id."""
        if after is None:
            return None
        row = await self.tx.row(select(_ORDERS[order][0], directory.c.id).where(directory.c.id == after))
        if row is None:
            raise NotFound("user", after)
        return tuple(row)

    async def _is_common(self, name: NameQuery | None) -> bool:
        """Whether more than a few people fit the search by name."""
        if name is None:
            return False
        found = select(name_keys.c.user_id).where(_named(name)).limit(FEW + 1).subquery()
        return int(await self.tx.scalar(select(func.count()).select_from(found))) > FEW

    def _among_all(self, wanted: MemberFilter, common: bool) -> Select[Any]:
        few = (directory.c.id.in_(search) for search in _searches(wanted, self.tx.keyring, common=common))
        return select(*_LINE).where(*few, *_conditions(directory.c, wanted, common=common))


class SqlDirectoryRepository(SqlDirectoryReader):
    """The directory, to be changed."""

    async def assign(self, ids: Collection[UserId], consultant: UserId | None) -> None:
        await self.tx.run(update(directory).where(among(directory.c.id, ids)).values(consultant_id=consultant))

    async def release(self, consultant: UserId) -> None:
        await self.tx.run(update(directory).where(directory.c.consultant_id == consultant).values(consultant_id=None))

    async def mark_due(self, ids: Collection[UserId]) -> None:
        marked = among(directory.c.id, ids)
        await self.tx.run(update(directory).where(directory.c.due, ~marked).values(due=False))
        await self.tx.run(update(directory).where(~directory.c.due, marked).values(due=True))

    async def mark_seen(self, id: UserId, at: datetime) -> None:
        earlier = update(directory).where(directory.c.id == id, directory.c.seen_at < at)
        await self.tx.run(earlier.values(seen_at=at))


def _there(position: Sequence[Any] | None) -> dict[str, Any]:
    return {} if position is None else {_THERE: position[0], _THERE_ID: position[1]}


def _page(wanted: MemberFilter, order: MemberOrder, limit: int, *, later: bool) -> Select[Any]:
    """The first of a window who fit."""
    each = _window(order, later).c
    query = select(*(each[column.name] for column in _LINE)).where(*_conditions(each, wanted, common=True))
    return query.order_by(*_order(each, order)).limit(limit)


@cache
def _window(order: MemberOrder, later: bool) -> Subquery:
    """The first users of an order, or those after a position. Kept: naming its columns takes longer than a page."""
    return _in_order(select(directory), order, later=later).limit(WINDOW).subquery("window")


@cache
def everybody(order: MemberOrder, *, later: bool) -> Select[Any]:
    """A page of an order, of which nobody is left out: as many rows are read as are shown."""
    return _in_order(select(*_LINE), order, later=later).limit(bindparam("limit", type_=Integer()))


def _in_order(query: Select[Any], order: MemberOrder, *, later: bool) -> Select[Any]:
    """The users of an order by its index, or those after a position."""
    position = [bindparam(_THERE, type_=_ORDERS[order][0].type), bindparam(_THERE_ID, type_=directory.c.id.type)]
    after = _following(directory.c, order, position if later else None, indexed=True)
    return query.where(*after).order_by(*_order(directory.c, order, indexed=True))


def _searches(wanted: MemberFilter, keyring: Keyring, *, common: bool) -> Iterator[Select[Any]]:
    """The ids that each search of the filter finds, of those that find few people."""
    if wanted.name is not None and not common:
        yield select(name_keys.c.user_id).where(_named(wanted.name))
    if wanted.whole_name is not None:
        yield select(directory.c.id).where(directory.c.name == wanted.whole_name)
    if wanted.ids is not None:
        yield select(directory.c.id).where(among(directory.c.id, wanted.ids))
    live = select(users.c.id).where(LIVE)
    if wanted.phone is not None:
        yield live.where(users.c.phone_index == keyring.index(users.c.phone, wanted.phone))
    if wanted.last_four is not None:
        yield live.where(users.c.phone_tail_index == phone_tail_index(keyring, wanted.last_four))
    if wanted.email is not None:
        yield live.where(users.c.email_index == keyring.index(users.c.email, wanted.email.casefold()))


def _conditions(c: Any, wanted: MemberFilter, *, common: bool) -> Iterator[ColumnElement[bool]]:
    """What is seen in a row of the directory: of a search by name only if it is `common`."""
    yield from _codes(c, wanted)
    yield from _care(c, wanted)
    yield from _facts(c, wanted)
    yield from _times(c, wanted)
    if common and wanted.name is not None:
        yield from _commonly_named(c, wanted.name)


def _plain(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column, so that no index on it is used: an index would visit the rows one by one."""
    return func.coalesce(column, column, type_=column.type)


def _order_columns(c: Any, order: MemberOrder, *, indexed: bool) -> tuple[ColumnElement[Any], ...]:
    column = c[_ORDERS[order][0].name]
    return (column, c.id) if indexed else (_plain(column), _plain(c.id))


def _order(c: Any, order: MemberOrder, *, indexed: bool = False) -> list[ColumnElement[Any]]:
    descends = _ORDERS[order][1]
    return [each.desc() if descends else each for each in _order_columns(c, order, indexed=indexed)]


def _following(
    c: Any, order: MemberOrder, position: Sequence[Any] | None, *, indexed: bool = False
) -> Iterator[ColumnElement[bool]]:
    """The condition that a row follows a position in the order."""
    if position is None:
        return
    here = tuple_(*_order_columns(c, order, indexed=indexed))
    there = tuple_(*position, types=[_ORDERS[order][0].type, directory.c.id.type])
    yield here < there if _ORDERS[order][1] else here > there


def _named(name: NameQuery) -> ColumnElement[bool]:
    column, prefix = (name_keys.c.initials, name.initials) if name.has_initials else (name_keys.c.text, name.text)
    end = after_prefix(prefix)
    conditions = [column >= prefix, *([] if end is None else [column < end])]
    if name.has_initials:
        # Places in SQL count from 1.
        runs = name.exact_runs()
        conditions += [func.substr(name_keys.c.text, place + 1, len(run)) == run for place, run in runs]
    return and_(*conditions)


def _commonly_named(c: Any, name: NameQuery) -> Iterator[ColumnElement[bool]]:
    parts, prefix = (c.initial_parts, name.initials) if name.has_initials else (c.name_parts, name.text)
    yield position_in(parts, f"\n{prefix}") > 0
    if name.has_initials and any(name.exact_runs()):
        yield exists().where(name_keys.c.user_id == c.id, _named(name))


def _codes(c: Any, wanted: MemberFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.statuses:
        yield c.status.in_(sorted(wanted.statuses))
    if wanted.roles:
        yield c.role.in_(sorted(wanted.roles))
    if wanted.genders is not None:
        yield c.gender.in_([each for each in (1, 2) if each & wanted.genders])
    yield from _born(c, wanted)


def _born(c: Any, wanted: MemberFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.born_from is not None:
        yield _plain(c.birth_year) >= wanted.born_from
    if wanted.born_to is not None:
        yield _plain(c.birth_year) <= wanted.born_to


def _care(c: Any, wanted: MemberFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.membership is not None:
        yield c.contracted.is_(wanted.membership)
    if wanted.due is not None:
        yield c.due.is_(wanted.due)
    if wanted.consultant is not None:
        yield c.consultant_id == wanted.consultant
    if wanted.assigned is not None:
        consultant = _plain(c.consultant_id)
        yield consultant.is_not(None) if wanted.assigned else consultant.is_(None)


def _facts(c: Any, wanted: MemberFilter) -> Iterator[ColumnElement[bool]]:
    for code, accepted in sorted(wanted.facts.items()):
        if CODED[code].kind is Kind.SET:
            yield _shares(c[code], accepted)
        else:
            yield c[code].in_(sorted(accepted))
    if wanted.wishes:
        bits = _bits(wanted.wishes)
        yield c.wished.bitwise_and(bits) == bits
    if wanted.verified:
        bits = _bits(wanted.verified)
        yield c.verified.bitwise_and(bits) == bits


def _shares(column: ColumnElement[int], accepted: Collection[int]) -> ColumnElement[bool]:
    """The condition that a set has one of the accepted values; 0 accepts an unknown set."""
    mask = sum(1 << code - 1 for code in accepted if code)
    unknown = column == 0 if 0 in accepted else false()
    return or_(column.bitwise_and(mask) != 0, unknown)


def _times(c: Any, wanted: MemberFilter) -> Iterator[ColumnElement[bool]]:
    bounds: Mapping[str, tuple[datetime | None, datetime | None]] = {
        "seen_at": (wanted.seen_since, wanted.seen_before),
        "submitted_at": (wanted.submitted_since, wanted.submitted_before),
    }
    for name, (since, before) in bounds.items():
        column = _plain(c[name])
        if since is not None:
            yield and_(column >= since, column < NEVER)
        if before is not None:
            yield column < before
