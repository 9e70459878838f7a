"""Users: rows to entities and back, and their queries."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, func, or_, select, update

from ygs.adapters.sql.repositories.directory import PHONE_TAIL, add_to_directory, phone_tail_index, update_directory
from ygs.adapters.sql.statements.array_parameter import among
from ygs.adapters.sql.statements.bulk import insert_all, insert_each, lots, update_each
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.optimistic_locking import STALE, require_versions
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.column_types import moment
from ygs.adapters.sql.tables.users import CODED, LIVE, MEMBERS, POSITIONS, WAITING, consents, users, wishes
from ygs.domain.contacts import ContactKind
from ygs.domain.errors import NotFound, StaleWrite
from ygs.domain.ids import UserId
from ygs.domain.matching.attribute import Group
from ygs.domain.matching.market import Genders
from ygs.domain.matching.wishes import Importance, Wish
from ygs.domain.users import PROFILE_TEXTS, Consent, Lifestyle, Profile, Purpose, Role, Status, User
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.users import (
    WISHES_MET_AMONG,
    DuplicateKey,
    MemberGroup,
    Standing,
    WishCounts,
    WishMet,
)

PROFILE = [code for code, attribute in CODED.items() if attribute.group is Group.PROFILE]
LIFESTYLE = [code for code, attribute in CODED.items() if attribute.group is Group.LIFESTYLE]
# Users converted to rows at a time, so that other tasks run in between and a large import is not in memory twice.
LOT = 2_000
ATTRIBUTES = {position: code for code, position in POSITIONS.items()}


def to_row(user: User, keyring: Keyring) -> dict[str, Any]:
    """A user as a row of `users`, version as it is."""
    profile = user.profile
    facts = {**user.profile.facts, **user.lifestyle.facts}
    return {
        "id": user.id,
        "name": user.name,
        "gender": int(user.gender),
        "seeks": int(user.seeks),
        "birth_year": user.birth_year,
        "phone": keyring.seal_if(users.c.phone, user.id, user.phone),
        "phone_index": keyring.index(users.c.phone, user.phone) if user.phone else None,
        "phone_tail_index": phone_tail_index(keyring, user.phone[-PHONE_TAIL:]) if user.phone else None,
        "phone_proven_at": user.phone_proven_at,
        "email": keyring.seal_if(users.c.email, user.id, user.email),
        "email_index": keyring.index(users.c.email, user.email.casefold()) if user.email else None,
        "email_proven_at": user.email_proven_at,
        "role": user.role.value,
        "status": user.status.value,
        "status_reason": user.status_reason,
        **{code: facts.get(code, 0) for code in CODED},
        **{name: getattr(profile, name) for name in PROFILE_TEXTS},
        "verified": sum(1 << POSITIONS[code] for code in profile.verified),
        "capacity": user.capacity,
        "paused_until": user.paused_until,
        "suspended_from": user.suspended_from and user.suspended_from.value,
        "submitted_at": user.submitted_at,
        "activated_at": user.activated_at,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
        "deleted_at": user.deleted_at,
        "version": user.version,
    }


# Calling an enumeration takes ten times as long as a lookup, and lists are long.
ROLES = {each.value: each for each in Role}
STATUSES = {each.value: each for each in Status}
PURPOSES = {each.value: each for each in Purpose}

# The column of each contact, and when it was proven.
_CONTACTS = {
    ContactKind.PHONE: (users.c.phone, users.c.phone_proven_at),
    ContactKind.EMAIL: (users.c.email, users.c.email_proven_at),
}

WISH_COLUMNS = ("attribute", "importance", "low", "high", "accepts")
CONSENT_COLUMNS = ("purpose", "version", "given_at", "withdrawn_at")


def to_user(row: Found, wishes: Mapping[str, Wish], consents: Mapping[Purpose, Consent], keyring: Keyring) -> User:
    """The user that `to_row` wrote."""
    return User(
        id=UserId(row.id),
        name=row.name,
        gender=Genders(row.gender),
        seeks=Genders(row.seeks),
        birth_year=row.birth_year,
        phone=keyring.open_if(users.c.phone, row.id, row.phone),
        phone_proven_at=row.phone_proven_at,
        email=keyring.open_if(users.c.email, row.id, row.email),
        email_proven_at=row.email_proven_at,
        role=ROLES[row.role],
        status=STATUSES[row.status],
        status_reason=row.status_reason,
        profile=_to_profile(row),
        lifestyle=Lifestyle(facts=_facts(row, LIFESTYLE)),
        wishes=wishes,
        consents=consents,
        capacity=row.capacity,
        paused_until=row.paused_until,
        suspended_from=row.suspended_from and STATUSES[row.suspended_from],
        submitted_at=row.submitted_at,
        activated_at=row.activated_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        deleted_at=row.deleted_at,
        version=row.version,
    )


def _to_profile(row: Found) -> Profile:
    return Profile(
        facts=_facts(row, PROFILE),
        verified=_verified(row.verified),
        **{name: getattr(row, name) for name in PROFILE_TEXTS},
    )


@lru_cache(1024)
def _verified(mask: int) -> frozenset[str]:
    return frozenset(code for code, position in POSITIONS.items() if mask >> position & 1)


def _facts(row: Found, codes: Sequence[str]) -> dict[str, int]:
    return {code: value for code in codes if (value := getattr(row, code))}


def wish_rows(user: User) -> list[dict[str, Any]]:
    """A user's wishes as rows."""
    return [
        {
            "user_id": user.id,
            "attribute": POSITIONS[wish.attribute],
            "importance": int(wish.importance),
            "low": wish.low,
            "high": wish.high,
            "accepts": wish.accepts,
        }
        for wish in user.wishes.values()
    ]


def to_wish(attribute: int, importance: int, low: int, high: int, accepts: int) -> Wish:
    """The wish that `wish_rows` wrote, from its `WISH_COLUMNS`."""
    return Wish(attribute=ATTRIBUTES[attribute], importance=Importance(importance), low=low, high=high, accepts=accepts)


def consent_rows(user: User) -> list[dict[str, Any]]:
    """A user's consents as rows."""
    return [
        {
            "user_id": user.id,
            "purpose": consent.purpose.value,
            "version": consent.version,
            "given_at": consent.given_at,
            "withdrawn_at": consent.withdrawn_at,
        }
        for consent in user.consents.values()
    ]


def to_consent(purpose: str, version: str, given_at: datetime | str, withdrawn_at: datetime | str | None) -> Consent:
    """The consent that `consent_rows` wrote, from its `CONSENT_COLUMNS`."""
    return Consent(
        purpose=PURPOSES[purpose],
        version=version,
        given_at=moment(given_at),
        withdrawn_at=moment(withdrawn_at) if withdrawn_at else None,
    )


_STANDING = select(users.c.id, users.c.role, users.c.status).where(LIVE)
_STANDING_OF_ONE = _STANDING.where(users.c.id == bindparam("id"))
_ROLE = select(users.c.role).where(LIVE, users.c.id == bindparam("id"))


class SqlUserReader:
    """Live users. One statement for the users, and one for each of their collections."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def get(self, id: UserId) -> User:
        found = await self._load(users.c.id == id)
        if not found:
            raise NotFound("user", id)
        return found[0]

    async def role(self, id: UserId) -> Role:
        row = await self.tx.row(self.tx.for_update(_ROLE), id=id)
        if row is None:
            raise NotFound("user", id)
        return Role(row.role)

    async def staff(self) -> Sequence[UserId]:
        return await self._not_suspended(users.c.role != Role.MEMBER.value)

    async def administrators(self) -> Sequence[UserId]:
        return await self._not_suspended(users.c.role == Role.ADMIN.value)

    async def _not_suspended(self, role: ColumnElement[bool]) -> Sequence[UserId]:
        found = select(users.c.id).where(LIVE, role, users.c.status != Status.SUSPENDED.value).order_by(users.c.id)
        return [UserId(row.id) for row in await self.tx.rows(found)]

    async def reachable(self, ids: Collection[UserId], kind: ContactKind) -> Collection[UserId]:
        contact, proven_at = _CONTACTS[kind]
        proven = select(users.c.id).where(LIVE, contact.is_not(None), proven_at.is_not(None), among(users.c.id, ids))
        return {UserId(row.id) for row in await self.tx.rows(proven)}

    async def find_by_phone(self, phone: str) -> User | None:
        found = await self._load(users.c.phone_index == self.tx.keyring.index(users.c.phone, phone))
        return found[0] if found else None

    async def by_ids(self, ids: Sequence[UserId]) -> Sequence[User]:
        return await self._load(among(users.c.id, ids))

    async def page(self, *, after: UserId | None = None, limit: int = MOST_PAGE) -> Sequence[User]:
        return await self._load(users.c.id > (after or ""), limit)

    async def with_status(
        self, status: Status, *, after: UserId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[User]:
        return await self._load(and_(users.c.status == status.value, users.c.id > (after or "")), limit)

    async def count_by_status(self) -> Mapping[Status, int]:
        counts = await self.tx.rows(select(users.c.status, func.count()).where(LIVE).group_by(users.c.status))
        return {Status(status): count for status, count in counts}

    async def member_groups(self, since: Sequence[datetime]) -> Sequence[MemberGroup]:
        key = users.c.status, users.c.gender, users.c.birth_year, users.c.region
        joined = [func.count().filter(users.c.created_at >= each) for each in since]
        query = select(*key, func.count(), *joined).where(MEMBERS).group_by(*key).order_by(*key)
        return [
            MemberGroup(STATUSES[status], Genders(gender), birth_year, region, count, tuple(joined_since))
            for status, gender, birth_year, region, count, *joined_since in await self.tx.rows(query)
        ]

    async def waiting_since(self) -> datetime | None:
        earliest: datetime | None = await self.tx.scalar(select(func.min(users.c.updated_at)).where(WAITING))
        return earliest

    async def wish_counts(self, user: User) -> Mapping[str, WishCounts]:
        """Takes 0.1 s for 60,000 active people."""
        wish = wishes.c
        must = func.sum(case((wishes.c.importance == int(Importance.MUST), 1), else_=0))
        query = select(wish.attribute, func.count(), must).join(users, wish.user_id == users.c.id)
        query = query.where(*_could_meet(user), wish.importance >= int(Importance.FAIR)).group_by(wish.attribute)
        return {ATTRIBUTES[attribute]: WishCounts(*counts) for attribute, *counts in await self.tx.rows(query)}

    async def set_wishes_met(self, user: User, *, among: int = WISHES_MET_AMONG) -> Mapping[str, WishMet]:
        wished = [wish for wish in user.wishes.values() if wish.is_for_any]
        if not wished:
            return {}
        held = select(*(users.c[wish.attribute] for wish in wished)).where(*_could_meet(user))
        latest = held.order_by(users.c.id.desc()).limit(among).subquery()
        told_and_met = (each for wish in wished for each in _told_and_met(latest.c[wish.attribute], wish))
        row = await self.tx.row(select(*(func.count(case((condition, 1))) for condition in told_and_met)))
        found = [int(count) for count in row or ()]
        return {wish.attribute: WishMet(*found[2 * at : 2 * at + 2]) for at, wish in enumerate(wished)}

    async def find_duplicates(self, duplicate_key: DuplicateKey) -> Sequence[UserId]:
        """Searches by blind index and by name; gender and birth year are compared here."""
        await self.tx.lock("ygs.users.duplicates")
        phones = {self.tx.keyring.index(users.c.phone, phone) for phone in duplicate_key.phones}
        names = {name for name, _, _ in duplicate_key.people}
        known = users.c.id, users.c.phone_index, users.c.name, users.c.gender, users.c.birth_year
        either = or_(among(users.c.phone_index, sorted(phones)), among(users.c.name, sorted(names)))
        found = await self.tx.rows(select(*known).where(LIVE, either).order_by(users.c.id))
        return [
            UserId(one) for one, phone, *person in found if phone in phones or tuple(person) in duplicate_key.people
        ]

    async def _load(self, condition: ColumnElement[bool], limit: int | None = None) -> list[User]:
        query = select(users).where(LIVE, condition).order_by(users.c.id).limit(limit)
        rows = await self.tx.rows(self.tx.for_update(query))
        if not rows:
            return []
        ids = [row.id for row in rows]
        wished = await self._wishes(ids)
        consented = await self._consents(ids)
        return [to_user(row, wished[row.id], consented[row.id], self.tx.keyring) for row in rows]

    async def _wishes(self, ids: Sequence[str]) -> Mapping[str, dict[str, Wish]]:
        found: dict[str, dict[str, Wish]] = defaultdict(dict)
        query = select(*wishes.c["user_id", *WISH_COLUMNS]).where(_belongs_to(wishes.c.user_id, ids))
        for user_id, *values in await self.tx.rows(query):
            wish = to_wish(*values)
            found[user_id][wish.attribute] = wish
        return found

    async def _consents(self, ids: Sequence[str]) -> Mapping[str, dict[Purpose, Consent]]:
        found: dict[str, dict[Purpose, Consent]] = defaultdict(dict)
        query = select(*consents.c["user_id", *CONSENT_COLUMNS]).where(_belongs_to(consents.c.user_id, ids))
        for user_id, *values in await self.tx.rows(query):
            consent = to_consent(*values)
            found[user_id][consent.purpose] = consent
        return found


def _could_meet(user: User) -> tuple[ColumnElement[bool], ...]:
    """The conditions of being somebody whom this user could be introduced to, by gender and sought gender."""
    sought = users.c.gender.in_(_sharing(user.seeks, 1, 2)), users.c.seeks.in_(_sharing(user.gender, 1, 2, 3))
    return LIVE, users.c.status == Status.ACTIVE.value, *sought, users.c.id != user.id


def _told_and_met(held: ColumnElement[int], wish: Wish) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return held != 0, held.bitwise_and(wish.accepts) != 0


def _sharing(genders: Genders, *stored: int) -> list[int]:
    """The condition that a column of genders shares one with `genders`."""
    return [each for each in stored if each & genders]


def _belongs_to(column: ColumnElement[str], ids: Sequence[str]) -> ColumnElement[bool]:
    return column == ids[0] if len(ids) == 1 else among(column, ids)


class SqlUserRepository(SqlUserReader):
    """Users, to be changed. Saving a user replaces the rows of its collections."""

    async def add(self, user: User) -> None:
        await self.add_all([user])

    async def add_all(self, users_: Sequence[User]) -> None:
        async with self.tx.savepoint():
            for lot in lots(users_, LOT):
                new = [replace(user, version=user.version + 1) for user in lot]
                await insert_each(self.tx, users, new, partial(to_row, keyring=self.tx.keyring))
                await self._insert_collections(new)
                await add_to_directory(self.tx, new)

    async def save(self, user: User) -> User:
        saved = replace(user, version=user.version + 1)
        async with self.tx.savepoint():
            query = update(users).where(users.c.id == user.id, users.c.version == user.version)
            if not await self.tx.run(query.values(to_row(saved, self.tx.keyring))):
                raise StaleWrite(STALE)
            await self._replace_collections([saved])
            await update_directory(self.tx, [saved])
        return saved

    async def save_all(self, users_: Sequence[User]) -> None:
        await require_versions(self.tx, users, {user.id: user.version for user in users_})
        async with self.tx.savepoint():
            for lot in lots(users_, LOT):
                saved = [replace(user, version=user.version + 1) for user in lot]
                await update_each(self.tx, users, saved, partial(to_row, keyring=self.tx.keyring))
                await self._replace_collections(saved)
                await update_directory(self.tx, saved)

    async def standings(self, ids: Collection[UserId], *, shared: bool = False) -> Mapping[UserId, Standing]:
        lock = self.tx.for_share if shared else self.tx.for_update
        if len(ids) == 1:  # as nearly always: a constant, which SQLAlchemy need not examine again
            rows = await self.tx.rows(lock(_STANDING_OF_ONE), id=next(iter(ids)))
        else:
            rows = await self.tx.rows(lock(_STANDING.where(among(users.c.id, ids)).order_by(users.c.id)))
        return {UserId(row.id): Standing(ROLES[row.role], STATUSES[row.status]) for row in rows}

    async def lock_administrators(self) -> None:
        await self.tx.lock("ygs.users.administrators")

    async def _replace_collections(self, saved: Sequence[User]) -> None:
        ids = [user.id for user in saved]
        for table in (wishes, consents):
            await self.tx.run(delete(table).where(_belongs_to(table.c.user_id, ids)))
        await self._insert_collections(saved)

    async def _insert_collections(self, saved: Sequence[User]) -> None:
        await insert_all(self.tx, wishes, [row for user in saved for row in wish_rows(user)])
        await insert_all(self.tx, consents, [row for user in saved for row in consent_rows(user)])
