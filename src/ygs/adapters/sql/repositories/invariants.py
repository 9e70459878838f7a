"""The checks of invariants in SQL."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    true,
    union,
    union_all,
)

from ygs.adapters.sql.repositories.contacts import holders
from ygs.adapters.sql.repositories.directory import NEVER
from ygs.adapters.sql.repositories.introductions import MET_BY_CONTACT
from ygs.adapters.sql.statements.encryption import VERSION_BYTES, Keyring, sealed_name, sealed_with
from ygs.adapters.sql.statements.transaction import Query, SqlTransaction
from ygs.adapters.sql.tables import sealed_columns
from ygs.adapters.sql.tables.column_types import Moment
from ygs.adapters.sql.tables.directory import directory
from ygs.adapters.sql.tables.rounds import introductions, match_weeks, met_contacts, participants
from ygs.adapters.sql.tables.users import CODED, LIVE, users
from ygs.domain.match_weeks import WeekState
from ygs.ports.repositories.invariants import Violation


class SqlInvariantReader:
    """The invariants that the database can check; every check is one statement."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def violations(self) -> AsyncIterator[Violation]:
        await self.tx.long_timeout()
        for invariant, explanation, query in _CHECKS:
            for ids in await self.tx.rows(query):
                yield Violation(invariant, tuple(map(str, ids)), explanation)
        for column in sealed_columns():
            for version, count in await self.tx.rows(_sealed_by_others(column, self.tx.keyring)):
                needed = int.from_bytes(version, "big")
                explanation = f"{count} values need key version {needed}: put it back in YGS_SEALING_KEYS"
                yield Violation("sealed_values_have_their_key", (sealed_name(column),), explanation)


def _introduced_twice() -> Query:
    in_order = introductions.c.a < introductions.c.b
    one: ColumnElement[Any] = case((in_order, introductions.c.a), else_=introductions.c.b)
    other: ColumnElement[Any] = case((in_order, introductions.c.b), else_=introductions.c.a)
    return select(one, other).group_by(one, other).having(func.count() > 1).order_by(one, other)


def _introduced_again() -> CompoundSelect[Any]:
    """Introductions of two who had been introduced before one of them left and came back."""
    known = holders(true())
    one = known.alias("one")
    other = known.alias("another")
    a = users.alias("user_a")
    b = users.alias("user_b")
    parted = met_contacts.c.parted_at
    pairs = (
        select(introductions.c.a, introductions.c.b)
        .join_from(met_contacts, one, one.c.known == first)
        .join(other, other.c.known == second)
        .join(introductions, and_(introductions.c.a == one.c.user_id, introductions.c.b == other.c.user_id))
        .join(a, a.c.id == introductions.c.a)
        .join(b, b.c.id == introductions.c.b)
        .where(introductions.c.created_at > parted, or_(a.c.created_at > parted, b.c.created_at > parted))
        for first, second in (MET_BY_CONTACT, MET_BY_CONTACT[::-1])
    )
    return union(*pairs).order_by("a", "b")


def _without_slots() -> Query:
    """Sides of introductions counted against the participant rows that hold them, week by week."""
    sides = union_all(
        select(introductions.c.week_id, introductions.c.a.label("user_id"), introductions.c.id),
        select(introductions.c.week_id, introductions.c.b, introductions.c.id),
    ).subquery()
    slot = participants.c
    held = (slot.introduction_id == sides.c.id) & (slot.week_id == sides.c.week_id) & (slot.user_id == sides.c.user_id)
    counted = select(sides.c.week_id, sides.c.user_id).outerjoin(participants, held)
    grouped = counted.group_by(sides.c.week_id, sides.c.user_id).order_by(sides.c.week_id, sides.c.user_id)
    return grouped.having(func.count() != func.count(slot.slot))


def _slots_beyond() -> Query:
    """Slots beyond a person's capacity. The table's constraints forbid them; they come from changes outside ygs."""
    slot = participants.c
    return select(slot.week_id, slot.user_id).where(slot.slot > slot.capacity).order_by(slot.week_id, slot.user_id)


def _published_without() -> Query:
    """Published weeks without a time of publication. A week without introductions has no rows, and that is right."""
    published = match_weeks.c.state.in_([WeekState.PUBLISHED.value, WeekState.CLOSED.value])
    return select(match_weeks.c.id).where(published, match_weeks.c.published_at.is_(None)).order_by(match_weeks.c.id)


def _unknown_ends() -> Query:
    known_users = select(users.c.id)
    known_weeks = select(match_weeks.c.id)
    unknown = or_(
        introductions.c.a.not_in(known_users),
        introductions.c.b.not_in(known_users),
        introductions.c.week_id.not_in(known_weeks),
    )
    return select(introductions.c.id).where(unknown).order_by(introductions.c.id)


def _bad_versions() -> Query:
    each = [select(table.c.id.label("id")).where(table.c.version < 1) for table in (users, match_weeks, introductions)]
    below = union_all(*each).subquery()
    return select(below.c.id).order_by(below.c.id)


def _sealed_by_others(column: Column[bytes], keyring: Keyring) -> Query:
    """Key versions that are missing from the keyring, each with the number of values it sealed."""
    version = sealed_with(column)
    known = [each.to_bytes(VERSION_BYTES, "big") for each in keyring.keys]
    others = select(version, func.count()).where(column.is_not(None), version.not_in(known))
    return others.group_by(version).order_by(version)


def _not_in_directory() -> Query:
    """Live users without a row of the directory, and rows of users who left."""
    listed = users.outerjoin(directory, directory.c.id == users.c.id)
    missing = select(users.c.id.label("id")).select_from(listed).where(LIVE, directory.c.id.is_(None))
    both = directory.join(users, users.c.id == directory.c.id)
    left = select(directory.c.id.label("id")).select_from(both).where(users.c.deleted_at.is_not(None))
    gone = union_all(missing, left).subquery()
    return select(gone.c.id).order_by(gone.c.id)


def _differing_in_directory() -> Query:
    """Live users of whom the directory's copy differs."""
    copied = ("status", "role", "gender", "birth_year", "name", "verified", "updated_at", *CODED)
    submitted = func.coalesce(users.c.submitted_at, literal(NEVER, Moment()))
    differs = or_(directory.c.submitted_at != submitted, *(directory.c[each] != users.c[each] for each in copied))
    both = users.join(directory, directory.c.id == users.c.id)
    return select(users.c.id).select_from(both).where(LIVE, differs).order_by(users.c.id)


_CHECKS = (
    ("pairs_are_introduced_once", "introduced more than once", _introduced_twice()),
    ("pairs_are_introduced_once", "introduced again after one of them came back", _introduced_again()),
    ("people_have_a_slot_per_introduction", "more introductions than slots, or the other way", _without_slots()),
    ("people_have_a_slot_per_introduction", "a slot beyond the person's capacity", _slots_beyond()),
    ("introductions_join_known_people_in_a_known_week", "a user or the week is unknown", _unknown_ends()),
    ("published_weeks_say_when", "published, and nobody knows when", _published_without()),
    ("the_directory_copies_users", "missing, or still there after they left", _not_in_directory()),
    ("the_directory_copies_users", "what is listed differs from the user", _differing_in_directory()),
    ("versions_begin_at_one", "a version below 1", _bad_versions()),
)
