"""Advice: rows to answers and back, and their queries."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, or_, select, text

from ygs.adapters.sql.statements.array_parameter import among
from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.advice import advice_usage, pair_advice
from ygs.domain.advice import AdviceUsage, PairAdvice
from ygs.domain.ids import UserId, WeekId

_COUNTS = ("calls", "input_tokens", "output_tokens", "answered", "refused")
_ADD_USAGE = text(
    "INSERT INTO advice_usage (week_id, calls, input_tokens, output_tokens, answered, refused)"
    " VALUES (:week_id, :calls, :input_tokens, :output_tokens, :answered, :refused)"
    " ON CONFLICT (week_id) DO UPDATE SET calls = advice_usage.calls + excluded.calls,"
    " input_tokens = advice_usage.input_tokens + excluded.input_tokens,"
    " output_tokens = advice_usage.output_tokens + excluded.output_tokens,"
    " answered = advice_usage.answered + excluded.answered, refused = advice_usage.refused + excluded.refused"
)


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
        row = await self.tx.row(select(advice_usage).where(advice_usage.c.week_id == week))
        return AdviceUsage(**{name: getattr(row, name) for name in _COUNTS}) if row else AdviceUsage()


class SqlAdviceRepository(SqlAdviceReader):
    """Advice, to be stored."""

    async def add(self, week: WeekId, answers: Collection[PairAdvice], usage: AdviceUsage) -> None:
        counts = {name: getattr(usage, name) for name in _COUNTS}
        async with self.tx.savepoint():
            await insert_all(self.tx, pair_advice, [to_row(each, self.tx.keyring) for each in answers], skip_known=True)
            await self.tx.run(_ADD_USAGE.bindparams(week_id=week, **counts))

    async def forget(self, person: UserId) -> None:
        await self.tx.run(delete(pair_advice).where(or_(pair_advice.c.a == person, pair_advice.c.b == person)))

    async def purge(self, before: datetime) -> int:
        return await self.tx.run(delete(pair_advice).where(pair_advice.c.created_at < before))
