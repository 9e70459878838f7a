"""The invariants, looked over in SQL."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, or_, select, union_all

from ygs.adapters.sql.tables.rounds import introductions, match_weeks, participants
from ygs.adapters.sql.tables.users import users
from ygs.adapters.sql.transaction import Query, Transaction
from ygs.ports.storage import Breach


class SqlChecks:
    """What the store itself can look over; every check is one statement."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx

    async def breaches(self) -> AsyncIterator[Breach]:
        """Each with the ids concerned."""
        await self.tx.patient()
        for invariant, explanation, query in _CHECKS:
            for ids in await self.tx.rows(query):
                yield Breach(invariant, tuple(map(str, ids)), explanation)


def _introduced_twice() -> Query:
    in_order = introductions.c.a < introductions.c.b
    one: ColumnElement[Any] = case((in_order, introductions.c.a), else_=introductions.c.b)
    other: ColumnElement[Any] = case((in_order, introductions.c.b), else_=introductions.c.a)
    return select(one, other).group_by(one, other).having(func.count() > 1).order_by(one, other)


def _beyond_slots() -> Query:
    """By the introductions themselves, so that a missing participant row hides nobody."""
    sides = union_all(
        select(introductions.c.week_id, introductions.c.a.label("user_id")),
        select(introductions.c.week_id, introductions.c.b),
    ).subquery()
    most = select(participants.c.week_id, participants.c.user_id, func.max(participants.c.capacity).label("capacity"))
    allowed = most.group_by(participants.c.week_id, participants.c.user_id).subquery()
    same = (allowed.c.week_id == sides.c.week_id) & (allowed.c.user_id == sides.c.user_id)
    counted = select(sides.c.week_id, sides.c.user_id).outerjoin(allowed, same)
    grouped = counted.group_by(sides.c.week_id, sides.c.user_id)
    return grouped.having(func.count() > func.coalesce(func.max(allowed.c.capacity), 1)).order_by(
        sides.c.week_id, sides.c.user_id
    )


def _unknown_ends() -> Query:
    known_users, known_weeks = select(users.c.id), select(match_weeks.c.id)
    unknown = or_(
        introductions.c.a.not_in(known_users),
        introductions.c.b.not_in(known_users),
        introductions.c.week_id.not_in(known_weeks),
    )
    return select(introductions.c.id).where(unknown).order_by(introductions.c.id)


def _without_seats() -> Query:
    """Each introduction has one participant row per side, in its own week."""
    ours = (participants.c.introduction_id == introductions.c.id) & (participants.c.week_id == introductions.c.week_id)
    sides = participants.c.user_id.in_([introductions.c.a, introductions.c.b])
    rows = select(func.count()).where(ours, sides).correlate(introductions).scalar_subquery()
    return select(introductions.c.week_id, introductions.c.id).where(rows != literal(2)).order_by(introductions.c.id)


def _bad_versions() -> Query:
    each = [select(table.c.id.label("id")).where(table.c.version < 1) for table in (users, match_weeks, introductions)]
    below = union_all(*each).subquery()
    return select(below.c.id).order_by(below.c.id)


_CHECKS = (
    ("pair_once", "introduced to each other more than once", _introduced_twice()),
    ("capacity", "in more introductions of the week than their capacity", _beyond_slots()),
    ("known", "joins a user or a week that is not stored", _unknown_ends()),
    ("participants", "without one participant row for each side", _without_seats()),
    ("version", "stored with a version below 1", _bad_versions()),
)
