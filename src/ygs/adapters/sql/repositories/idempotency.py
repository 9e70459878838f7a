"""Idempotency records: replies to repeated requests, under the clients' keys."""

from datetime import datetime

from sqlalchemy import delete, select, update

from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.transaction import SqlTransaction
from ygs.adapters.sql.tables.audit import idempotency_records
from ygs.domain.idempotency import IdempotencyRecord, Reply


class SqlIdempotencyRepository:
    """Idempotency records, by actor and key."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def find(self, actor: str, key: str) -> IdempotencyRecord | None:
        row = await self.tx.row(
            self.tx.for_update(select(idempotency_records).where(idempotency_records.c.id == _id(actor, key)))
        )
        if row is None:
            return None
        body = self.tx.keyring.open_if(idempotency_records.c.body, row.id, row.body)
        reply = Reply(row.status, bytes.fromhex(body or "")) if row.status is not None else None
        return IdempotencyRecord(actor=actor, key=key, digest=row.digest, started_at=row.started_at, reply=reply)

    async def add(self, record: IdempotencyRecord) -> None:
        row = {"id": _id(record.actor, record.key), "digest": record.digest, "started_at": record.started_at}
        async with self.tx.savepoint():
            await insert_all(self.tx, idempotency_records, [row])

    async def save(self, record: IdempotencyRecord) -> None:
        record_id = _id(record.actor, record.key)
        reply = record.reply
        body = self.tx.keyring.seal_if(idempotency_records.c.body, record_id, reply.body.hex()) if reply else None
        values = {"status": reply.status if reply else None, "body": body}
        await self.tx.run(update(idempotency_records).where(idempotency_records.c.id == record_id).values(values))

    async def remove(self, actor: str, key: str) -> None:
        await self.tx.run(delete(idempotency_records).where(idempotency_records.c.id == _id(actor, key)))

    async def purge(self, before: datetime) -> int:
        return await self.tx.run(delete(idempotency_records).where(idempotency_records.c.started_at < before))


def _id(actor: str, key: str) -> str:
    return f"{actor} {key}"
