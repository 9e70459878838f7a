"""Erasure: deletes users from every table with a foreign key to users, found by reflection."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    SmallInteger,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from ygs.adapters.sql.statements.array_parameter import among
from ygs.adapters.sql.statements.transaction import SqlTransaction
from ygs.adapters.sql.tables import metadata
from ygs.adapters.sql.tables.blocks import contact_blocks
from ygs.adapters.sql.tables.deliveries import deliveries
from ygs.adapters.sql.tables.outbox import outbox
from ygs.adapters.sql.tables.read_budgets import read_addresses, read_budgets, read_lifts, read_people
from ygs.adapters.sql.tables.rounds import (
    audit_releases,
    feedback,
    introductions,
    match_weeks,
    met_contacts,
    week_keys,
    week_plans,
    week_snapshots,
)
from ygs.adapters.sql.tables.users import users
from ygs.domain.ids import UserId
from ygs.domain.matching.market import Genders
from ygs.domain.users import Role, Status
from ygs.ports.repositories import MOST_PAGE


class SqlErasureRepository:
    """Erasure of users who left."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def left_before(self, at: datetime, limit: int = MOST_PAGE) -> Sequence[UserId]:
        query = select(users.c.id).where(_left_before(at))
        # Locked: the second of two concurrent purges waits, and finds these users erased.
        rows = await self.tx.rows(self.tx.for_update(query.order_by(users.c.deleted_at, users.c.id).limit(limit)))
        return [UserId(row.id) for row in rows]

    async def count_left_before(self, at: datetime) -> int:
        return int(await self.tx.scalar(select(func.count()).select_from(users).where(_left_before(at))))

    async def erase(self, ids: Sequence[UserId], at: datetime) -> None:
        """Runs a fixed number of statements, however many users there are."""
        left = await self.tx.rows(select(users.c.id).where(among(users.c.id, ids), users.c.deleted_at.is_not(None)))
        user_ids = [row.id for row in left]
        async with self.tx.savepoint():
            # First: a dispatch that runs at the same time has these rows locked, and adds notices and deliveries until
            # it ends.
            await self.tx.run(delete(outbox).where(among(outbox.c.user_id, user_ids)))
            for column in (deliveries.c.user_id, deliveries.c.recipient_id):
                await self.tx.run(delete(deliveries).where(among(column, user_ids)))
            for column in _owner_columns():
                await self.tx.run(delete(column.table).where(among(column, user_ids)))
            await self._remove_answers(user_ids)
            await self._blank(user_ids, at)

    async def _remove_answers(self, user_ids: Sequence[str]) -> None:
        """Delete their side of introductions, and all words about these introductions."""
        await self.tx.run(delete(feedback).where(among(feedback.c.by_user, user_ids)))
        either = or_(among(introductions.c.a, user_ids), among(introductions.c.b, user_ids))
        about = feedback.c.introduction_id.in_(select(introductions.c.id).where(either))
        await self.tx.run(update(feedback).where(about).values(words=None))
        for side in ("a", "b"):
            theirs = update(introductions).where(among(introductions.c[side], user_ids))
            parts = (f"choice_of_{side}", f"answered_at_of_{side}", f"reason_of_{side}")
            await self.tx.run(theirs.values(dict.fromkeys(parts)))
        nothing: Mapping[str, Any] = {"a_to_b": 0, "b_to_a": 0, "mutual": 0, "proof_of_a": [], "proof_of_b": []}
        wordless = {"words_of_a": None, "words_of_b": None}
        await self.tx.run(update(introductions).where(either).values({**nothing, **wordless}))

    async def _blank(self, user_ids: Sequence[str], at: datetime) -> None:
        """Delete the row; where introductions refer to it, clear everything but its id."""
        introduced = exists().where(or_(introductions.c.a == users.c.id, introductions.c.b == users.c.id))
        await self.tx.run(delete(users).where(among(users.c.id, user_ids), ~introduced))
        await self.tx.run(update(users).where(among(users.c.id, user_ids)).values(_blank_row(at)))

    async def forget_inputs(self, before: datetime) -> int:
        old = select(match_weeks.c.id).where(match_weeks.c.created_at < before)
        await self.tx.run(delete(audit_releases).where(audit_releases.c.week_id.in_(old)))
        await self.tx.run(delete(week_keys).where(week_keys.c.id.in_(old)))
        await self.tx.run(delete(week_plans).where(week_plans.c.week_id.in_(old)))
        return await self.tx.run(delete(week_snapshots).where(week_snapshots.c.week_id.in_(old)))


def _left_before(at: datetime) -> ColumnElement[bool]:
    return and_(users.c.deleted_at < at, users.c.erased_at.is_(None))


def _owner_columns() -> Iterator[Column[Any]]:
    """Every column that names the owner of a row. Introductions are handled apart."""
    yield from (contact_blocks.c.asked_by, contact_blocks.c.other, met_contacts.c.one, met_contacts.c.other)
    yield from (read_people.c.user_id, read_people.c.account)
    yield from (table.c.user_id for table in (read_budgets, read_lifts, read_addresses))
    for table in reversed(metadata.sorted_tables):
        for column in table.columns:
            if any(key.column is users.c.id and key.ondelete == "CASCADE" for key in column.foreign_keys):
                yield column


def _blank_row(at: datetime) -> dict[str, Any]:
    """The values of an erased row of `users`."""
    fixed = {
        "gender": int(Genders.FEMALE),
        "seeks": int(Genders.FEMALE | Genders.MALE),
        "role": Role.MEMBER.value,
        "status": Status.WITHDRAWN.value,
        **dict.fromkeys(("created_at", "updated_at", "deleted_at", "erased_at"), at),
    }
    rest = (column for column in users.c if column.name not in fixed and column.name not in ("id", "version"))
    return {**{column.name: _blank_of(column) for column in rest}, **fixed}


def _blank_of(column: Column[Any]) -> Any:
    if column.nullable:
        return None
    return 0 if isinstance(column.type, SmallInteger | Integer | BigInteger) else ""
