"""Advice and drafts: rows to answers and back, and their queries."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, TextClause, and_, bindparam, delete, or_, select, text

from ygs.adapters.sql.statements.array_parameter import among
from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.advice import advice_usage, draft_usage, drafts, pair_advice
from ygs.domain.advice import AdviceUsage, Draft, PairAdvice
from ygs.domain.ids import UserId, WeekId

_COUNTS = ("calls", "input_tokens", "output_tokens", "answered", "refused")


def _adding(table: str, key: str) -> TextClause:
    """Add counts to the row of a key, and return the row."""
    columns = ", ".join(_COUNTS)
    values = ", ".join(f":{each}" for each in _COUNTS)
    added = ", ".join(f"{each} = {table}.{each} + excluded.{each}" for each in _COUNTS)
    return text(
        f"INSERT INTO {table} ({key}, {columns}) VALUES (:{key}, {values})"  # noqa: S608 - names of ours
        f" ON CONFLICT ({key}) DO UPDATE SET {added} RETURNING {columns}"
    )


_ADD_USAGE = _adding("advice_usage", "week_id")
_ADD_DRAFTING = _adding("draft_usage", "day").bindparams(bindparam("day", type_=Date))


def to_row(answer: PairAdvice, keyring: Keyring) -> dict[str, Any]:
    """An answer as a row of `pair_advice`."""
    return {
        "id": answer.content_hash,
        "a": answer.a,
        "b": answer.b,
        "strength": answer.strength,
        "reason": keyring.seal(pair_advice.c.reason, answer.content_hash, answer.reason),
        "created_at": answer.created_at,
    }


def to_answer(row: Found, keyring: Keyring) -> PairAdvice:
    """The answer that `to_row` wrote."""
    return PairAdvice(
        content_hash=row.id,
        a=UserId(row.a),
        b=UserId(row.b),
        strength=row.strength,
        reason=keyring.open(pair_advice.c.reason, row.id, row.reason),
        created_at=row.created_at,
    )


def draft_to_row(draft: Draft, keyring: Keyring) -> dict[str, Any]:
    """A draft as a row of `drafts`."""
    return {
        "id": draft.content_hash,
        "user_id": draft.about,
        "other": draft.other,
        "text": keyring.seal(drafts.c.text, draft.content_hash, draft.text),
        "created_at": draft.created_at,
    }


def to_draft(row: Found, keyring: Keyring) -> Draft:
    """The draft that `draft_to_row` wrote."""
    return Draft(
        content_hash=row.id,
        text=keyring.open(drafts.c.text, row.id, row.text),
        created_at=row.created_at,
        about=UserId(row.user_id) if row.user_id else None,
        other=UserId(row.other) if row.other else None,
    )


class SqlAdviceReader:
    """Advice, to be read."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def answers(self, hashes: Collection[str]) -> Sequence[PairAdvice]:
        query = select(pair_advice).where(among(pair_advice.c.id, list(hashes)))
        return [to_answer(row, self.tx.keyring) for row in await self.tx.rows(query.order_by(pair_advice.c.id))]

    async def among(self, people: Collection[UserId]) -> Sequence[PairAdvice]:
        ids = list(people)
        query = select(pair_advice).where(and_(among(pair_advice.c.a, ids), among(pair_advice.c.b, ids)))
        rows = await self.tx.rows(query.order_by(pair_advice.c.created_at.desc(), pair_advice.c.id))
        return [to_answer(row, self.tx.keyring) for row in rows]

    async def usage(self, week: WeekId) -> AdviceUsage:
        return _usage(await self.tx.row(select(advice_usage).where(advice_usage.c.week_id == week)))

    async def find_draft(self, content_hash: str) -> Draft | None:
        row = await self.tx.row(select(drafts).where(drafts.c.id == content_hash))
        return to_draft(row, self.tx.keyring) if row else None

    async def drafting(self, day: date) -> AdviceUsage:
        return _usage(await self.tx.row(select(draft_usage).where(draft_usage.c.day == day)))


class SqlAdviceRepository(SqlAdviceReader):
    """Advice, to be stored."""

    async def add(self, week: WeekId, answers: Collection[PairAdvice], usage: AdviceUsage) -> None:
        async with self.tx.savepoint():
            await insert_all(self.tx, pair_advice, [to_row(each, self.tx.keyring) for each in answers], skip_known=True)
            await self.tx.row(_ADD_USAGE.bindparams(week_id=week, **_counts(usage)))

    async def add_draft(self, draft: Draft) -> None:
        async with self.tx.savepoint():
            await insert_all(self.tx, drafts, [draft_to_row(draft, self.tx.keyring)], skip_known=True)

    async def count_drafting(self, day: date, usage: AdviceUsage) -> AdviceUsage:
        return _usage(await self.tx.row(_ADD_DRAFTING.bindparams(day=day, **_counts(usage))))

    async def forget(self, person: UserId) -> None:
        await self.tx.run(delete(pair_advice).where(or_(pair_advice.c.a == person, pair_advice.c.b == person)))
        await self.tx.run(delete(drafts).where(or_(drafts.c.user_id == person, drafts.c.other == person)))

    async def purge(self, before: datetime) -> int:
        answers = await self.tx.run(delete(pair_advice).where(pair_advice.c.created_at < before))
        return answers + await self.tx.run(delete(drafts).where(drafts.c.created_at < before))


def _counts(usage: AdviceUsage) -> dict[str, int]:
    return {name: getattr(usage, name) for name in _COUNTS}


def _usage(row: Found | None) -> AdviceUsage:
    return AdviceUsage(**{name: getattr(row, name) for name in _COUNTS}) if row else AdviceUsage()
